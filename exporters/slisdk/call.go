package slisdk

import (
	"context"
	"fmt"
	"time"
)

// call runs f in a new goroutine and returns its error. It never waits longer than ctx: if f has
// not returned by then, call abandons it and returns an error. The context passed to f ends a
// little earlier, so that an f that honours its context is never mistaken for one that does not.
func call(ctx context.Context, f func(context.Context) error) error {
	inner, cancel := early(ctx)
	done := make(chan error, 1)
	go func() {
		err := errVanished // unless f returns or panics
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panicked: %v", r)
			}
			cancel()
			done <- err
		}()
		err = f(inner)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	default:
		return fmt.Errorf("%w: %w", errAbandoned, context.Cause(ctx))
	}
}

// early returns a context that ends a little earlier than ctx: it leaves a tenth of the time, at
// most a second, to the caller that waits.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/10, time.Second)))
}

// half returns a context that ends after half of the remaining time.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/2))
}

// bounded returns a context with a deadline: that of ctx, or otherwise one after d.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
