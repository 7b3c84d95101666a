package guard

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lookEvery is the minimum time between two reads of the files.
	lookEvery = time.Second

	// maxFile bounds how much of a file is read, in bytes.
	maxFile = 1 << 20
)

// A watched is a value made from files, and remade when they change. Nothing runs in the
// background: a caller that asks for the value reads the files, at most once a second, while other
// callers use the existing value. Contents are compared, not modification times: files are small,
// and this also detects a change within the same clock tick, of the same size, or behind a
// Kubernetes symlink.
type watched[T any] struct {
	option string
	paths  []string
	parse  func(contents [][]byte) (T, error)
	logger func() *slog.Logger

	value atomic.Pointer[T]
	due   atomic.Pointer[time.Time] // time of the next read

	mu     sync.Mutex // held while reading
	seen   [sha256.Size]byte
	broken bool
}

// watch reads the files for the first time.
func watch[T any](logger func() *slog.Logger, option string, parse func([][]byte) (T, error), paths ...string) (*watched[T], error) {
	w := &watched[T]{option: option, paths: paths, parse: parse, logger: logger}
	contents, err := w.read()
	if err == nil {
		err = w.take(contents)
	}
	if err != nil {
		return nil, problem(option, w.name(), "files that can be used: "+err.Error())
	}
	w.postpone()
	return w, nil
}

func (w *watched[T]) name() string {
	names := make([]string, len(w.paths))
	for i, p := range w.paths {
		names[i] = strconv.Quote(p)
	}
	return strings.Join(names, " and ")
}

// current returns the newest usable value.
func (w *watched[T]) current() T {
	if !time.Now().Before(*w.due.Load()) && w.mu.TryLock() {
		w.look()
		w.mu.Unlock()
	}
	return *w.value.Load()
}

func (w *watched[T]) postpone() {
	next := time.Now().Add(lookEvery)
	w.due.Store(&next)
}

// look takes over the files if they have changed. Unusable files change nothing, and are logged
// once until they are usable again.
func (w *watched[T]) look() {
	defer w.postpone()
	contents, err := w.read()
	if err == nil {
		err = w.take(contents)
	}
	switch {
	case err != nil && !w.broken:
		w.logger().Warn("otelsli: changed files of the metrics endpoint cannot be used, the ones before are",
			"option", w.option, "files", w.paths, "error", err)
	case err == nil && w.broken:
		w.logger().Info("otelsli: files of the metrics endpoint can be used again", "option", w.option, "files", w.paths)
	}
	w.broken = err != nil
}

func (w *watched[T]) read() (contents [][]byte, err error) {
	for _, path := range w.paths {
		content, err := readFile(path)
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (w *watched[T]) take(contents [][]byte) error {
	sum := sha256.New()
	for _, c := range contents {
		fmt.Fprintf(sum, "%d:", len(c))
		_, _ = sum.Write(c) // a hash never fails
	}
	seen := [sha256.Size]byte(sum.Sum(nil))
	if seen == w.seen {
		return nil
	}
	value, err := w.parse(contents)
	if err != nil {
		return err
	}
	w.seen = seen
	w.value.Store(&value)
	return nil
}

// readFile reads a regular file: opening anything else, such as a pipe, could block forever.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: want a regular file of at most %d bytes", path, maxFile)
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
