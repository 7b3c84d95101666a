package otelsli

import (
	"context"
	"errors"
	"time"
)

// An Event is what a [Classifier] judges.
type Event struct {
	// Err is the error that the operation returned.
	Err error

	// Took is how long the operation ran.
	Took time.Duration

	// Threshold is the threshold of the event's series; 0 or less if latency is not judged.
	Threshold time.Duration
}

func (e Event) late() bool { return e.Threshold > 0 && e.Took > e.Threshold }

// A Classifier decides the outcome of an event. ctx is the context of the operation's caller; if it
// is cancelled, the caller gave up. A classifier need not look at the threshold: a [Success] that
// took longer becomes [Slow].
//
// It must be safe for concurrent use. If it panics, the event counts as [Failed] and the panic is
// reported to [go.opentelemetry.io/otel.Handle].
type Classifier func(ctx context.Context, e Event) Outcome

// Classify is the default [Classifier]; other classifiers can fall back on it:
//
//   - no error is [Success], or [Slow] past the threshold;
//   - an error marked by [Ignore] is [Ignored];
//   - [context.Canceled] while ctx itself is cancelled means that the caller gave up. That is
//     [Ignored] within the threshold and [Failed] after it: otherwise a hung service, whose callers
//     all give up, would look perfect. If latency is not judged it is always Ignored, so only a
//     threshold makes a hung service visible;
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

// Ignore marks err as an error that counts neither as good nor as failed, such as invalid input.
// The mark changes nothing else: [errors.Is], [errors.As] and the error text still see err.
// Ignore(nil) is nil.
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
