package slisdk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Pipeline periodically collects the SLIs of a catalog and the metrics of a MeterProvider, and
// exports them. All methods are safe for concurrent use.
type Pipeline struct {
	name     string
	config   config
	exporter sdkmetric.Exporter
	reader   *reader
	deltas   *deltas

	turn chan struct{} // holds a token while somebody collects or exports; guards the next three
	app  application
	slis *builder
	out  metricdata.ResourceMetrics
	used atomic.Bool // started or flushed

	life   context.Context // of all rounds except the last
	cancel context.CancelCauseFunc
	stop   chan struct{} // closed when Shutdown begins
	down   chan struct{} // closed when Shutdown has ended
	result error         // of Shutdown, set before down is closed

	mu   sync.Mutex    // guards loop and the closing of stop
	loop chan struct{} // closed when the goroutine of Start has ended; nil before Start
}

// NewPipeline makes a pipeline for an exporter. A nil catalog means the default one. The name
// identifies the pipeline in errors, and what the pipeline has delivered is kept under it. It is an
// error if another pipeline of the catalog that has not been shut down has the same name.
//
// The pipeline then owns the exporter: Shutdown shuts it down, and also frees the name. On an error
// the exporter remains the caller's.
//
// A catalog may have several pipelines, but then it must not also be exported by
// [otelsli.Catalog.Register] to the same backend: the counters would arrive twice. The pipeline does
// not check this; the code that sets up all pipelines claims the catalog with [otelsli.Catalog.Claim].
func NewPipeline(name string, catalog *otelsli.Catalog, exporter sdkmetric.Exporter, options ...Option) (*Pipeline, error) {
	cfg := newConfig(options)
	if err := cfg.validate(name, exporter); err != nil {
		return nil, err
	}
	catalog = orDefault(catalog)
	p := &Pipeline{
		name:     name,
		config:   cfg,
		exporter: exporter,
		deltas:   deltasOf(catalog, name),
		turn:     make(chan struct{}, 1),
		stop:     make(chan struct{}),
		down:     make(chan struct{}),
	}
	p.life, p.cancel = context.WithCancelCause(context.Background())
	p.reader = newReader(p, exporter)
	p.app = application{reader: p.reader.ManualReader, producers: cfg.producers, resource: cfg.resource}
	p.slis = newBuilder(catalog)
	if exporter.Temporality(sdkmetric.InstrumentKindCounter) == metricdata.DeltaTemporality {
		p.slis.deltas = p.deltas
	}
	if err := p.deltas.take(p); err != nil {
		return nil, err
	}
	return p, nil
}

// Name returns the name passed to [NewPipeline].
func (p *Pipeline) Name() string { return p.name }

// Reader returns the pipeline's reader, to be given to one MeterProvider with [sdkmetric.WithReader].
// Without a provider only the SLIs are exported. The reader has the exporter's temporality and
// aggregation. Flushing or shutting down the provider also flushes or shuts down the pipeline.
func (p *Pipeline) Reader() sdkmetric.Reader { return p.reader }

// Start begins to export: once immediately, then at the interval, until Shutdown. Errors go to the
// error handler. Further calls, and calls after Shutdown, do nothing.
func (p *Pipeline) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loop != nil || p.closing() {
		return
	}
	p.used.Store(true)
	p.loop = make(chan struct{})
	go p.run(p.loop)
}

func (p *Pipeline) run(ended chan<- struct{}) {
	defer close(ended)
	ticker := time.NewTicker(p.config.interval)
	defer ticker.Stop()
	if p.config.exportFirst {
		p.periodic()
	}
	for !p.closing() {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.periodic()
		}
	}
}

// periodic makes a round. A round that Shutdown cuts short is not an error: the last round makes up
// for it.
func (p *Pipeline) periodic() {
	ctx, cancel := context.WithTimeout(p.life, p.config.timeout)
	defer cancel()
	if err := p.round(ctx, ByInterval); err != nil && p.life.Err() == nil && !errors.Is(err, ErrShutdown) {
		p.config.handle(err)
	}
}

// Flush collects and exports now, after any export that is already running, and flushes the exporter.
// It returns when ctx ends (or after the pipeline's timeout, if ctx has no deadline) even if the
// exporter does not. Its error names the pipeline. After Shutdown it is [ErrShutdown].
func (p *Pipeline) Flush(ctx context.Context) error {
	ctx, cancel := bounded(ctx, p.config.timeout)
	defer cancel()
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	defer context.AfterFunc(p.life, func() { abort(ErrShutdown) })()
	p.used.Store(true)
	err := p.round(ctx, ByFlush)
	if ctx.Err() != nil || errors.Is(err, ErrShutdown) {
		return err
	}
	return errors.Join(err, p.wrap("flush exporter", call(ctx, p.exporter.ForceFlush)))
}

// closing reports whether Shutdown has begun.
func (p *Pipeline) closing() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// wrap adds the pipeline and what failed to err. It returns nil for nil.
func (p *Pipeline) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("slisdk: pipeline %q: %s: %w", p.name, what, err)
}
