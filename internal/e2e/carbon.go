package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// CarbonCache is a running carbon-cache with a store of its own.
type CarbonCache struct {
	*Process
	// Lines is the host:port of its plaintext receiver.
	Lines string

	store       string
	interpreter string // the one that whisper is installed for
}

// Limits are off, each second is kept for an hour, and the names of tagged series can be read from their files.
const carbonConfig = `[cache]
STORAGE_DIR = $DIR
LOCAL_DATA_DIR = $DIR/whisper/
CONF_DIR = $DIR/
LOG_DIR = $DIR/
PID_DIR = $DIR/
DATABASE = whisper
USER =
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = $LINES
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = $PICKLE
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = $QUERY
LOG_UPDATES = False
LOG_CREATES = False
CACHE_WRITE_STRATEGY = naive
WHISPER_SPARSE_CREATE = True
WHISPER_FALLOCATE_CREATE = False
CARBON_METRIC_INTERVAL = 0
ENABLE_TAGS = False
TAG_HASH_FILENAMES = False
`

// StartCarbon starts a carbon-cache and waits until it accepts connections. It takes tagged series too.
func StartCarbon(t testing.TB) *CarbonCache {
	t.Helper()
	binary, dir := Carbon.Binary(t), t.TempDir()
	c := &CarbonCache{Lines: FreeAddr(t), store: filepath.Join(dir, "whisper"), interpreter: whisperInterpreter(t)}
	config := strings.NewReplacer("$DIR", dir,
		"$LINES", port(t, c.Lines), "$PICKLE", port(t, FreeAddr(t)), "$QUERY", port(t, FreeAddr(t))).Replace(carbonConfig)
	for name, text := range map[string]string{
		"carbon.conf":              config,
		"storage-schemas.conf":     "[all]\npattern = .*\nretentions = 1s:1h\n",
		"storage-aggregation.conf": "[default]\npattern = .*\nxFilesFactor = 0\naggregationMethod = last\n",
	} {
		writeFile(t, filepath.Join(dir, name), []byte(text))
	}
	cmd := exec.Command(binary, "--config="+filepath.Join(dir, "carbon.conf"),
		"--pidfile="+filepath.Join(dir, "pid"), "--debug", "start")
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	c.Process = StartCommand(t, cmd)
	waitReady(t, c.Process, func() error { return probeTCP(c.Lines) })
	return c
}

// A file that is being made cannot be read yet.
const whisperScript = `
import json, os, sys, time, whisper
values = {}
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        path = os.path.join(folder, name)
        try:
            _, points = whisper.fetch(path, int(time.time()) - 1800)
        except Exception:
            continue
        points = [p for p in points if p is not None]
        if points:
            values[os.path.relpath(path, sys.argv[1])] = points
json.dump(values, sys.stdout)
`

// Values returns the values that whisper has of every series, oldest first, by the name under which the series was
// sent. Carbon writes them with a delay of about a second: wait with [Eventually].
func (c *CarbonCache) Values() (map[string][]float64, error) {
	cmd := exec.Command(c.interpreter, "-c", whisperScript, c.store)
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("read what carbon has stored: %w", err)
	}
	var files map[string][]float64
	if err := json.Unmarshal(output, &files); err != nil {
		return nil, fmt.Errorf("read what carbon has stored: %w", err)
	}
	values := make(map[string][]float64)
	for file, points := range files {
		values[carbonName(file)] = points
	}
	return values, nil
}

// carbonName turns the name of a file back into that of its series.
func carbonName(file string) string {
	file = strings.TrimSuffix(filepath.ToSlash(file), ".wsp")
	if strings.HasPrefix(file, "_tagged/") {
		parts := strings.SplitN(file, "/", 4) // two folders are a hash
		return strings.ReplaceAll(parts[len(parts)-1], "_DOT_", ".")
	}
	return strings.ReplaceAll(file, "/", ".")
}

// whisperInterpreter returns the interpreter that the tools of whisper name in their first line: not every python3
// on PATH has the library.
func whisperInterpreter(t testing.TB) string {
	t.Helper()
	tool, err := exec.LookPath("whisper-fetch")
	if err != nil {
		t.Fatalf("%v; install it with: scripts/install-servers %s", err, Carbon)
	}
	text, err := os.ReadFile(tool)
	if err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(bytes.NewReader(text)).ReadString('\n')
	return strings.TrimSpace(strings.TrimPrefix(line, "#!"))
}

func port(t testing.TB, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
