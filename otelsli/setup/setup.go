package setup

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// ErrShutdown is returned by [Telemetry.Flush] after [Telemetry.Shutdown].
var ErrShutdown = errors.New("setup: already shut down")

// Telemetry is the running export of a process. Its methods may be called by several goroutines
// at once.
type Telemetry struct {
	cfg       *config
	provider  metric.MeterProvider
	sdk       *sdkmetric.MeterProvider // nil: OTEL_SDK_DISABLED
	pipelines []pipeline
	release   func() // of the catalog

	begun    atomic.Bool   // a Shutdown has begun
	stopping chan struct{} // closed then
	stopped  chan struct{} // closed when it has ended
	result   error         // of the Shutdown; set before stopped is closed
}

// Start sets up the export of the SLIs and of all other OpenTelemetry metrics. It connects to
// nothing, so that a backend that is down does not keep a service from starting. ctx bounds Start
// itself, not what it started.
//
// An error has all problems joined. Nothing is left running then, and the global MeterProvider is
// what it was. With OTEL_SDK_DISABLED=true nothing is exported and all methods work.
func Start(ctx context.Context, options ...Option) (*Telemetry, error) {
	cfg := newConfig(options)
	if err := cfg.resolve(ctx); err != nil {
		return nil, errors.Join(err, cfg.discard(ctx, 0))
	}
	for _, note := range cfg.env.notes {
		cfg.logger.Info(note)
	}
	if cfg.disabled {
		t := newTelemetry(cfg, func() {})
		t.provider = noop.NewMeterProvider()
		return t, cfg.discard(ctx, 0)
	}
	return start(ctx, cfg)
}

// start does what a valid configuration asks for, in order; what fails undoes what came before.
func start(ctx context.Context, cfg *config) (_ *Telemetry, err error) {
	release, err := cfg.catalog.Claim("setup.Start")
	if err != nil {
		return nil, errors.Join(err, cfg.discard(ctx, 0))
	}
	t := newTelemetry(cfg, release)
	defer func() {
		if err != nil {
			err = errors.Join(err, t.undo(ctx))
		}
	}()
	for i, spec := range cfg.specs {
		p, err := spec.build(ctx, cfg)
		if err != nil {
			return nil, errors.Join(err, cfg.discard(ctx, i+1))
		}
		t.pipelines = append(t.pipelines, p)
	}
	providerOptions := []sdkmetric.Option{sdkmetric.WithResource(cfg.resource), sdkmetric.WithView(cfg.views...)}
	for _, p := range t.pipelines {
		providerOptions = append(providerOptions, sdkmetric.WithReader(p.reader()))
	}
	t.sdk = sdkmetric.NewMeterProvider(providerOptions...)
	t.provider = t.sdk
	if err := instrument(t.pipelines, t.provider); err != nil {
		return nil, err
	}
	before := otel.GetMeterProvider()
	if !cfg.withoutGlobal {
		otel.SetMeterProvider(t.provider)
	}
	if err := t.open(); err != nil {
		if !cfg.withoutGlobal {
			otel.SetMeterProvider(before)
		}
		return nil, err
	}
	return t, nil
}

// instrument gives the provider to the pipelines that have metrics of their own.
func instrument(pipelines []pipeline, provider metric.MeterProvider) error {
	var errs []error
	for _, p := range pipelines {
		if p, ok := p.(interface {
			instrument(provider metric.MeterProvider) error
		}); ok {
			errs = append(errs, p.instrument(provider))
		}
	}
	return errors.Join(errs...)
}

// open starts the pipelines: those that push first, so that the listener opens last.
func (t *Telemetry) open() error {
	pull, pushes := t.split()
	for _, p := range pushes {
		if err := p.start(); err != nil {
			return err
		}
	}
	if pull != nil {
		return pull.start()
	}
	return nil
}

// undo releases what a Start that failed half-way has made, without exporting anything.
func (t *Telemetry) undo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	var errs []error
	for _, p := range t.pipelines {
		errs = append(errs, p.shutdown(ctx))
	}
	t.release()
	return errors.Join(errs...)
}

// discard releases what options handed over for pipelines from the given one on.
func (c *config) discard(ctx context.Context, from int) error {
	var errs []error
	for _, s := range c.specs[from:] {
		errs = append(errs, s.discard(ctx))
	}
	return errors.Join(errs...)
}

func newTelemetry(cfg *config, release func()) *Telemetry {
	return &Telemetry{
		cfg:      cfg,
		release:  release,
		stopping: make(chan struct{}),
		stopped:  make(chan struct{}),
	}
}

// MeterProvider returns the provider for the application's own instruments.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.provider }

// PrometheusAddr returns the address that /metrics is served on, such as "127.0.0.1:9464", and ""
// where there is no listener.
func (t *Telemetry) PrometheusAddr() string {
	if p, _ := t.split(); p != nil {
		return p.addr()
	}
	return ""
}

// Handler serves the metrics in the formats of Prometheus, for an application that mounts it in
// a server of its own. Without a pipeline "prometheus" it answers 404.
func (t *Telemetry) Handler() http.Handler {
	if p, _ := t.split(); p != nil {
		return p.exporter.Handler()
	}
	return http.NotFoundHandler()
}

// split tells the pipeline that is scraped, nil where there is none, from those that push.
func (t *Telemetry) split() (scraped *pull, pushes []pipeline) {
	for _, p := range t.pipelines {
		if p, ok := p.(*pull); ok {
			scraped = p
			continue
		}
		pushes = append(pushes, p)
	}
	return scraped, pushes
}
