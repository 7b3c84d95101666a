package setup

import (
	"context"
	"errors"
	"fmt"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// Flush collects and exports by all push pipelines, at the same time, and returns their errors
// joined; each names its pipeline. It returns when ctx is over at the latest.
func (t *Telemetry) Flush(ctx context.Context) error {
	select {
	case <-t.stopping:
		return ErrShutdown
	default:
		return each(ctx, t.pipelines, pipeline.flush)
	}
}

// Shutdown exports once more what was recorded and ends the export, in the order that the
// package's documentation gives. It returns by the deadline of ctx, or of [WithShutdownTimeout]
// where ctx has none; the errors are joined, and each names its pipeline. Recording goes on to
// work, and a new Start goes on where this one ended.
//
// Only the first call does anything. A further one waits for it, until its own ctx is over, and
// returns the same error.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.begun.CompareAndSwap(false, true) {
		close(t.stopping)
		t.result = t.stop(ctx)
		close(t.stopped)
	}
	select {
	case <-t.stopped:
		return t.result
	case <-ctx.Done():
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
	pull, pushes := t.split()
	if pull != nil {
		pull.awaitScrapes(ctx)
	}
	err := each(ctx, pushes, pipeline.shutdown)
	if pull != nil { // last, so that a scraper can come for as long as anything is going on
		err = errors.Join(err, pull.shutdown(ctx))
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

// each calls f for all pipelines at the same time and joins their errors.
func each(ctx context.Context, pipelines []pipeline, f func(pipeline, context.Context) error) error {
	errs := make([]error, len(pipelines))
	var wg sync.WaitGroup
	for i, p := range pipelines {
		wg.Go(func() { errs[i] = f(p, ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
