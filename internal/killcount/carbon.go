package main

import (
	"encoding/binary"
	"io/fs"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const carbonConf = `[cache]
STORAGE_DIR = {dir}
LOCAL_DATA_DIR = {dir}/whisper/
CONF_DIR = {dir}/
LOG_DIR = {dir}/
PID_DIR = {dir}/
DATABASE = whisper
USER =
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {line}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
LOG_UPDATES = False
CACHE_WRITE_STRATEGY = naive
WHISPER_SPARSE_CREATE = True
WHISPER_FALLOCATE_CREATE = False
CARBON_METRIC_INTERVAL = 0
ENABLE_TAGS = False
`

const (
	carbonSchemas     = "[all]\npattern = .*\nretentions = 1s:10m\n"
	carbonAggregation = "[default]\npattern = .*\nxFilesFactor = 0\naggregationMethod = last\n"
)

// A carbonTarget is carbon-cache with a store of its own.
type carbonTarget struct {
	process
	dir string
}

func newCarbon(dir string) (target, error) {
	path, err := exec.LookPath("carbon-cache")
	if err != nil {
		return nil, err
	}
	addresses, err := freeAddresses(3)
	if err != nil {
		return nil, err
	}
	values := []string{"{dir}", dir}
	for i, name := range []string{"{line}", "{pickle}", "{query}"} {
		_, port, _ := net.SplitHostPort(addresses[i])
		values = append(values, name, port)
	}
	for name, text := range map[string]string{
		"carbon.conf":              strings.NewReplacer(values...).Replace(carbonConf),
		"storage-schemas.conf":     carbonSchemas,
		"storage-aggregation.conf": carbonAggregation,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	pid := filepath.Join(dir, "pid")
	return &carbonTarget{dir: dir, process: process{
		address: addresses[0], log: filepath.Join(dir, "log"),
		command: func() *exec.Cmd {
			_ = os.Remove(pid) // left by the one that was killed
			cmd := exec.Command(path, "--config="+filepath.Join(dir, "carbon.conf"), "--pidfile="+pid, "--debug", "start")
			cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			return cmd
		},
	}}, nil
}

func (c *carbonTarget) listens() string { return c.address }

// settle waits until the cache is on disk. Its writer looks for new series once in a second.
func (c *carbonTarget) settle() {
	for last := -1; ; {
		time.Sleep(1300 * time.Millisecond)
		got, err := c.read()
		if err != nil || len(got) == last {
			return
		}
		last = len(got)
	}
}

// arrived waits until the cache is on disk, ends the server and reads the store. A point that arrived twice
// has overwritten itself, so that duplicates cannot be seen.
func (c *carbonTarget) arrived() (arrivals, error) {
	c.settle()
	c.end(syscall.SIGTERM)
	return c.read()
}

func (c *carbonTarget) read() (arrivals, error) {
	got := make(arrivals)
	err := filepath.WalkDir(filepath.Join(c.dir, "whisper"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".wsp" {
			return ignoreMissing(err)
		}
		if p, ok := parsePoint(path); ok {
			if values := whisperValues(path); len(values) > 0 {
				got[p] = values[:1]
			}
		}
		return nil
	})
	return got, err
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// whisperValues reads the values of a whisper file: a header of 16 bytes whose last four are the
// number of archives, 12 bytes for each archive, and points of 12 bytes.
func whisperValues(path string) (values []float64) {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < 28 {
		return nil
	}
	for at := 16 + 12*int(binary.BigEndian.Uint32(data[12:])); at+12 <= len(data); at += 12 {
		if binary.BigEndian.Uint32(data[at:]) != 0 {
			values = append(values, math.Float64frombits(binary.BigEndian.Uint64(data[at+4:])))
		}
	}
	return values
}
