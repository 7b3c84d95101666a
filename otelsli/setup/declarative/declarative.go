package declarative

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// undoTimeout limits how long a failed Start takes to end what it has begun.
const undoTimeout = time.Second

// A Telemetry is the running SDK of a file. Its methods are safe for concurrent use.
type Telemetry struct {
	cfg  *config
	sdk  otelconf.SDK
	slis metric.Registration // nil: disabled in the file

	begun   atomic.Bool   // a Shutdown has begun
	stopped chan struct{} // closed when it has ended
	result  error         // of the Shutdown; set before stopped is closed
}

// Start creates the SDK that the file describes, exports the SLIs through its MeterProvider and
// installs its providers and propagator as the global ones. If path is "", OTEL_CONFIG_FILE names
// the file; if both are set, they must be equal. Start connects to nothing, and nothing that it
// starts ends with ctx.
//
// An error names the file and what is wrong with it; in that case nothing global has changed and
// nothing is exported. If the file sets disabled, all providers do nothing.
//
// If the catalog is already exported, Start returns [otelsli.ErrClaimed].
func Start(ctx context.Context, path string, options ...Option) (*Telemetry, error) {
	cfg := newConfig(options)
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	file, err := load(path)
	if err != nil {
		return nil, err
	}
	t := &Telemetry{cfg: cfg, stopped: make(chan struct{})}
	t.sdk, err = otelconf.NewSDK(
		otelconf.WithContext(context.WithoutCancel(ctx)),
		otelconf.WithOpenTelemetryConfiguration(*file),
		otelconf.WithMeterProviderOptions(sdkmetric.WithCardinalityLimit(cfg.limit)),
	)
	if err != nil {
		return nil, fmt.Errorf("declarative: %s: %s", path, redact(oneLine(err), file))
	}
	if err := t.register(path, file); err != nil {
		t.undo(ctx)
		return nil, err
	}
	if !cfg.withoutGlobal {
		t.setGlobal()
	}
	return t, nil
}

// register exports the SLIs through the MeterProvider of the file.
func (t *Telemetry) register(path string, file *otelconf.OpenTelemetryConfiguration) error {
	if disabled(file) {
		t.cfg.logger.Info("otelsli: the file says disabled: nothing is exported", "file", path)
		return nil
	}
	if !tellsInstances(file) {
		t.cfg.logger.Warn("otelsli: the resource has no service.instance.id, without which processes of a service overwrite each other's values",
			"file", path, "want", "an entry of resource.attributes with the name service.instance.id and a value such as ${POD_UID}")
	}
	limit := smallestLimit(file, t.cfg.limit)
	var err error
	t.slis, err = t.cfg.catalog.Register(t.sdk.MeterProvider(), otelsli.WithCardinalityLimit(limit))
	if field := (*otelsli.FieldError)(nil); errors.As(err, &field) {
		return fmt.Errorf("declarative: %s: meter_provider.readers[].periodic.cardinality_limits allow %d: "+
			"raise them there, as in cardinality_limits: {default: 10000}: %w", path, limit, err)
	}
	return err
}

func (t *Telemetry) setGlobal() {
	otel.SetMeterProvider(t.MeterProvider())
	otel.SetTracerProvider(t.TracerProvider())
	otel.SetLoggerProvider(t.LoggerProvider())
	otel.SetTextMapPropagator(t.Propagator())
}

// undo ends an SDK that will not be used. It ignores a backend that does not answer, which is not
// why Start failed.
func (t *Telemetry) undo(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	_ = together(ctx, t.shutdowns())
}

// MeterProvider returns the provider for the application's own instruments.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.sdk.MeterProvider() }

// TracerProvider returns the provider for the application's spans. It does nothing if the file has
// no tracer_provider.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.sdk.TracerProvider() }

// LoggerProvider returns the provider for the application's log records. It does nothing if the
// file has no logger_provider.
func (t *Telemetry) LoggerProvider() log.LoggerProvider { return t.sdk.LoggerProvider() }

// Propagator returns the propagator that carries trace context and baggage between processes.
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return t.sdk.Propagator() }
