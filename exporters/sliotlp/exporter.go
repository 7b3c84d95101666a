package sliotlp

import (
	"context"
	"errors"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// New makes an exporter. It connects when it exports for the first time. All problems of the
// options are returned, joined, each an [otelsli.FieldError]; the exporter is nil then.
//
// The exporter has a method Endpoint() string beside those of its interface, which returns the URL
// that it exports to, for logs.
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

// An exporter closes its connections, which OpenTelemetry's leaves to whoever made them.
type exporter struct {
	sdkmetric.Exporter
	endpoint string
	close    func() error // once
}

func (p plan) exporter(e sdkmetric.Exporter, closeConnections func() error) *exporter {
	return &exporter{Exporter: e, endpoint: p.url.String(), close: sync.OnceValue(closeConnections)}
}

// Endpoint returns the URL that is exported to, for logs. It cannot hold a secret: see WithEndpoint.
func (e *exporter) Endpoint() string { return e.endpoint }

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
