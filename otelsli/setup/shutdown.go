package setup

import (
	"context"
	"errors"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
)

// Flush collects and exports by all push pipelines, at the same time, and returns their errors
// joined; each names its pipeline. It returns when ctx is over at the latest. After Shutdown it is
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

// Shutdown exports once more what was recorded and ends the export, in the order that the
// package's documentation gives. It returns by the deadline of ctx, or of [WithShutdownTimeout]
// where ctx has none; the errors are joined, and each names its pipeline. Recording SLIs goes on to
// work, and a new Start goes on with them where this one ended. (Instruments that the application
// took from the global provider before the first Start stay with it: that is how OpenTelemetry
// binds them.)
//
// Only the first call does anything. A further one waits for it, until its own ctx is over, and
// returns the same error.
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
	if scraped != nil { // last, so that a scraper can come for as long as anything is going on
		err = errors.Join(err, scraped.shutdown(ctx))
	}
	if t.sdk != nil {
		err = errors.Join(err, shutdownProvider(ctx, t.sdk))
	}
	return err
}

// shutdownProvider turns the application's instruments off. The readers are down by then.
func shutdownProvider(ctx context.Context, provider *sdkmetric.MeterProvider) error {
	err := provider.Shutdown(ctx)
	if err != nil && !errors.Is(err, sdkmetric.ErrReaderShutdown) && ctx.Err() == nil {
		return fmt.Errorf("setup: shut down the MeterProvider: %w", err)
	}
	return nil // each pipeline has said what there was to say
}
