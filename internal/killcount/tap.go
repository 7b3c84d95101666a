package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/internal/freeport"
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
	address, err := freeport.Addr()
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

// arrived ends the tap, but not before it has read what the ways, which have ended, sent it: that
// would be a harm of its own.
func (t *tapTarget) arrived() (arrivals, error) {
	err := t.drain()
	t.end(os.Interrupt)
	if err != nil {
		return nil, fmt.Errorf("wait until the tap has read everything: %w", err)
	}
	text, err := os.ReadFile(t.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return parseLines(text), nil
}

// drain returns once the tap has served all connections that were made before. Connections are
// accepted in the order in which they were made, so that this one is the last.
func (t *tapTarget) drain() error {
	c, err := net.DialTimeout("tcp", t.address, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(ending)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, drainLine); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, c)
	return err
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

// drainLine asks a tap to close the connection when all others have ended.
const drainLine = "drain\n"

// A tapServer writes the lines that it reads to a file.
type tapServer struct {
	file    *os.File
	idle    time.Duration // after which it closes a connection, unless it is 0
	replies bool          // by an error to each line
	open    sync.WaitGroup
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
	t := &tapServer{file: file, idle: idle, replies: f[3] == "true"}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		t.open.Add(1)
		go t.serve(c)
	}
}

func (t *tapServer) serve(c net.Conn) {
	defer c.Close()
	drain := t.read(c)
	t.open.Done()
	if drain {
		t.open.Wait()
	}
}

// read writes every line to the file, by one write each, so that it is there whatever happens
// next, until the connection ends or asks to be closed last. It reads without a buffer of more than
// a few lines: what is in the process is lost with it.
func (t *tapServer) read(c net.Conn) (drain bool) {
	r := bufio.NewReaderSize(c, 256)
	for {
		if t.idle > 0 {
			_ = c.SetReadDeadline(time.Now().Add(t.idle))
		}
		l, err := r.ReadBytes('\n')
		if err != nil {
			return false // what has no end is no line
		}
		if string(l) == drainLine {
			return true
		}
		// One write to a file that is open for appending is whole, also beside others.
		if _, err := t.file.Write(l); err != nil {
			return false
		}
		if t.replies {
			_, _ = io.WriteString(c, "put: illegal argument: "+string(l))
		}
	}
}
