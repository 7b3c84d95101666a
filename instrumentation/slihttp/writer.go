package slihttp

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// sniffLength is how much of a body net/http reads before it may let the kernel send the rest of a
// file. That much goes through Write here, to see the first byte.
const sniffLength = 512

// Unwrap lets [http.ResponseController] reach deadlines and full duplex.
func (x *request) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *request) WriteHeader(status int) {
	x.ResponseWriter.WriteHeader(status)
	if x.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		x.status = status
	}
}

func (x *request) Write(p []byte) (int, error) {
	x.begin()
	n, err := x.ResponseWriter.Write(p)
	x.wrote(int64(n), err)
	return n, err
}

// WriteString and ReadFrom exist whether or not the inner writer has them: to the caller they are
// other ways to Write.

func (x *request) WriteString(s string) (int, error) {
	x.begin()
	n, err := io.WriteString(x.ResponseWriter, s)
	x.wrote(int64(n), err)
	return n, err
}

func (x *request) ReadFrom(src io.Reader) (n int64, err error) {
	if !x.begun { // src may keep us waiting for its first byte
		n, err = io.CopyN(writerOnly{x}, src, sniffLength)
		if err == io.EOF { //nolint:errorlint // io.Reader returns it as it is
			return n, nil
		}
		if err != nil {
			x.wrote(0, err)
			return n, err
		}
	}
	rest, err := copyTo(x.ResponseWriter, src)
	x.wrote(rest, err)
	return n + rest, err
}

// copyTo passes src on unchanged, so that the kernel can send a file or part of one.
func copyTo(w io.Writer, src io.Reader) (int64, error) {
	if rf, ok := w.(io.ReaderFrom); ok {
		return rf.ReadFrom(src)
	}
	return io.Copy(writerOnly{w}, src)
}

// writerOnly hides the ReadFrom of a writer from [io.Copy].
type writerOnly struct{ io.Writer }

// begin records that the response begins, with status 200 if no other was set.
func (x *request) begin() {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	if x.begun {
		return
	}
	x.begun = true
	if x.timed {
		x.firstByte = max(x.start.elapsed(), 1)
	}
}

func (x *request) wrote(n int64, err error) {
	x.bytes += n
	if x.err == nil {
		x.err = err
	}
}

// FlushError is called by [http.ResponseController.Flush]. Flush is the same without the error,
// which tells a deadline of the service from a client that went away.
func (x *request) FlushError() error {
	status, begun, firstByte := x.status, x.begun, x.firstByte
	x.begin()
	err := http.NewResponseController(x.ResponseWriter).Flush()
	if errors.Is(err, http.ErrNotSupported) { // so nothing has begun
		x.status, x.begun, x.firstByte = status, begun, firstByte
		return err
	}
	x.wrote(0, err)
	return err
}

// The methods below exist only in some shapes: if the inner writer, or one that it unwraps to, has
// them.

func (x *request) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(x.ResponseWriter).Hijack()
	if err == nil {
		x.hijacked, x.begun = true, true
		x.firstByte = max(x.start.elapsed(), 1)
		x.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

func (x *request) push(target string, opts *http.PushOptions) error {
	return x.ResponseWriter.(http.Pusher).Push(target, opts)
}

func (x *request) closeNotify() <-chan bool {
	return x.ResponseWriter.(http.CloseNotifier).CloseNotify() //nolint:staticcheck // deprecated, but still asked for
}
