package slisdk

import (
	"context"
	"fmt"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// BenchmarkCollect compares the doors of a catalog: one op is one collection of so many series of
// six counters each.
func BenchmarkCollect(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		c, slis := manySeries(b, n)
		record := func() { slis[0].Record(context.Background(), labels{"channel-0", "tier-0"}, otelsli.Success) }
		for _, temporality := range []metricdata.Temporality{metricdata.CumulativeTemporality, metricdata.DeltaTemporality} {
			b.Run(fmt.Sprintf("series=%d/door=push/%v", n, temporality), func(b *testing.B) {
				p := newPipeline(b, c, &nothing{temporality})
				defer shutdown(b, p)
				benchmark(b, record, func() error { return p.Flush(context.Background()) })
			})
		}
		b.Run(fmt.Sprintf("series=%d/door=producer", n), func(b *testing.B) {
			p := NewProducer(c)
			benchmark(b, record, func() error { _, err := p.Produce(context.Background()); return err })
		})
		b.Run(fmt.Sprintf("series=%d/door=register", n), func(b *testing.B) {
			reader := sdkmetric.NewManualReader()
			mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(0))
			r, err := c.Register(mp, otelsli.WithCardinalityLimit(0))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = r.Unregister() }()
			var rm metricdata.ResourceMetrics
			benchmark(b, record, func() error { return reader.Collect(context.Background(), &rm) })
		})
	}
}

func benchmark(b *testing.B, record func(), collect func() error) {
	for range 2 { // memory that is kept is not counted
		if err := collect(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		record()
		if err := collect(); err != nil {
			b.Fatal(err)
		}
	}
}

// nothing is an exporter that takes no time.
type nothing struct{ temporality metricdata.Temporality }

func (e *nothing) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality { return e.temporality }

func (e *nothing) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}
func (e *nothing) Export(context.Context, *metricdata.ResourceMetrics) error { return nil }
func (e *nothing) ForceFlush(context.Context) error                          { return nil }
func (e *nothing) Shutdown(context.Context) error                            { return nil }

// TestFlushAllocations holds a whole round, with the application's collection, to a number that
// does not depend on the number of series.
func TestFlushAllocations(t *testing.T) { //nolint:paralleltest // counts the allocations of the whole process
	for _, n := range []int{100, 2000} {
		c, _ := manySeries(t, n)
		p := newPipeline(t, c, &nothing{metricdata.DeltaTemporality})
		sdkmetric.NewMeterProvider(sdkmetric.WithReader(p.Reader()))
		for range 3 {
			flush(t, p)
		}
		if got := testing.AllocsPerRun(50, func() { flush(t, p) }); got > 60 {
			t.Errorf("%v allocations with %d series, want at most 60", got, n)
		}
	}
}
