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
// It returns the errors of f and of Shutdown, joined. An f that returns [context.Canceled] after
// a signal has ended as it should.
func Run(ctx context.Context, f func(context.Context) error, options ...Option) (err error) {
	t, err := Start(ctx, options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Shutdown(context.WithoutCancel(ctx))) }()
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on signals have their default effect again
	err = f(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}
