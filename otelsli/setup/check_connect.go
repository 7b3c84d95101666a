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

// Connect is [Check] and then, where there is no problem, a trial of every pipeline, all at the same
// time: each push pipeline really exports one point of the gauge [CheckMetric], in a single attempt,
// and the address of the Prometheus endpoint is taken for a moment. The report says of each what came
// back, and what to do about it; [Report.Err] has the pipelines that failed.
//
// done is called with each pipeline as soon as it has ended, by one goroutine at a time; nil is
// allowed. Connect returns when ctx is over at the latest, and by [WithTimeout] where that is sooner;
// exporters that do not heed their context are left behind.
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

// export sends the one point. It does not wait for an exporter that does not heed its context.
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

// leaveBehind is what an exporter has to notice that its context is over.
const leaveBehind = 100 * time.Millisecond

func shutdownExporter(exporter sdkmetric.Exporter) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveBehind)
	defer cancel()
	_ = exporter.Shutdown(ctx) // it has said what there was to say
}

// tryGraphite connects to the servers first, for the exporter would go on trying until its time is
// over. Then it sends the point, unless only error-budget counters may be sent. To connect has half of
// the time, all servers at once: one that never answers must not make the others look like it.
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

// listen takes the address of the Prometheus endpoint, and gives it back.
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
