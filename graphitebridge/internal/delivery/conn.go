package delivery

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// chunk bounds a single write, so that a slow but live receiver meets its deadline.
	chunk = 32 << 10
	// explainLimit bounds the wait for the reason of a reset, which has already arrived if it ever
	// will.
	explainLimit = 100 * time.Millisecond
)

// A conn is a connection with the goroutine that reads from it until it ends.
type conn struct {
	server Server
	raw    net.Conn // the TCP connection
	net    net.Conn // raw, or TLS on top of it

	silence atomic.Int64 // time.Duration without replies that ends reading; 0: none

	done chan struct{} // closed when reading has ended
	end  error         // io.EOF, or why reading ended; set before done is closed
}

// newConn takes over an open connection. It calls reply with what the server sends.
func newConn(server Server, raw, secured net.Conn, reply func([]byte)) *conn {
	c := &conn{server: server, raw: raw, net: secured, done: make(chan struct{})}
	go c.read(reply)
	return c
}

func (c *conn) read(reply func([]byte)) {
	defer close(c.done)
	buffer := make([]byte, 16<<10)
	for {
		n, err := c.net.Read(buffer)
		if n > 0 {
			reply(buffer[:n])
			c.readOn()
		}
		if err != nil {
			c.end = err
			return
		}
	}
}

// readOn extends reading by another silence, if silence ends it.
func (c *conn) readOn() {
	if d := time.Duration(c.silence.Load()); d > 0 {
		_ = c.net.SetReadDeadline(time.Now().Add(d)) // fails only on a broken connection
	}
}

// ended reports whether the server has ended the connection in any way.
func (c *conn) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// inOrder reports whether an ended connection ended with the server's end of file.
func (c *conn) inOrder() bool { return errors.Is(c.end, io.EOF) }

// guard closes the connection when ctx ends, which unblocks everything, until stop is called.
func (c *conn) guard(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = c.raw.Close() })
}

// write writes whole lines and returns how many bytes a peer may have received. After an error the
// connection is unusable, and closing it resets it.
func (c *conn) write(ctx context.Context, lines []byte, timeout time.Duration) (n int, err error) {
	c.resetOnClose(true)
	for len(lines) > 0 {
		if c.ended() {
			return n, c.lost(ctx, "write to")
		}
		part := lines[:wholeLines(lines, chunk)]
		if err := c.net.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return n, failure(ctx, FailureWrite, "write to", c.server, err)
		}
		m, err := c.net.Write(part)
		n += m
		if err != nil {
			return n, failure(ctx, FailureWrite, "write to", c.server, c.explain(err))
		}
		lines = lines[len(part):]
	}
	c.resetOnClose(false)
	return n, nil
}

// explain returns what the server said before it reset the connection, if known: under TLS 1.3 a
// server that rejects the client's certificate says so only after the handshake.
func (c *conn) explain(err error) error {
	if classify(FailureWrite, err) != FailureReset {
		return err
	}
	_ = c.net.SetReadDeadline(time.Now().Add(explainLimit))
	<-c.done
	switch kind := classify(FailureRead, c.end); {
	case c.inOrder():
	case kind == FailureRead, kind == FailureReset && errors.Is(err, syscall.ENOTCONN):
		return c.end
	}
	return err
}

// wholeLines returns the length of as many lines as fit into the limit, or of a first line that
// does not fit.
func wholeLines(lines []byte, limit int) int {
	if len(lines) <= limit {
		return len(lines)
	}
	if i := bytes.LastIndexByte(lines[:limit], '\n'); i >= 0 {
		return i + 1
	}
	if i := bytes.IndexByte(lines[limit:], '\n'); i >= 0 {
		return limit + i + 1
	}
	return len(lines)
}

// resetOnClose makes close reset the connection, while a line may be half written, or end it in
// order.
func (c *conn) resetOnClose(on bool) {
	seconds := -1
	if on {
		seconds = 0
	}
	if l, ok := c.raw.(interface{ SetLinger(int) error }); ok {
		_ = l.SetLinger(seconds) // fails only on a broken connection
	}
}

// close closes the connection, in order unless writing was aborted, and waits for the reading
// goroutine. It does not close the TLS connection, which would wait for a writable socket.
func (c *conn) close() {
	_ = c.raw.Close()
	<-c.done
}

// sleep sleeps for d and reports whether ctx let it finish.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
