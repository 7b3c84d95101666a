package sliotlp

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/otelsli/otelsli-go/otelsli"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// New makes an exporter. It connects when it exports for the first time. All problems of the
// options are returned, joined, each an [otelsli.FieldError]; the exporter is nil then.
//
// ctx is that of the construction alone, which does not wait for anything.
func New(ctx context.Context, options ...Option) (sdkmetric.Exporter, error) {
	p, err := newConfig(options).plan()
	if err := errors.Join(err, checkEnvironment()); err != nil {
		return nil, err
	}
	if p.protocol == GRPC {
		return p.newGRPC(ctx)
	}
	return p.newHTTP(ctx)
}

// Validate returns the error that [New] would have with these options, and makes nothing.
func Validate(options ...Option) error {
	_, err := newConfig(options).plan()
	return err
}

// checkEnvironment keeps a secret secret. OpenTelemetry's exporters read the variables for headers
// even where options win, and log a value that they cannot decode, whole.
func checkEnvironment() error {
	var errs []error
	for _, name := range []string{"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"} {
		if _, err := ParseHeaders(os.Getenv(name)); err != nil { //nolint:forbidigo // see above; nothing is taken from it
			errs = append(errs, &otelsli.FieldError{
				Field: "OTLP exporter: variable " + name,
				Value: "malformed, and OpenTelemetry would log it as it is",
				Want:  "key=value pairs joined by commas, values percent-encoded, or no such variable",
			})
		}
	}
	return errors.Join(errs...)
}

// An exporter closes its connections, which OpenTelemetry's leaves to whoever made them.
type exporter struct {
	sdkmetric.Exporter
	close func() error // once
}

func newExporter(e sdkmetric.Exporter, closeConnections func() error) *exporter {
	return &exporter{Exporter: e, close: sync.OnceValue(closeConnections)}
}

// Shutdown lets a running export finish, as OpenTelemetry's exporter does, and closes the
// connections.
func (e *exporter) Shutdown(ctx context.Context) error {
	err := e.Exporter.Shutdown(ctx)
	return errors.Join(err, e.close())
}

func (p plan) temporalitySelector() sdkmetric.TemporalitySelector {
	switch p.temporality {
	case Delta:
		return sdkmetric.DeltaTemporalitySelector
	case LowMemory:
		return sdkmetric.LowMemoryTemporalitySelector
	case Cumulative:
	}
	return sdkmetric.CumulativeTemporalitySelector
}

func (p plan) aggregationSelector() sdkmetric.AggregationSelector {
	if p.histograms == ExponentialBuckets {
		return exponential
	}
	return sdkmetric.DefaultAggregationSelector
}

// exponential has the parameters that the specification recommends.
func exponential(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if kind == sdkmetric.InstrumentKindHistogram {
		return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}
