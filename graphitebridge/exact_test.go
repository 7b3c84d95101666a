package graphitebridge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestExactUnderRandomFailures records from many goroutines while deliveries fail in all ways. In
// the end the increments of each series, by second, add up to what was recorded; the totals are
// those of the application.
func TestExactUnderRandomFailures(t *testing.T) {
	t.Parallel()
	for _, increments := range []bool{false, true} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("increments=%v/%d", increments, seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { exact(t, increments, seed) })
			})
		}
	}
}

func exact(t *testing.T, increments bool, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	r := &receiverFake{fate: func(int) fate { return fate(random.IntN(int(hangs) + 1)) }}
	c := quiet()
	c.Increments = increments
	c.BatchBytes = 100 + random.IntN(2000)
	e := newTestExporter(t, c, r)
	app := newApplication(t)
	for range 40 {
		app.record(5)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_ = e.Export(ctx, app.collect(t))
		cancel()
		time.Sleep(time.Duration(random.IntN(2500)) * time.Millisecond)
	}
	r.fate = nil
	if err := e.Export(t.Context(), app.collect(t)); err != nil {
		t.Fatal(err)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := r.newest()
	r.noConflicts(t)
	if increments {
		got = r.sums()
	}
	app.check(t, got, r.newest())
}

// An application records integers, so that sums of floats are exact too.
type application struct {
	reader *sdkmetric.ManualReader
	orders metric.Int64Counter
	money  metric.Float64Counter
	queue  metric.Int64UpDownCounter
	took   metric.Int64Histogram
	sizes  metric.Int64Histogram

	ordered, queued, measured atomic.Int64
}

func newApplication(t *testing.T) *application {
	a := &application{reader: sdkmetric.NewManualReader()}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(a.reader), sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Name: "sizes"}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}})))
	m := provider.Meter("app")
	var errs [5]error
	a.orders, errs[0] = m.Int64Counter("orders")
	a.money, errs[1] = m.Float64Counter("money")
	a.queue, errs[2] = m.Int64UpDownCounter("queue")
	a.took, errs[3] = m.Int64Histogram("took", metric.WithExplicitBucketBoundaries(2, 4))
	a.sizes, errs[4] = m.Int64Histogram("sizes")
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// bucketSize is the number of values in each bucket of sizes.
const bucketSize = 50

// record records from several goroutines.
func (a *application) record(n int) {
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range n {
				tier := metric.WithAttributes(attribute.String("tier", fmt.Sprint((g+i)%3)))
				a.orders.Add(context.Background(), 1, tier)
				a.money.Add(context.Background(), 2, tier)
				a.ordered.Add(1)
				a.queue.Add(context.Background(), int64(i%3-1))
				a.queued.Add(int64(i%3 - 1))
				a.took.Record(context.Background(), int64(i))
				a.sizes.Record(context.Background(), 1<<(a.measured.Add(1)/bucketSize)) // ever more buckets
			}
		})
	}
	all.Wait()
}

func (a *application) collect(t *testing.T) *metricdata.ResourceMetrics {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := a.reader.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	return &rm
}

// check compares what was received with what was recorded.
func (a *application) check(t *testing.T, got, newest map[string]float64) {
	t.Helper()
	total := make(map[string]float64)
	for name, v := range got {
		metric, _, _ := strings.Cut(name, ";")
		if metric == "took.bucket" && !strings.Contains(name, "le=+Inf") {
			metric += " some"
		}
		if metric == "sizes.bucket" && !strings.Contains(name, "le=+Inf") {
			continue
		}
		total[metric] += v
	}
	n := float64(a.ordered.Load())
	for metric, want := range map[string]float64{
		"orders": n, "money": 2 * n,
		"took.count": n, "took.bucket": n, "took.bucket some": n*3/5 + n, // 0, 1 and 2 of 0 to 4; all
		"sizes.count": n, "sizes.bucket": n,
	} {
		if total[metric] != want {
			t.Errorf("%s adds up to %v, want %v", metric, total[metric], want)
		}
	}
	if newest["queue;instance=i"] != float64(a.queued.Load()) {
		t.Errorf("queue is %v, want %d", newest["queue;instance=i"], a.queued.Load())
	}
	if v := got["sizes.bucket;instance=i;le=1"]; v != bucketSize-1 {
		t.Errorf("sizes at most 1: %v, want %d", v, bucketSize-1)
	}
}
