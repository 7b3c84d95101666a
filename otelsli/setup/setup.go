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

// undoTimeout limits how long a failed Start takes to release what it holds.
const undoTimeout = time.Second

// Telemetry is the running export of a process. Its methods are safe for concurrent use.
type Telemetry struct {
	cfg       *config
	provider  metric.MeterProvider
	sdk       *sdkmetric.MeterProvider // nil: OTEL_SDK_DISABLED
	pipelines []pipeline
	release   func() // of the catalog

	begun   atomic.Bool   // a Shutdown has begun
	stopped chan struct{} // closed when it has ended
	result  error         // of the Shutdown; set before stopped is closed
}

// Start sets up the export of the SLIs and of all other OpenTelemetry metrics. It connects to
// nothing, so a backend that is down does not keep a service from starting. ctx limits Start
// itself, not what it has started.
//
// An error joins all problems. In that case nothing has been exported, nothing is left running, the
// exporters of [WithExporter] are shut down, and the global MeterProvider is unchanged. With
// OTEL_SDK_DISABLED=true no other configuration is validated, nothing is exported, and all methods
// work.
func Start(ctx context.Context, options ...Option) (*Telemetry, error) {
	cfg := newConfig(options)
	disabled, _ := cfg.env.boolean("OTEL_SDK_DISABLED")
	if disabled {
		return newDisabled(ctx, cfg), nil
	}
	if err := cfg.resolve(ctx); err != nil {
		return nil, errors.Join(err, discard(ctx, cfg.specs))
	}
	cfg.logNotes()
	release, err := cfg.catalog.Claim("setup.Start" + caller())
	if err != nil {
		return nil, errors.Join(err, discard(ctx, cfg.specs))
	}
	t := newTelemetry(cfg, release)
	if err := t.build(ctx); err != nil {
		return nil, errors.Join(err, t.undo(ctx))
	}
	t.open() // nothing can fail from here on
	return t, nil
}

func newTelemetry(cfg *config, release func()) *Telemetry {
	t := &Telemetry{cfg: cfg, release: release, stopped: make(chan struct{})}
	cfg.observer.health = t.Health
	return t
}

// newDisabled returns a Telemetry that does nothing. It still releases what was handed over;
// failing to is no reason not to start a service.
func newDisabled(ctx context.Context, cfg *config) *Telemetry {
	cfg.setDefaults()
	cfg.logNotes()                      // otherwise an alias that turns everything off would go unnoticed
	_ = cfg.lifecycle.resolve(&cfg.env) // for the times of Run, which still works; bad values are ignored
	t := newTelemetry(cfg, func() {})
	t.provider = noop.NewMeterProvider()
	cfg.observer.readiness.start()
	if err := discard(ctx, cfg.specs); err != nil {
		cfg.logger.Warn("otelsli: OTEL_SDK_DISABLED: shut down what is not used", "error", err)
	}
	return t
}

// build creates everything that can fail, including the address of the listener, and starts
// nothing.
func (t *Telemetry) build(ctx context.Context) error {
	providerOptions := []sdkmetric.Option{sdkmetric.WithResource(t.cfg.resource), sdkmetric.WithView(t.cfg.views...), t.cfg.sdkExemplars()}
	for i, spec := range t.cfg.specs {
		p, err := spec.build(ctx, t.cfg)
		if err != nil {
			return errors.Join(err, discard(ctx, t.cfg.specs[i+1:]))
		}
		t.pipelines = append(t.pipelines, p)
		providerOptions = append(providerOptions, sdkmetric.WithReader(p.reader()))
	}
	t.sdk = sdkmetric.NewMeterProvider(providerOptions...)
	t.provider = provider{t.sdk, t}
	errs := []error{t.cfg.instrument(t.provider), t.cfg.observer.instrument(t.provider)}
	for _, p := range t.pipelines {
		errs = append(errs, p.prepare(ctx, t.provider))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return t.cfg.applyExemplars() // last, because a failed Start leaves the catalog unchanged
}

// open starts what build created. The listener, which already has its address, answers last, when
// every series is there at zero.
func (t *Telemetry) open() {
	if !t.cfg.withoutGlobal {
		otel.SetMeterProvider(t.provider)
	}
	if t.cfg.observer.otelErrors {
		otel.SetErrorHandler(&otelErrors{logger: t.cfg.logger})
	}
	scraped, pushes := t.split()
	for _, p := range pushes {
		p.start()
	}
	t.cfg.observer.readiness.start()
	if scraped != nil {
		scraped.start()
	}
}

// undo releases what a failed Start has created. Pipelines that were not started export nothing.
func (t *Telemetry) undo(ctx context.Context) error {
	defer t.release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	return each(ctx, t.pipelines, pipeline.shutdown)
}

// MeterProvider returns the provider for the application's own instruments. Flushing it, as
// wrappers of serverless functions do, or shutting it down does the same to the Telemetry.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.provider }

// PrometheusAddr returns the address that /metrics is served on, such as "127.0.0.1:9464", or "" if
// there is no listener.
func (t *Telemetry) PrometheusAddr() string {
	if p, _ := t.split(); p != nil {
		return p.addr()
	}
	return ""
}

// Handler serves the metrics in the formats of Prometheus, for an application that mounts it in its
// own server. Without a "prometheus" pipeline it answers 404.
func (t *Telemetry) Handler() http.Handler {
	if p, _ := t.split(); p != nil {
		return p.handler()
	}
	return http.NotFoundHandler()
}

// split separates the pipeline that is scraped, nil if there is none, from those that push.
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
