package delivery

import (
	"context"
	"errors"
	"os"
	"time"
)

// syncSilence is how long Sync waits for further replies after its half-close before it closes the
// connection: receivers answer within milliseconds, and one that keeps its side open must not cost
// a caller more.
const syncSilence = 100 * time.Millisecond

// A syncSender opens a connection for each batch and is satisfied if it was written in order.
type syncSender struct{ link }

func (s syncSender) send(ctx context.Context, p *parcel) error {
	c, err := s.open(ctx, p)
	if err != nil {
		return err
	}
	defer c.close()
	if err := s.leave(ctx, c, p.begun.Add(SyncLimit)); err != nil {
		return err
	}
	s.count.acknowledged(p.traffic())
	return nil
}

// open connects and writes within the server's share of the limit, so that a hanging server leaves
// time for the next.
func (s syncSender) open(ctx context.Context, p *parcel) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, SyncLimit/time.Duration(len(s.config.Servers)))
	defer cancel()
	c, err := s.peers.connect(ctx)
	if err != nil {
		return nil, err
	}
	stop := c.guard(ctx)
	if err = s.write(ctx, c, p); !stop() && err == nil {
		err = failure(ctx, FailureWrite, "write to", c.server, os.ErrDeadlineExceeded)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// leave half-closes and reads replies until none come for a while: closing earlier would reset a
// receiver that still answers, with lines in its buffers. Only a broken connection is a failure.
func (s syncSender) leave(ctx context.Context, c *conn, limit time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	defer c.guard(ctx)()
	silence := min(syncSilence, s.config.ReadTimeout)
	c.silence.Store(int64(silence))
	if err := c.finish(ctx, silence); err != nil {
		return err
	}
	<-c.done
	if c.inOrder() || errors.Is(c.end, os.ErrDeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	return failure(ctx, FailureRead, "wait for", c.server, c.end)
}

func (syncSender) flush(context.Context) error { return nil }
func (syncSender) drop() int64                 { return 0 }
