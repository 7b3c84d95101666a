package setup

import (
	"context"
	"errors"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
)

// Flush collects and exports on all push pipelines, in parallel, and returns their errors joined;
// each names its pipeline. It returns no later than the end of ctx. After Shutdown it returns
// [ErrShutdown].
func (t *Telemetry) Flush(ctx context.Context) error {
	if t.begun.Load() {
		return ErrShutdown
	}
	err := each(ctx, t.pipelines, pipeline.flush)
	if errors.Is(err, slisdk.ErrShutdown) {
		return errors.Join(ErrShutdown, err)
	}
	return err
}

// Shutdown exports a last time what was recorded and ends the export, in the order given in the
// package documentation. It returns by the deadline of ctx or, if ctx has none, within
// [WithShutdownTimeout]. Its errors are joined, and each names its pipeline. SLIs can still be
// recorded, and a new Start continues them where this one ended. (Instruments that the application
// took from the global provider before the first Start stay bound to it: that is how OpenTelemetry
// works.)
//
// Only the first call has an effect. Later calls wait for it, until their own ctx ends, and return
// the same error.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.begun.CompareAndSwap(false, true) {
		defer close(t.stopped)
		t.cfg.observer.readiness.end()
		t.result = t.stop(ctx)
		return t.result
	}
	select {
	case <-t.stopped:
		return t.result
	case <-ctx.Done():
	}
	select {
	case <-t.stopped: // at the same moment
		return t.result
	default:
		return fmt.Errorf("setup: shutdown, begun by another call, has not finished: %w", context.Cause(ctx))
	}
}

func (t *Telemetry) stop(ctx context.Context) error {
	defer t.release()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.cfg.shutdownTimeout)
		defer cancel()
	}
	scraped, pushes := t.split()
	if scraped != nil {
		scraped.awaitScrapes(ctx)
	}
	err := each(ctx, pushes, pipeline.shutdown)
	if scraped != nil { // last, so that scrapes succeed for as long as possible
		err = errors.Join(err, scraped.shutdown(ctx))
	}
	if t.sdk != nil {
		err = errors.Join(err, shutdownProvider(ctx, t.sdk))
	}
	return err
}

// shutdownProvider turns off the application's instruments. The readers are already down.
func shutdownProvider(ctx context.Context, provider *sdkmetric.MeterProvider) error {
	err := provider.Shutdown(ctx)
	if err != nil && !errors.Is(err, sdkmetric.ErrReaderShutdown) && ctx.Err() == nil {
		return fmt.Errorf("setup: shut down the MeterProvider: %w", err)
	}
	return nil // each pipeline has reported its own errors
}
