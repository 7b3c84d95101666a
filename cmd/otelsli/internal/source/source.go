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
	Stdin   io.Reader     // read for the source "-"
	Timeout time.Duration // limits each Read; 0: no limit
	Dir     string        // base of relative paths and packages; "": the working directory

	// For URLs.
	TokenFile string // file with a bearer token; "": none
	Token     string // bearer token, used if TokenFile is ""
	CAFile    string // PEM file with the CA certificates to trust; "": those of the system

	// Progress is called with what is being done, if it is not nil.
	Progress func(what string)

	// Notice is called with what users of the catalog should know about it, such as what it cannot
	// contain, if it is not nil.
	Notice func(text string)
}

// maxBytes limits the size of a description.
const maxBytes = 64 << 20

// Read reads the catalog from a source. Errors never show the secrets that a URL may contain.
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

// noCatalog returns advice for a URL whose answer is not a catalog, such as that of /metrics.
func noCatalog(from string, data []byte) string {
	if !isURL(from) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return ""
	}
	return ": the answer is not JSON: want only the address, such as http://127.0.0.1:9464, or the URL of " + catalogPath
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
	if file, ok := r.file(from); ok { // it may be a pipe
		return interruptible(ctx, func() ([]byte, error) { return readFile(file) })
	}
	if address.MatchString(from) {
		return nil, fmt.Errorf("has no scheme: want http://%s, or https", redacted(from))
	}
	return r.build(ctx, from)
}

// address matches host:port, optionally with a path: a URL without its scheme.
var address = regexp.MustCompile(`^[^/\\]*:\d+(/.*)?$`)

func (r Reader) tell(what string) {
	if r.Progress != nil {
		r.Progress(what)
	}
}

func isURL(from string) bool {
	return strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")
}

// file reports whether a source is a file: one that exists, or a name that ends in .json.
func (r Reader) file(from string) (path string, ok bool) {
	path = r.path(from)
	info, err := os.Stat(path)
	return path, err == nil && !info.IsDir() || strings.HasSuffix(from, ".json")
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // a file named by the user
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return limited(f)
}

// interruptible returns when read does, or when ctx is done, because a read from a terminal or a pipe may
// block forever. In that case the read is left behind.
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

// ended returns the error for something that the end of ctx cut short.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("interrupted")
	}
	return fmt.Errorf("took too long: %w (see --timeout)", ctx.Err())
}

func limited(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("is larger than %d MiB: want the JSON of Catalog.Describe", maxBytes>>20)
	}
	return data, nil
}
