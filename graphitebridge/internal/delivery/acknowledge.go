package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settleLimit bounds the wait for TCP's own acknowledgement of the half-close, one round trip, if
// the receiver's end of file has overtaken it.
const settleLimit = time.Second

// halfClose tells the server that no more data comes.
func (c *conn) halfClose() error {
	type halfCloser interface{ CloseWrite() error }
	tcp, ok := c.raw.(halfCloser)
	if !ok {
		return fmt.Errorf("a %T has no CloseWrite: %w", c.raw, errors.ErrUnsupported)
	}
	if secured, ok := c.net.(halfCloser); ok && c.net != c.raw {
		if err := secured.CloseWrite(); err != nil {
			return err
		}
	}
	return tcp.CloseWrite()
}

// acknowledge half-closes and waits until the server has read everything.
func (c *conn) acknowledge(ctx context.Context, timeout time.Duration) error {
	switch {
	case c.ended():
		return c.lost(ctx, "half-close to")
	case peerEnded(c.raw): // the reading goroutine is about to see it
		return failure(ctx, FailureNotAcknowledged, "half-close to", c.server, errEarly)
	}
	if err := c.finish(ctx, timeout); err != nil {
		return err
	}
	<-c.done
	if !c.inOrder() {
		return failure(ctx, FailureRead, "wait for", c.server, c.end)
	}
	return c.settle(ctx)
}

// finish half-closes and bounds the reading after that.
func (c *conn) finish(ctx context.Context, timeout time.Duration) error {
	if err := c.net.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return failure(ctx, FailureRead, "half-close to", c.server, err)
	}
	if err := c.halfClose(); err != nil {
		return failure(ctx, FailureWrite, "half-close to", c.server, c.explain(err))
	}
	return nil
}

// settle waits until the server's kernel has acknowledged everything, including the half-close.
// After the end of file that takes one round trip, unless the server is gone.
func (c *conn) settle(ctx context.Context) error {
	for pause := time.Millisecond; ; pause *= 2 {
		n, _, err := outstanding(c.raw)
		switch {
		case err != nil:
			return failure(ctx, FailureNotAcknowledged, "after the end of file from", c.server, err)
		case n == 0:
			return nil
		case pause > settleLimit/2 || !sleep(ctx, pause):
			return failure(ctx, FailureNotAcknowledged, "after the end of file from", c.server,
				fmt.Errorf("%d bytes have not arrived", n))
		}
	}
}

// lost returns why a connection that the server has ended is unusable.
func (c *conn) lost(ctx context.Context, action string) error {
	if c.inOrder() {
		return failure(ctx, FailureNotAcknowledged, action, c.server, errEarly)
	}
	return failure(ctx, FailureRead, action, c.server, c.end)
}

// readAll reports whether the server has ended the connection in order, after its application had
// read everything. It is false if the send queue is not known.
func (c *conn) readAll() bool {
	if !c.ended() || !c.inOrder() {
		return false
	}
	n, known, err := outstanding(c.raw)
	return known && n == 0 && err == nil
}
