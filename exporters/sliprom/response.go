package sliprom

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A response is an [http.ResponseWriter] that keeps everything, so that nothing of a scrape is held
// while a client reads. The encoders write to its buffer without one of their own.
type response struct {
	bytes.Buffer
	header http.Header
	status int
}

var responses = sync.Pool{New: func() any { return &response{} }}

func newResponse() *response {
	r := responses.Get().(*response)
	r.reset()
	return r
}

func (r *response) free() { responses.Put(r) }

func (r *response) reset() {
	r.Reset()
	r.header, r.status = make(http.Header), http.StatusOK
}

// Header implements [http.ResponseWriter].
func (r *response) Header() http.Header { return r.header }

// WriteHeader implements [http.ResponseWriter].
func (r *response) WriteHeader(status int) { r.status = status }

// send writes the response to a client that has so long to take it. Without an error all of it has
// left the process.
func (r *response) send(w http.ResponseWriter, timeout time.Duration) error {
	control := http.NewResponseController(w)
	if err := supported(control.SetWriteDeadline(time.Now().Add(timeout))); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Length", strconv.Itoa(r.Len()))
	w.WriteHeader(r.status)
	if _, err := w.Write(r.Bytes()); err != nil {
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
