package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tapVariable makes this program a tap: its value is the address, the file, the idle limit and
// whether it replies.
const tapVariable = "OTELSLI_KILLCOUNT_TAP"

// A tapTarget is a receiver of our own, in a process of its own.
type tapTarget struct {
	process
	file string
}

// newTap makes a tap that closes connections after an idle time, unless that is 0, and answers
// each line by an error if it replies.
func newTap(dir string, idle time.Duration, replies bool) (target, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	t := &tapTarget{file: filepath.Join(dir, "lines")}
	t.process = process{address: address, log: filepath.Join(dir, "log"), command: func() *exec.Cmd {
		cmd := exec.Command(self)
		value := strings.Join([]string{address, t.file, idle.String(), strconv.FormatBool(replies)}, "|")
		cmd.Env = append(os.Environ(), tapVariable+"="+value)
		return cmd
	}}
	return t, nil
}

func (t *tapTarget) listens() string { return t.address }

// settle has nothing to do: what was read is in the file.
func (t *tapTarget) settle() {}

func (t *tapTarget) arrived() (arrivals, error) {
	t.end(os.Interrupt)
	text, err := os.ReadFile(t.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return parseLines(text), nil
}

// parseLines reads what a tap has written.
func parseLines(text []byte) arrivals {
	got := make(arrivals)
	for l := range bytes.Lines(text) {
		fields := strings.Fields(string(l))
		if p, ok := parsePoint(string(l)); ok && len(fields) >= 2 {
			v, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				v = -1
			}
			got[p] = append(got[p], v)
		}
	}
	return got
}

// runTap is the process of a tap.
func runTap(value string) error {
	f := strings.Split(value, "|")
	idle, err := time.ParseDuration(f[2])
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", f[0])
	if err != nil {
		return err
	}
	var mu sync.Mutex
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go tapConnection(c, file, &mu, idle, f[3] == "true")
	}
}

// tapConnection writes every line to the file, by one write each, so that it is there whatever
// happens next. It reads without a buffer of more than a few lines: what is in the process is lost
// with it.
func tapConnection(c net.Conn, file io.Writer, mu *sync.Mutex, idle time.Duration, replies bool) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 256)
	for {
		if idle > 0 {
			_ = c.SetReadDeadline(time.Now().Add(idle))
		}
		l, err := r.ReadBytes('\n')
		if err != nil {
			return // what has no end is no line
		}
		mu.Lock()
		_, err = file.Write(l)
		mu.Unlock()
		if err != nil {
			return
		}
		if replies {
			_, _ = io.WriteString(c, "put: illegal argument: "+string(l))
		}
	}
}
