package delivery

import (
	"context"
	"errors"
	"os"
	"time"
)

// syncLinger is how long Sync reads replies after its half-close: receivers answer within
// milliseconds, and one that keeps its side open must not cost a caller more.
const syncLinger = 100 * time.Millisecond

// A syncSender opens a connection for each batch and is content if it was written in order.
type syncSender struct{ link }

func (s syncSender) send(ctx context.Context, p *parcel) error {
	c, err := s.peers.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	defer c.guard(ctx)()
	if err := s.write(ctx, c, p); err != nil {
		return err
	}
	if err := s.leave(ctx, c); err != nil {
		return err
	}
	s.count.acknowledged(p.traffic())
	return nil
}

// leave half-closes and reads replies for a while. Only a connection that broke is a failure.
func (s syncSender) leave(ctx context.Context, c *conn) error {
	if err := c.finish(ctx, min(syncLinger, s.config.ReadTimeout)); err != nil {
		return err
	}
	<-c.done
	if c.inOrder() || errors.Is(c.end, os.ErrDeadlineExceeded) {
		return nil
	}
	return failure(ctx, FailureRead, "wait for", c.server, c.end)
}

func (syncSender) flush(context.Context) error { return nil }
func (syncSender) drop() int64                 { return 0 }
