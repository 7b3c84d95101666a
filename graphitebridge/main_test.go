package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("connect tcp://127.0.0.1:2003: connection refused")

// A fate is what becomes of one delivery.
type fate int

const (
	arrives   fate = iota
	refused        // nothing is written
	vanishes       // written, but the receiver reads nothing
	torn           // the receiver reads the first half
	ambiguous      // the receiver reads everything, but does not acknowledge it
	hangs          // until the context ends, then as ambiguous
)

// A receiverFake is a sender with a receiver that stores one value for each series and second, the
// last one, as carbon does.
type receiverFake struct {
	fate func(n int) fate // of delivery n; nil: arrives

	mu         sync.Mutex
	deliveries []string // those that were tried
	points     map[string]map[int64]float64
	conflicts  []string // two different values for a series in a second
	stats      delivery.Stats
	closed     int
}

func (r *receiverFake) Deliver(ctx context.Context, data []byte, lines int) (delivery.Result, error) {
	if ctx.Err() != nil {
		return delivery.Result{}, context.Cause(ctx)
	}
	if n := strings.Count(string(data), "\n"); n != lines || !strings.HasSuffix(string(data), "\n") {
		panic(fmt.Sprintf("%d lines are said to be %d", n, lines))
	}
	r.mu.Lock()
	f := arrives
	if r.fate != nil {
		f = r.fate(len(r.deliveries))
	}
	r.deliveries = append(r.deliveries, string(data))
	r.mu.Unlock()
	if f == hangs {
		<-ctx.Done()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	read := strings.SplitAfter(string(data), "\n")
	switch f {
	case arrives:
		r.read(read)
		r.stats.Acknowledged.Lines += int64(lines)
		r.stats.LastSuccess = time.Now()
		return delivery.Result{Written: true, Acknowledged: true}, nil
	case torn:
		r.read(read[:lines/2])
	case ambiguous, hangs:
		r.read(read)
	}
	r.stats.Failures[delivery.FailureDial]++
	return delivery.Result{Written: f != refused}, errDown
}

// read stores lines; the lock is held.
func (r *receiverFake) read(lines []string) {
	for _, text := range lines {
		if text == "" {
			continue
		}
		name, second, value := parseLine(text)
		if r.points == nil {
			r.points = make(map[string]map[int64]float64)
		}
		if r.points[name] == nil {
			r.points[name] = make(map[int64]float64)
		}
		if old, ok := r.points[name][second]; ok && old != value {
			r.conflicts = append(r.conflicts, fmt.Sprintf("%s at %d: %v, then %v", name, second, old, value))
		}
		r.points[name][second] = value
		r.stats.Sent.Lines++
	}
}

// parseLine reads a line of any format.
func parseLine(text string) (name string, second int64, value float64) {
	words := strings.Fields(text)
	v, s := words[1], words[2]
	if words[0] == "put" {
		name, s, v = words[1]+";"+strings.Join(words[4:], ";"), words[2], words[3]
	} else {
		name = words[0]
	}
	second, err := strconv.ParseInt(s, 10, 64)
	value, err2 := strconv.ParseFloat(v, 64)
	if err != nil || err2 != nil {
		panic("line " + text)
	}
	return name, second, value
}

func (r *receiverFake) Close(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed++
	return nil
}

func (r *receiverFake) Stats() delivery.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// sums adds up the values of each series.
func (r *receiverFake) sums() map[string]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := make(map[string]float64)
	for name, points := range r.points {
		for _, v := range points {
			got[name] += v
		}
	}
	return got
}

// newest returns the last value of each series.
func (r *receiverFake) newest() map[string]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := make(map[string]float64)
	for name, points := range r.points {
		last := int64(0)
		for second, v := range points {
			if second >= last {
				got[name], last = v, second
			}
		}
	}
	return got
}

// batches returns how often something was sent.
func (r *receiverFake) batches() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.deliveries...)
}

func (r *receiverFake) noConflicts(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conflicts {
		t.Errorf("two values of %s", c)
	}
}

// fates gives the deliveries their fates in turn; further ones arrive.
func fates(list ...fate) func(int) fate {
	return func(n int) fate {
		if n < len(list) {
			return list[n]
		}
		return arrives
	}
}

// quiet is a configuration for tests.
func quiet() Config {
	return Config{
		Servers:       []string{"tcp://127.0.0.1:2003"},
		Line:          line.Config{Format: line.GraphiteTagged, Instance: "i", ResourceAttributes: []string{}},
		MeterProvider: noop.NewMeterProvider(),
		Logger:        slog.New(slog.DiscardHandler),
		Catalog:       otelsli.NewCatalog(),
	}
}

func newTestExporter(t testing.TB, c Config, s sender) *Exporter {
	t.Helper()
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		t.Fatal(err)
	}
	e, err := newExporter(c, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Shutdown(context.Background()) })
	return e
}

var born = time.Unix(1_600_000_000, 0)

func set(pairs ...string) attribute.Set {
	var kvs []attribute.KeyValue
	for i := 0; i < len(pairs); i += 2 {
		kvs = append(kvs, attribute.String(pairs[i], pairs[i+1]))
	}
	return attribute.NewSet(kvs...)
}

func data(metrics ...metricdata.Metrics) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{
		Resource:     resource.Empty(),
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: metrics}},
	}
}

func sum(name string, monotonic bool, v int64, pairs ...string) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: metricdata.Sum[int64]{
		IsMonotonic: monotonic,
		Temporality: metricdata.CumulativeTemporality,
		DataPoints:  []metricdata.DataPoint[int64]{{Attributes: set(pairs...), StartTime: born, Time: time.Now(), Value: v}},
	}}
}

func counter(name string, v int64, pairs ...string) metricdata.Metrics {
	return sum(name, true, v, pairs...)
}

func gauge(name string, v float64, pairs ...string) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: metricdata.Gauge[float64]{
		DataPoints: []metricdata.DataPoint[float64]{{Attributes: set(pairs...), Time: time.Now(), Value: v}},
	}}
}

func histogram(name string, start time.Time, bounds []float64, counts ...uint64) metricdata.Metrics {
	p := metricdata.HistogramDataPoint[int64]{StartTime: start, Time: time.Now(), Bounds: bounds, BucketCounts: counts}
	for i, n := range counts {
		p.Count += n
		p.Sum += int64(n) * int64(i+1)
	}
	return metricdata.Metrics{Name: name, Data: metricdata.Histogram[int64]{
		Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.HistogramDataPoint[int64]{p},
	}}
}

// exponential is a histogram at scale 0 whose sum is 0.
func exponential(name string, offset int32, counts ...uint64) metricdata.Metrics {
	p := metricdata.ExponentialHistogramDataPoint[int64]{
		StartTime: born, Time: time.Now(), PositiveBucket: metricdata.ExponentialBucket{Offset: offset, Counts: counts},
	}
	for _, n := range counts {
		p.Count += n
	}
	return metricdata.Metrics{Name: name, Data: metricdata.ExponentialHistogram[int64]{
		Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.ExponentialHistogramDataPoint[int64]{p},
	}}
}

func deltaCounter(name string, v int64) metricdata.Metrics {
	m := counter(name, v)
	s := m.Data.(metricdata.Sum[int64])
	s.Temporality = metricdata.DeltaTemporality
	m.Data = s
	return m
}

// silent is a sender that neither acknowledges nor fails.
type silent struct{}

func (silent) Deliver(context.Context, []byte, int) (delivery.Result, error) {
	return delivery.Result{}, nil
}
func (silent) Close(context.Context) error { return nil }
func (silent) Stats() delivery.Stats       { return delivery.Stats{} }

// acknowledging is a sender that keeps nothing.
type acknowledging struct{ silent }

func (acknowledging) Deliver(context.Context, []byte, int) (delivery.Result, error) {
	return delivery.Result{Written: true, Acknowledged: true}, nil
}
