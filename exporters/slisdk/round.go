package slisdk

import (
	"context"
	"errors"
	"fmt"
)

// round collects and exports once, within ctx. The last round is the one of Shutdown. An export
// that does not return keeps the turn, and its memory, for as long as it runs.
func (p *Pipeline) round(ctx context.Context, last bool) error {
	if err := p.takeTurn(ctx, last); err != nil {
		return p.wrap("export", err)
	}
	appErr := p.wrap("collect the application's metrics", p.collectApplication(ctx))
	if ctx.Err() != nil { // what was collected goes out next time
		p.passTurn()
		return errors.Join(appErr, p.wrap("export", context.Cause(ctx)))
	}
	p.assemble()
	err := call(ctx, func(ctx context.Context) error {
		defer p.passTurn()
		return p.export(ctx)
	})
	return errors.Join(appErr, p.wrap("export", err))
}

// takeTurn waits for a round that is running. Once Shutdown has begun only the last one gets it.
func (p *Pipeline) takeTurn(ctx context.Context, last bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stop := p.stop
	if last {
		stop = nil
	}
	select {
	case p.turn <- struct{}{}:
	case <-stop:
		return ErrShutdown
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errBusy, context.Cause(ctx))
	}
	if !last && p.closing() {
		p.passTurn()
		return ErrShutdown
	}
	return nil
}

func (p *Pipeline) passTurn() { <-p.turn }

// collectApplication leaves half of the time to the export.
func (p *Pipeline) collectApplication(ctx context.Context) error {
	ctx, cancel := half(ctx)
	defer cancel()
	return p.app.collect(ctx)
}

// assemble fills p.out.
func (p *Pipeline) assemble() {
	p.out.ScopeMetrics = p.app.handOver(p.out.ScopeMetrics[:0])
	p.out.Resource = p.app.resource
	if slis := p.slis.build(); len(slis.Metrics) > 0 {
		p.out.ScopeMetrics = append(p.out.ScopeMetrics, slis)
	}
}

// export exports p.out. It may return long after its context and the round have ended; what it has
// delivered counts nevertheless.
func (p *Pipeline) export(ctx context.Context) error {
	err := p.exporter.Export(ctx, &p.out)
	if p.slis.deltas != nil && (err == nil || isPartialSuccess(err)) {
		p.deltas.settle(p, p.slis)
	}
	return err
}
