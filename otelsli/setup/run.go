package setup

import (
	"context"
	"errors"
	"os/signal"
	"syscall"
)

// Run is Start, f and Shutdown, for main. The context of f is cancelled by SIGINT and SIGTERM; f
// then ends what it does and returns. Shutdown follows on a context of its own, bounded by
// [WithShutdownTimeout], also where f panics. A second signal ends the process at once.
//
// It returns the errors of f and of Shutdown, joined. An f that returns nothing but
// [context.Canceled] after its context was cancelled has ended as it should.
func Run(ctx context.Context, f func(context.Context) error, options ...Option) (err error) {
	t, err := Start(ctx, options...)
	if err != nil {
		return err
	}
	running, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop() // after Shutdown, which a first signal is not to cut short
	context.AfterFunc(running, stop)
	defer func() { err = errors.Join(err, t.Shutdown(context.WithoutCancel(ctx))) }()
	err = f(running)
	if running.Err() != nil && onlyCanceled(err) {
		return nil
	}
	return err
}

// onlyCanceled reports whether err says that a context was cancelled, and nothing else.
func onlyCanceled(err error) bool {
	for err != nil {
		switch x := err.(type) { //nolint:errorlint // it walks the tree itself
		case interface{ Unwrap() []error }:
			for _, err := range x.Unwrap() {
				if !onlyCanceled(err) {
					return false
				}
			}
			return true
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		default:
			return err == context.Canceled //nolint:errorlint // a leaf
		}
	}
	return false
}
