package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// try calls attempt until it succeeds, for one server after the other, and pauses after each
// round of all of them. It returns the last failure when ctx is over, when no time is left for
// another round, and after so many rounds, where that is not 0.
func (c *Client) try(ctx context.Context, rounds int, attempt func(context.Context) error) error {
	var err error
	for round := 0; ; round++ {
		err = c.tryAll(ctx, attempt, err)
		switch {
		case err == nil:
			return nil
		case over(ctx):
			return overdue(ctx, err)
		case round == rounds-1:
			return err
		}
		pause, ok := c.config.pause(ctx, round)
		if !ok || !sleep(ctx, pause) {
			return overdue(ctx, err)
		}
	}
}

// tryAll goes once through the servers, beginning with the preferred one. It returns the last
// failure; the end of ctx is one only if there was none before, for that one says more.
func (c *Client) tryAll(ctx context.Context, attempt func(context.Context) error, last error) error {
	for range c.config.Servers {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		c.link.report(ctx, err)
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			c.link.peers.failed() // also if it has used up all the time: the next batch tries another
		}
		if over(ctx) {
			return cmp.Or(last, err)
		}
		last = err
	}
	return last
}

// over reports whether ctx has ended, or is about to: sockets see a deadline a moment earlier.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// overdue adds the end of the time to the failure, unless that says it.
func overdue(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if cause == nil {
		cause = context.DeadlineExceeded
	}
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w, after: %w", cause, err)
}

// pause returns how long to wait after a round: full jitter, so that clients of one server that
// was down do not come back together. It never takes more than half of the time that is left; once
// that is less than MinBackoff it is not worth another round.
func (c *Config) pause(ctx context.Context, round int) (d time.Duration, ok bool) {
	ceiling := c.MaxBackoff
	if round < 30 && c.MinBackoff < ceiling>>round {
		ceiling = c.MinBackoff << round
	}
	d = rand.N(ceiling + 1)
	if deadline, bounded := ctx.Deadline(); bounded {
		left := time.Until(deadline) / 2
		if left < c.MinBackoff {
			return 0, false
		}
		d = min(d, left)
	}
	return d, true
}
