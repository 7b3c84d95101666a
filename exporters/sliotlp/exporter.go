package sliotlp

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// New makes an exporter. It does not connect; the first export does. If options are invalid, New
// returns a nil exporter and an error that joins all problems, each an [otelsli.FieldError].
//
// Besides the methods of its interface, the exporter has a method Endpoint() string, which returns
// the URL that it exports to, for logs. The error of a failed export is usually an [ExportError].
//
// ctx applies to construction only, which does not block.
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

// Validate returns the error that [New] would return for these options, without making an exporter.
func Validate(options ...Option) error {
	_, err := newConfig(options).plan()
	return err
}

// An exporter is OpenTelemetry's, plus what that leaves to others: it splits requests that are too
// large, keeps the cause of a failure, waits as long as the receiver asks for, and closes its
// connections.
type exporter struct {
	sdkmetric.Exporter
	plan     plan
	close    func() error // once
	patience patience
	probe    probe

	// mostPoints is the number of points that the receiver takes in one request, lowered when it
	// refuses more.
	mostPoints atomic.Int64
}

func (p plan) exporter(e sdkmetric.Exporter, closeConnections func() error) *exporter {
	x := &exporter{Exporter: e, plan: p, close: sync.OnceValue(closeConnections)}
	x.mostPoints.Store(math.MaxInt64)
	return x
}

// Export implements [sdkmetric.Exporter].
func (e *exporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if until, cause := e.patience.asked(ctx); !until.IsZero() {
		return e.waiting(until, cause)
	}
	return e.exportParts(ctx, rm, e.split(rm))
}

// Endpoint returns the URL that is exported to, for logs. It cannot contain a secret: see
// WithEndpoint.
func (e *exporter) Endpoint() string { return e.plan.url.String() }

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
