package sliprom

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A response is buffered until it is complete, so that nothing of a scrape is held while a client
// reads.
type response struct {
	body   buffer
	spare  buffer // for the compressed body
	header http.Header
}

var responses = sync.Pool{New: func() any { return &response{header: make(http.Header)} }}

// newResponse returns a response with room for a body of the given size.
func newResponse(size int) *response {
	r := responses.Get().(*response)
	r.body = r.body[:0]
	if cap(r.body) < size {
		r.body = make(buffer, 0, size+size/16) // at once: growing step by step would take five times the memory
	}
	clear(r.header)
	return r
}

func (r *response) free() { responses.Put(r) }

// compress compresses the body.
func (r *response) compress() {
	r.body, r.spare = appendGzip(r.spare[:0], r.body), r.body
	r.header.Set("Content-Encoding", "gzip")
}

// send writes the response to a client within the timeout. If it returns nil, all of it has left the
// process.
func (r *response) send(w http.ResponseWriter, timeout time.Duration) error {
	control := http.NewResponseController(w)
	if err := supported(control.SetWriteDeadline(time.Now().Add(timeout))); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	if _, err := w.Write(r.body); err != nil {
		return fmt.Errorf("write response: %w", err)
	}
	if err := supported(control.Flush()); err != nil {
		return fmt.Errorf("flush response: %w", err)
	}
	// The next response on this connection may come from another handler, without a deadline.
	return supported(control.SetWriteDeadline(time.Time{}))
}

// supported drops the error of a writer, such as a recorder, that has no connection.
func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
