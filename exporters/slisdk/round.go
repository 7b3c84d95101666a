package slisdk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// round collects and exports once, within ctx, and calls the observer. Callers of Flush and Shutdown want
// to know whether everything arrived, so a mere warning from the receiver is not an error for them.
func (p *Pipeline) round(ctx context.Context, trigger Trigger) error {
	if err := p.takeTurn(ctx, trigger == ByShutdown); err != nil {
		if !errors.Is(err, ErrShutdown) { // after Shutdown no round was due
			p.tell(Round{Trigger: trigger, Result: failure(ctx, err), Err: err})
		}
		return p.wrap("export", err)
	}
	r := Round{Trigger: trigger}
	p.collectAndExport(ctx, &r)
	p.tell(r)
	export := r.Err
	if r.Result == Delivered && trigger != ByInterval {
		export = nil
	}
	if export == nil && r.CollectErr == nil {
		return nil
	}
	return errors.Join(p.wrap("collect the application's metrics", r.CollectErr), p.wrap("export", export))
}

// collectAndExport holds the turn, and passes it on when the exporter has returned. An exporter that does
// not return keeps the turn, and its memory, for as long as it runs.
func (p *Pipeline) collectAndExport(ctx context.Context, r *Round) {
	began := time.Now()
	r.CollectErr = p.collectApplication(ctx)
	if ctx.Err() != nil { // what was collected goes out with the next export
		p.passTurn()
		r.Collection = time.Since(began)
		r.end(ctx, context.Cause(ctx), 0)
		return
	}
	var deltas int
	r.Points, deltas = p.assemble()
	r.Collection = time.Since(began)
	began = time.Now()
	err := call(ctx, func(ctx context.Context) error {
		defer p.passTurn()
		return p.export(ctx)
	})
	r.Export = time.Since(began)
	r.end(ctx, err, deltas)
}

// takeTurn waits for a running round. Once Shutdown has begun, only the last round gets the turn.
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
		return fmt.Errorf("%w (exporter %T): %w", errBusy, p.exporter, context.Cause(ctx))
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

// assemble fills p.out and returns the number of data points, and how many of the non-SLI ones are
// deltas.
func (p *Pipeline) assemble() (points, deltas int) {
	p.out.ScopeMetrics = p.app.handOver(p.out.ScopeMetrics[:0])
	p.out.Resource = p.app.resource
	points, deltas = count(p.out.ScopeMetrics)
	if slis := p.slis.build(); len(slis.Metrics) > 0 {
		p.out.ScopeMetrics = append(p.out.ScopeMetrics, slis)
		n, _ := count(p.out.ScopeMetrics[len(p.out.ScopeMetrics)-1:])
		points += n
	}
	return points, deltas
}

// export exports p.out. It may return long after its context and the round have ended; what it has
// delivered still counts.
func (p *Pipeline) export(ctx context.Context) error {
	err := p.exporter.Export(ctx, &p.out)
	if p.slis.deltas != nil {
		if _, partial := partialSuccess(err); partial || err == nil {
			p.deltas.settle(p, p.slis)
		}
	}
	return err
}
