package slisdk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A Round is one collection and export of a [Pipeline], as it ended.
type Round struct {
	Trigger Trigger
	Result  Result

	// Err is the error of the export, as the exporter returned it or as it came to none. Where the
	// result is [Delivered] it is a warning of the receiver, or nil.
	Err error

	// CollectErr says that the application's metrics could not be collected, or not all of them. It
	// costs the SLIs nothing and does not touch the result.
	CollectErr error

	// Collection is how long the metrics of the application and the SLIs took to collect, and Export
	// how long the exporter took, or until it was abandoned. Zero: it did not come to it.
	Collection, Export time.Duration

	// Points is the number of data points that the exporter was given.
	Points int

	// Rejected is how many of them the receiver has rejected for good.
	Rejected int64

	// Lost is how many of them an export that was not delivered has lost for good: the deltas of the
	// application's own metrics, which the SDK does not hand over a second time. SLIs and totals are
	// never among them. Where the result is [TimedOut] they may have arrived nevertheless.
	Lost int
}

// A Trigger is what a [Round] was made for.
type Trigger uint8

// The triggers of a round.
const (
	ByInterval Trigger = iota // the interval was over, or Start has been called
	ByFlush                   // [Pipeline.Flush], which returns the error too, unless it is a warning
	ByShutdown                // [Pipeline.Shutdown], as ByFlush
)

// A Result says how the export of a [Round] ended.
type Result uint8

// The results of a round.
const (
	Delivered Result = iota // the receiver took everything
	Partial                 // the receiver took the export and rejected a part of it: [Round].Rejected
	Failed                  // the exporter returned an error
	TimedOut                // the time was over, or the exporter has not returned and is abandoned
	Canceled                // Shutdown, or the caller of Flush, has cut it short
	Skipped                 // an export before it has not returned yet

	Results = int(Skipped) + 1 // the number of results
)

var resultNames = [Results]string{"delivered", "partial", "failed", "timeout", "canceled", "skipped"}

// String returns the result as it is used for an attribute: delivered, partial, failed, timeout,
// canceled or skipped.
func (r Result) String() string {
	if int(r) >= Results {
		return fmt.Sprintf("Result(%d)", r)
	}
	return resultNames[r]
}

// WithObserver sets what is told of every round when it has ended, such as one that counts and logs.
// It should be quick: a quarter of a second after its call the pipeline goes on without it, so that one
// that hangs costs no export. It may be called by several goroutines at once. A panic in it goes to
// [otel.Handle]. Default and nil: none.
func WithObserver(observe func(Round)) Option {
	return optionFunc(func(c *config) { c.observe = observe })
}

// observerPatience is how long the observer is waited for.
const observerPatience = 250 * time.Millisecond

// tell hands a round that has ended to the observer.
func (p *Pipeline) tell(r Round) {
	if p.config.observe == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), observerPatience)
	defer cancel()
	err := call(ctx, func(context.Context) error { p.config.observe(r); return nil })
	if err != nil && !errors.Is(err, errAbandoned) {
		otel.Handle(p.wrap("observer", err))
	}
}

// end notes how the export of a round went, whose context was ctx.
func (r *Round) end(ctx context.Context, err error, deltas int) {
	r.Err = err
	rejected, partial := partialSuccess(err)
	switch {
	case err == nil, partial && rejected == 0:
		r.Result = Delivered
	case partial:
		r.Result, r.Rejected = Partial, rejected
	default:
		r.Result, r.Lost = failure(ctx, err), deltas
	}
}

// failure tells the kinds of failure apart.
func failure(ctx context.Context, err error) Result {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrShutdown), errors.Is(cause, context.Canceled):
		return Canceled
	case errors.Is(err, errBusy):
		return Skipped
	case errors.Is(err, errAbandoned), errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	}
	return Failed
}

// count returns the number of data points, and how many of them are deltas.
func count(scopes []metricdata.ScopeMetrics) (points, deltas int) {
	for _, s := range scopes {
		for i := range s.Metrics {
			n, temporality := size(s.Metrics[i].Data)
			points += n
			if temporality == metricdata.DeltaTemporality {
				deltas += n
			}
		}
	}
	return points, deltas
}

// size returns the number of data points and their temporality, which gauges and summaries have not.
func size(data metricdata.Aggregation) (int, metricdata.Temporality) {
	switch d := data.(type) {
	case metricdata.Sum[int64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.Sum[float64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.Histogram[int64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.Histogram[float64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.ExponentialHistogram[int64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.ExponentialHistogram[float64]:
		return len(d.DataPoints), d.Temporality
	case metricdata.Gauge[int64]:
		return len(d.DataPoints), 0
	case metricdata.Gauge[float64]:
		return len(d.DataPoints), 0
	case metricdata.Summary:
		return len(d.DataPoints), 0
	}
	return 0, 0
}
