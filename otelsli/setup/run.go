package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"syscall"
	"time"
)

// ErrNotReturned is returned by [Run] if its function does not return within [WithGracePeriod].
var ErrNotReturned = errors.New("setup: the function of Run has not returned")

// Run calls Start, f and Shutdown, for use in main:
//
//	func main() {
//		if err := setup.Run(context.Background(), serve); err != nil {
//			slog.Error("shop", "error", err)
//			os.Exit(1)
//		}
//	}
//
// SIGINT cancels the context of f, and so does SIGTERM, after [WithTerminationDelay]; from the
// signal on, [Telemetry.Ready] returns an error. f then finishes its work and returns. Shutdown
// follows, with its own context limited by [WithShutdownTimeout], even if f panics; the panic then
// continues, with its stack. A second signal ends the process at once. Run waits for an f that
// ignores its context, unless [WithGracePeriod] sets a limit. All of this applies with
// OTEL_SDK_DISABLED=true, too.
//
// Run returns the errors of f and of Shutdown, joined: nil, hence exit status 0, after a signal and
// a clean end. After its context was cancelled, f may return [context.Canceled] or the context's
// [context.Cause]; neither counts as an error.
func Run(ctx context.Context, f func(context.Context) error, options ...Option) (err error) {
	t, err := Start(ctx, options...)
	if err != nil {
		return err
	}
	running, stop := t.untilSignal(context.WithValue(ctx, contextKey{}, t))
	defer stop() // after Shutdown, which a first signal must not cut short
	shutdown := func() error { return t.Shutdown(context.WithoutCancel(ctx)) }
	if t.cfg.gracePeriod > 0 {
		return t.runWithin(running, f, shutdown)
	}
	return run(running, f, shutdown)
}

type contextKey struct{}

// FromContext returns the Telemetry of [Run] from the context of its function, so that an
// application can mount [Telemetry.Handler] and [Telemetry.ReadyHandler] in its own server. It
// returns nil for any other context.
func FromContext(ctx context.Context) *Telemetry {
	t, _ := ctx.Value(contextKey{}).(*Telemetry)
	return t
}

// run calls f and shuts down, whatever f does.
func run(ctx context.Context, f func(context.Context) error, shutdown func() error) (err error) {
	defer func() { err = errors.Join(err, shutdown()) }()
	err = f(ctx)
	if ctx.Err() != nil && onlyEnded(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

// runWithin is run with a limit on how long f may take once it has been asked to return.
func (t *Telemetry) runWithin(ctx context.Context, f func(context.Context) error, shutdown func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, f, shutdown) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(t.cfg.gracePeriod)
	defer timer.Stop()
	select {
	case err := <-ended:
		return err
	case <-timer.C:
		return errors.Join(fmt.Errorf("%w, %v after it was asked to", ErrNotReturned, t.cfg.gracePeriod), shutdown())
	}
}

// untilSignal returns a context that SIGINT and SIGTERM cancel. After the first signal, and after
// stop, signals have their default effect again.
func (t *Telemetry) untilSignal(ctx context.Context) (running context.Context, stop func()) {
	running, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	forget := context.AfterFunc(ctx, func() { t.Unready("terminating") })
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer signal.Stop(signals)
		select {
		case s := <-signals: // even if the caller has ended ctx before: the last export is yet to come
			signal.Stop(signals)
			t.delayTermination(running, s)
			cancel(signalError{s})
		case <-stopped:
		}
	}()
	return running, func() { forget(); close(stopped); cancel(nil); <-ended }
}

// delayTermination waits until requests no longer arrive.
func (t *Telemetry) delayTermination(ctx context.Context, s os.Signal) {
	t.Unready("terminating")
	t.cfg.logger.Info("otelsli: ending on a signal; a second one ends at once", "signal", s.String())
	if s != syscall.SIGTERM || t.cfg.terminationDelay <= 0 {
		return
	}
	timer := time.NewTimer(t.cfg.terminationDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // the caller's own end, or f has returned
	}
}

// A signalError is the cause of the cancellation of f's context in [Run].
type signalError struct{ os.Signal }

func (e signalError) Error() string { return "setup: received signal: " + e.String() }

// Is makes it a kind of [context.Canceled].
func (signalError) Is(target error) bool { return target == context.Canceled }

// onlyEnded reports whether err says only that a context was cancelled, or why this one was.
func onlyEnded(err, cause error) bool {
	plain := reflect.ValueOf(cause).Comparable() // otherwise == would panic
	for err != nil {
		if plain && err == cause { //nolint:errorlint // it walks the tree itself
			return true
		}
		switch x := err.(type) { //nolint:errorlint // it walks the tree itself
		case interface{ Unwrap() []error }:
			for _, err := range x.Unwrap() {
				if !onlyEnded(err, cause) {
					return false
				}
			}
			return true
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		default:
			return errors.Is(err, context.Canceled) // a leaf
		}
	}
	return false
}
