package setup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup/internal/diagnosis"
)

// Connect runs [Check] and, if there are no problems, tries all pipelines in parallel. Each push
// pipeline really exports one point of the gauge [CheckMetric], in a single attempt; the address of
// the Prometheus endpoint is bound for a moment. The report says for each pipeline what came back
// and what to do about it; [Report.Err] includes the pipelines that failed.
//
// done, unless nil, is called with each pipeline as soon as its trial ends, by one goroutine at a
// time. Connect returns when ctx ends or, if that is sooner, after [WithTimeout]; exporters that
// ignore their context are abandoned.
func Connect(ctx context.Context, done func(PipelineReport), options ...Option) (*Report, error) {
	cfg := newConfig(options)
	r := cfg.report(ctx)
	if len(r.Problems) == 0 && !r.Disabled {
		cfg.connect(ctx, r.Pipelines, done)
	}
	return r, errors.Join(r.Err(), discard(ctx, cfg.specs))
}

func (c *config) connect(ctx context.Context, reports []PipelineReport, done func(PipelineReport)) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for i, s := range c.specs {
		wg.Go(func() {
			began := time.Now()
			connection := c.try(ctx, s)
			connection.Seconds = time.Since(began).Seconds()
			mu.Lock()
			defer mu.Unlock()
			reports[i].Connection = connection
			if done != nil {
				done(reports[i])
			}
		})
	}
	wg.Wait()
}

// try tries one pipeline.
func (c *config) try(ctx context.Context, s pipelineSpec) *Connection {
	switch s := s.(type) {
	case *otlpSpec:
		exporter, err := sliotlp.New(ctx, append(s.options, sliotlp.WithoutRetry())...)
		if err != nil {
			return c.failed(err)
		}
		defer shutdownExporter(exporter)
		return c.export(ctx, exporter)
	case *graphiteSpec:
		return c.tryGraphite(ctx, s)
	case *exporterSpec:
		return c.export(ctx, s.exporter)
	case *prometheusSpec:
		return c.listen(ctx, s)
	}
	return &Connection{Skipped: true, Result: "nothing to connect to"}
}

// export sends the one point. It does not wait for an exporter that ignores its context.
func (c *config) export(ctx context.Context, exporter sdkmetric.Exporter) *Connection {
	result := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				result <- fmt.Errorf("setup: the exporter panicked: %v", r)
			}
		}()
		result <- exporter.Export(ctx, checkMetrics(c.resource))
	}()
	select {
	case err := <-result:
		return c.outcome(err, "delivered")
	case <-ctx.Done():
	}
	select {
	case err := <-result:
		return c.outcome(err, "delivered")
	case <-time.After(leaveBehind):
		return c.failed(fmt.Errorf("setup: the exporter has not returned: %w", ctx.Err()))
	}
}

// leaveBehind is how long an exporter has to notice that its context has ended.
const leaveBehind = 100 * time.Millisecond

func shutdownExporter(exporter sdkmetric.Exporter) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveBehind)
	defer cancel()
	_ = exporter.Shutdown(ctx) // the trial has reported everything of interest
}

// tryGraphite connects to the servers first, because the exporter would keep trying until its time
// is up. Then it sends the point, unless only error-budget counters may be sent. Connecting gets
// half of the time, for all servers in parallel: one that never answers must not make the others
// appear to.
func (c *config) tryGraphite(ctx context.Context, s *graphiteSpec) *Connection {
	errs := dialServers(ctx, s.config)
	switch b := s.config.ErrorBudget; {
	case !slices.Contains(errs, nil):
		return c.failed(errors.Join(errs...))
	case b != nil && !b.AllMetrics:
		return &Connection{OK: true, Result: "connected; nothing was sent, for it would be counted"}
	}
	return c.export(ctx, s.exporter)
}

// listen binds the address of the Prometheus endpoint and releases it.
func (c *config) listen(ctx context.Context, s *prometheusSpec) *Connection {
	if !s.listen {
		return &Connection{Skipped: true, Result: "served by the application"}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return c.failed(err)
	}
	return c.outcome(l.Close(), "the address is free")
}

func (c *config) outcome(err error, well string) *Connection {
	if err != nil {
		return c.failed(err)
	}
	return &Connection{OK: true, Result: well}
}

func (c *config) failed(err error) *Connection {
	d := diagnosis.Of(err)
	return &Connection{Result: c.env.scrub(d.Result), Advice: d.Advice, Detail: c.env.scrub(err.Error())}
}
