package otelsli

import (
	"context"
	"errors"
	"time"
)

// An Event is what a [Classifier] judges.
type Event struct {
	// Err is what the operation returned.
	Err error

	// Took is how long it ran.
	Took time.Duration

	// Threshold is the threshold of the event's series; 0 or less where latency is not judged.
	Threshold time.Duration
}

func (e Event) late() bool { return e.Threshold > 0 && e.Took > e.Threshold }

// A Classifier decides the outcome of an event. ctx is the context of the caller of the operation:
// if it is cancelled, the caller gave up. A classifier need not look at the threshold: a Success
// that took longer becomes [Slow].
//
// It may be called by several goroutines at once. If it panics, the event counts as [Failed] and
// the panic goes to [go.opentelemetry.io/otel.Handle].
type Classifier func(ctx context.Context, e Event) Outcome

// Classify is the default [Classifier], for others to fall back on:
//
//   - no error is [Success], or [Slow] past the threshold;
//   - an error marked by [Ignore] is [Ignored];
//   - [context.Canceled] while ctx itself is cancelled is the caller giving up. That is [Ignored]
//     within the threshold and [Failed] after it, or else a hung service, whose callers all give
//     up, would look perfect. So it does where latency is not judged, for the caller is always
//     Ignored there: a threshold is what makes a hung service visible;
//   - any other error is [Failed].
func Classify(ctx context.Context, e Event) Outcome {
	switch {
	case e.Err == nil:
		if e.late() {
			return Slow
		}
		return Success
	case isIgnored(e.Err):
		return Ignored
	case errors.Is(e.Err, context.Canceled) && ctx != nil && errors.Is(ctx.Err(), context.Canceled):
		if e.late() {
			return Failed
		}
		return Ignored
	}
	return Failed
}

// Ignore marks err as one that counts neither as good nor as failed, such as invalid input. The
// mark changes nothing else: [errors.Is], [errors.As] and the text see err. Ignore(nil) is nil.
func Ignore(err error) error {
	if err == nil {
		return nil
	}
	return &ignoredError{err}
}

type ignoredError struct{ error }

func (e *ignoredError) Unwrap() error { return e.error }

func isIgnored(err error) bool {
	_, ok := errors.AsType[*ignoredError](err)
	return ok
}
