package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Reader reads catalogs.
type Reader struct {
	Stdin   io.Reader
	Timeout time.Duration // for all of one Read; 0: none
	Dir     string        // that paths and packages are relative to; "": the working directory

	// For URLs.
	TokenFile string // holds a bearer token; "": none
	Token     string // a bearer token, where TokenFile is ""
	CAFile    string // certificates in PEM that are trusted; "": those of the system

	// Progress is told what is being done. nil: nobody is.
	Progress func(what string)

	// Notice is told what a reader of the catalog should know of it, such as what it cannot hold.
	// nil: nobody is.
	Notice func(text string)
}

// maxBytes is the largest description that is read.
const maxBytes = 64 << 20

// Read reads the catalog from a source.
func (r Reader) Read(ctx context.Context, from string) (*otelsli.Description, error) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	data, err := r.read(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("source %q: %w", redacted(from), err)
	}
	d, err := otelsli.ParseDescription(data)
	if err != nil {
		return nil, fmt.Errorf("source %q: %w%s", redacted(from), err, noCatalog(from, data))
	}
	return d, nil
}

// noCatalog says what is probably meant by a URL that answers something else, such as /metrics.
func noCatalog(from string, data []byte) string {
	if !isURL(from) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return ""
	}
	return ": it answers no JSON: want the address alone, such as http://127.0.0.1:9464, or that of " + catalogPath
}

func (r Reader) read(ctx context.Context, from string) ([]byte, error) {
	switch {
	case from == "":
		return nil, errors.New(`is empty: want a Go package such as ./cmd/shop, a URL such as http://127.0.0.1:9464, a JSON file, or "-"`)
	case from == "-":
		r.tell("reading standard input")
		return interruptible(ctx, func() ([]byte, error) { return limited(r.Stdin) })
	case isURL(from):
		return r.fetch(ctx, from)
	}
	if file, ok := r.file(from); ok { // which may be a pipe
		return interruptible(ctx, func() ([]byte, error) { return readFile(file) })
	}
	if address.MatchString(from) {
		return nil, fmt.Errorf("has no scheme: want http://%s, or https", redacted(from))
	}
	return r.build(ctx, from)
}

// address is a host with its port, and perhaps a path: a URL without its beginning.
var address = regexp.MustCompile(`^[^/\\]*:\d+(/.*)?$`)

func (r Reader) tell(what string) {
	if r.Progress != nil {
		r.Progress(what)
	}
}

func isURL(from string) bool {
	return strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")
}

// file reports whether a source is a file: one that is there, or a name that can be nothing else.
func (r Reader) file(from string) (path string, ok bool) {
	path = r.path(from)
	info, err := os.Stat(path)
	return path, err == nil && !info.IsDir() || strings.HasSuffix(from, ".json")
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the file that the user names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return limited(f)
}

// interruptible reads, and does not wait for what never comes: a terminal or a pipe may hold a read for
// ever. The read then goes on without us.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := read()
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ended(ctx)
	}
}

// ended is the error of what did not come to its end, by the context that has.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("was interrupted")
	}
	return fmt.Errorf("took too long: %w (see --timeout)", ctx.Err())
}

func limited(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("is longer than %d MiB: want the JSON of Catalog.Describe", maxBytes>>20)
	}
	return data, nil
}
