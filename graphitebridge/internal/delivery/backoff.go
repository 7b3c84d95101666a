package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// try calls attempt for one server after the other until it succeeds, and pauses after each round
// through all of them. It returns the last failure when ctx ends, when no time is left for another
// round, or after the given number of rounds unless that is 0.
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

// tryAll goes through the servers once, starting with the preferred one. It returns the last
// failure. The end of ctx counts as one only if there was none before, because an earlier failure
// says more.
func (c *Client) tryAll(ctx context.Context, attempt func(context.Context) error, last error) error {
	for range c.config.Servers {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		c.link.report(ctx, err)
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			c.link.peers.failed() // even if it used up all the time: the next batch tries another server
		}
		if over(ctx) {
			return cmp.Or(last, err)
		}
		last = err
	}
	return last
}

// over reports whether ctx has ended or its deadline has passed: sockets notice a deadline slightly
// earlier.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// overdue adds to the failure that time ran out, unless it says so.
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

// pause returns how long to wait after a round, with full jitter so that the clients of a server
// that was down do not return all at once. It never takes more than half of the remaining time; ok
// is false if that is less than MinBackoff, which is not worth another round.
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
