package slisdk

import (
	"context"
	"fmt"
	"time"
)

// call runs f in a goroutine of its own and returns its error. It never waits longer than ctx: if
// f has not returned by then it is abandoned, which is an error. So that one that heeds its
// context is never taken for one that does not, f gets a context that ends a little earlier.
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

// early returns a context that leaves a tenth of the time, and no more than a second, to whoever
// waits for what is done with it.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/10, time.Second)))
}

// half returns a context that ends when half of the time is over.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/2))
}

// bounded returns a context that has a deadline: its own, or else one after d.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
