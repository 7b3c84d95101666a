package slisdk

import (
	"context"
	"errors"

	"github.com/otelsli/otelsli-go/internal/lastexport"
)

// Shutdown ends the pipeline: it lets a running export finish, for at most half of the time, then
// collects and exports for the last time and shuts the exporter down. It returns when ctx ends (or
// after the pipeline's timeout, if ctx has no deadline) even if the exporter does not: the exporter
// is then abandoned, and the error says so. Errors name the pipeline.
//
// A pipeline that was neither started nor flushed exports nothing. Further calls wait for the first
// one and return its result. The MeterProvider that has the reader is not shut down.
func (p *Pipeline) Shutdown(ctx context.Context) error {
	_, err := p.shutDownOnce(ctx)
	return err
}

// shutDownOnce shuts the pipeline down, and reports whether this call was the one that did.
func (p *Pipeline) shutDownOnce(ctx context.Context) (first bool, err error) {
	ctx, cancel := bounded(ctx, p.config.timeout)
	defer cancel()
	if p.close() {
		defer close(p.down)
		p.result = p.shutDown(ctx)
		return true, p.result
	}
	select {
	case <-p.down:
	case <-ctx.Done():
	}
	select { // if both were ready, the first select took either
	case <-p.down:
		return false, p.result
	default:
		return false, p.wrap("shut down", context.Cause(ctx))
	}
}

// close stops the periodic rounds and reports whether it was the first to do so.
func (p *Pipeline) close() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing() {
		return false
	}
	close(p.stop)
	return true
}

func (p *Pipeline) shutDown(ctx context.Context) error {
	defer p.deltas.release()
	err := p.lastRound(ctx)
	p.endLoop(ctx)
	late := ctx.Err() != nil
	exporterErr := call(ctx, p.exporter.Shutdown)
	if late && err != nil {
		return err // the lack of time says nothing new
	}
	return errors.Join(err, p.wrap("shut down exporter", exporterErr))
}

// lastRound exports what has been counted since the last export. A running round that does not end
// in time is cancelled, so that the last one still gets its chance.
func (p *Pipeline) lastRound(ctx context.Context) error {
	defer p.cancel(ErrShutdown)
	p.finishRunning(ctx)
	if !p.used.Load() {
		return nil
	}
	ctx, cancel := early(lastexport.With(ctx)) // the rest is for the exporter's shutdown
	defer cancel()
	return p.round(ctx, ByShutdown)
}

// finishRunning waits for a running round, for half of the time, and then cancels it.
func (p *Pipeline) finishRunning(ctx context.Context) {
	ctx, cancel := half(ctx)
	defer cancel()
	if p.takeTurn(ctx, true) == nil {
		p.passTurn()
		return
	}
	p.cancel(ErrShutdown)
}

// endLoop waits for the goroutine of Start. Its rounds have been cancelled, so only an error handler
// that does not return can delay it.
func (p *Pipeline) endLoop(ctx context.Context) {
	if p.loop == nil {
		return
	}
	select {
	case <-p.loop:
	case <-ctx.Done():
	}
}
