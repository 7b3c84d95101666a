package slisdk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A Round describes one collection and export of a [Pipeline] after it has ended.
type Round struct {
	Trigger Trigger
	Result  Result

	// Err is the error of the export, or the reason why there was none. If the result is [Delivered], it
	// is a warning of the receiver, or nil.
	Err error

	// CollectErr is not nil if the application's metrics could not be collected, or not completely. It
	// affects neither the SLIs nor the result.
	CollectErr error

	// Collection is how long it took to collect the application's metrics and the SLIs. Export is how long
	// the exporter took, or the time until it was abandoned. Zero means that the round did not get that
	// far.
	Collection, Export time.Duration

	// Points is the number of data points given to the exporter.
	Points int

	// Rejected is how many of them the receiver rejected permanently.
	Rejected int64

	// Lost is how many of them were lost for good in an export that was not delivered: the deltas of the
	// application's own metrics, which the SDK does not hand over again. SLIs and totals are never lost.
	// If the result is [TimedOut], the deltas may have arrived nevertheless.
	Lost int
}

// A Trigger is the cause of a [Round].
type Trigger uint8

// The triggers of a round.
const (
	ByInterval Trigger = iota // the interval, or Start
	ByFlush                   // [Pipeline.Flush], which also returns the error, unless it is a warning
	ByShutdown                // [Pipeline.Shutdown], likewise
)

// A Result says how the export of a [Round] ended.
type Result uint8

// The results of a round.
const (
	Delivered Result = iota // the receiver accepted everything
	Partial                 // the receiver accepted the export but rejected part of it: see [Round].Rejected
	Failed                  // the exporter returned an error
	TimedOut                // time ran out, or the exporter did not return and was abandoned
	Canceled                // cut short by Shutdown or by the caller of Flush
	Skipped                 // the previous export had not returned yet

	Results = int(Skipped) + 1 // the number of results
)

var resultNames = [Results]string{"delivered", "partial", "failed", "timeout", "canceled", "skipped"}

// String returns the result as an attribute value: delivered, partial, failed, timeout, canceled or
// skipped.
func (r Result) String() string {
	if int(r) >= Results {
		return fmt.Sprintf("Result(%d)", r)
	}
	return resultNames[r]
}

// WithObserver sets a function that is called with every round after it has ended, for example to count
// and log it. It should be quick: the pipeline waits for it for at most a quarter of a second, so that
// one that hangs delays no export. It may be called concurrently. A panic in it goes to [otel.Handle].
// Default (and nil): none.
func WithObserver(observe func(Round)) Option {
	return optionFunc(func(c *config) { c.observe = observe })
}

// observerPatience is how long the pipeline waits for the observer.
const observerPatience = 250 * time.Millisecond

// tell passes a round that has ended to the observer.
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

// end records the outcome of the export of a round, whose context was ctx.
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

// failure classifies a failure.
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

// size returns the number of data points and their temporality, which gauges and summaries lack.
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
