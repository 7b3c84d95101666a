package declarative

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrShutdown is returned by [Telemetry.Flush] after [Telemetry.Shutdown].
var ErrShutdown = errors.New("declarative: already shut down")

// unregisterTimeout limits an operation that takes no time unless an application's callback hangs.
const unregisterTimeout = 100 * time.Millisecond

// A step is the work to be done for one signal.
type step struct {
	name string
	do   func(context.Context) error
}

// Flush exports what is pending, for all signals in parallel, and returns the errors joined. It
// returns no later than the end of ctx. After Shutdown it returns [ErrShutdown].
func (t *Telemetry) Flush(ctx context.Context) error {
	if t.begun.Load() {
		return ErrShutdown
	}
	var steps []step
	for name, provider := range t.providers() {
		if p, ok := provider.(interface{ ForceFlush(context.Context) error }); ok {
			steps = append(steps, step{name, p.ForceFlush})
		}
	}
	return together(ctx, steps)
}

// Shutdown exports what is pending and ends the SDK: all signals in parallel, so that a backend
// that does not answer costs the others nothing, and then the export of the SLIs. It returns by the
// deadline of ctx or, if ctx has none, within [WithShutdownTimeout]; what has not ended by then is
// abandoned and named in the error. SLIs can still be recorded, and the catalog can be exported
// again.
//
// Only the first call has an effect. Later calls wait for it, until their own ctx ends, and return
// the same error.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.begun.CompareAndSwap(false, true) {
		defer close(t.stopped)
		t.result = t.stop(ctx)
		return t.result
	}
	select {
	case <-t.stopped:
		return t.result
	case <-ctx.Done():
		return fmt.Errorf("declarative: shutdown, begun by another call, has not finished: %w", context.Cause(ctx))
	}
}

func (t *Telemetry) stop(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.cfg.shutdownTimeout)
		defer cancel()
	}
	err := together(ctx, t.shutdowns())
	if t.slis == nil {
		return err
	}
	// The last collection needed the callbacks. If it is still running, it holds the lock of the
	// SDK.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unregisterTimeout)
	defer cancel()
	end := step{"SLIs", func(context.Context) error { return t.slis.Unregister() }}
	return errors.Join(err, together(ctx, []step{end}))
}

func (t *Telemetry) shutdowns() (steps []step) {
	for name, provider := range t.providers() {
		if p, ok := provider.(interface{ Shutdown(context.Context) error }); ok {
			steps = append(steps, step{name, p.Shutdown})
		}
	}
	return steps
}

// providers returns the providers of the file. One that does nothing has no Shutdown method.
func (t *Telemetry) providers() map[string]any {
	return map[string]any{
		"meter_provider":  t.sdk.MeterProvider(),
		"tracer_provider": t.sdk.TracerProvider(),
		"logger_provider": t.sdk.LoggerProvider(),
	}
}

// together runs all steps in parallel and joins their errors. It abandons what has not returned
// when ctx ends.
func together(ctx context.Context, steps []step) error {
	results := make([]chan error, len(steps))
	for i, s := range steps {
		results[i] = make(chan error, 1)
		go func() { results[i] <- s.do(ctx) }()
	}
	var errs []error
	for i, s := range steps {
		if err := await(ctx, results[i]); err != nil {
			errs = append(errs, fmt.Errorf("declarative: %s: %w", s.name, err))
		}
	}
	return errors.Join(errs...)
}

func await(ctx context.Context, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result: // at the same moment
		return err
	default:
		return fmt.Errorf("has not returned: %w", context.Cause(ctx))
	}
}
