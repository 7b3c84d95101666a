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

// A response is kept until it is complete, so that nothing of a scrape is held while a client reads.
type response struct {
	body   buffer
	spare  buffer // for another one made of it
	header http.Header
}

var responses = sync.Pool{New: func() any { return &response{header: make(http.Header)} }}

// newResponse returns one with room for a body of so many bytes.
func newResponse(size int) *response {
	r := responses.Get().(*response)
	r.body = r.body[:0]
	if cap(r.body) < size {
		r.body = make(buffer, 0, size+size/16) // at once: growing to it would take five times the memory
	}
	clear(r.header)
	return r
}

func (r *response) free() { responses.Put(r) }

// compress makes the body smaller.
func (r *response) compress() {
	r.body, r.spare = appendGzip(r.spare[:0], r.body), r.body
	r.header.Set("Content-Encoding", "gzip")
}

// send writes the response to a client that has so long to take it. Without an error all of it has
// left the process.
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
	// The next response on this connection may be somebody else's, without a deadline.
	return supported(control.SetWriteDeadline(time.Time{}))
}

// supported drops the error of a writer, such as a recorder, that is not a connection.
func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
