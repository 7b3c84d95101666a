package slisdk

import (
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

var scope = instrumentation.Scope{Name: otelsli.ScopeName, Version: otelsli.Version}

// A builder converts a catalog to metric data. It reuses its memory: the result is valid until the
// next build. It must not be used concurrently.
type builder struct {
	catalog *otelsli.Catalog
	deltas  *deltas        // nil: cumulative
	sizes   map[string]int // expected number of points by metric; nil: unknown

	plans   map[*otelsli.Family]*plan
	sums    map[string]*stream[int64]
	gauges  map[string]*stream[float64]
	order   []func() // appends each metric to metrics, in order
	metrics []metricdata.Metrics

	exemplars exemplars

	now     time.Time
	current *plan                    // of the family being read
	point   func(otelsli.Point) bool // the method add, converted to a func value once
}

// A plan maps the counters and gauges of a family to metrics. Families share metrics of the same
// name.
type plan struct {
	sums   []*stream[int64]
	gauges []*stream[float64]
	frame  frame
}

func newBuilder(catalog *otelsli.Catalog) *builder {
	b := &builder{
		catalog: catalog,
		plans:   make(map[*otelsli.Family]*plan),
		sums:    make(map[string]*stream[int64]),
		gauges:  make(map[string]*stream[float64]),
	}
	b.point = b.add
	return b
}

// build reads the catalog. All points have the time at which build started.
func (b *builder) build() metricdata.ScopeMetrics {
	b.now = time.Now()
	b.exemplars.reset()
	for _, s := range b.sums {
		s.points = s.points[:0]
	}
	for _, s := range b.gauges {
		s.points = s.points[:0]
	}
	for f := range b.catalog.Collect() {
		b.family(f)
	}
	b.metrics = b.metrics[:0]
	for _, finish := range b.order {
		finish()
	}
	return metricdata.ScopeMetrics{Scope: scope, Metrics: b.metrics}
}

func (b *builder) family(f *otelsli.Family) {
	p := b.plans[f]
	if p == nil {
		p = b.plan(f)
		b.plans[f] = p
	}
	if b.deltas != nil {
		p.frame.open(b.deltas.delivered[f])
	}
	b.current = p
	f.Points()(b.point)
	for i, g := range f.Objectives() {
		p.gauges[i].points = append(p.gauges[i].points, metricdata.DataPoint[float64]{
			Attributes: g.Attributes,
			Time:       b.now,
			Value:      g.Value,
		})
	}
}

// add adds one series of the current family. A series created after the collection started waits
// for the next one: its start would be later than its time. The series that follow it in the family
// are not older.
func (b *builder) add(p otelsli.Point) bool {
	if p.Start.After(b.now) {
		return false
	}
	if b.deltas != nil {
		p.Start, p.Counts = b.current.frame.advance(p, b.deltas.until)
	}
	for i, s := range b.current.sums {
		if v, ok := p.Value(i); ok {
			s.points = append(s.points, metricdata.DataPoint[int64]{
				Attributes: p.Attributes(i),
				StartTime:  p.Start,
				Time:       b.now,
				Value:      v,
				Exemplars:  b.exemplarsOf(&p, i),
			})
		}
	}
	return true
}

// plan finds or makes the metrics of a family.
func (b *builder) plan(f *otelsli.Family) *plan {
	p := &plan{}
	for _, c := range f.Counters() {
		p.sums = append(p.sums, streamOf(b, b.sums, metricdata.Metrics{Name: c.Name, Description: c.Description, Unit: c.Unit}, b.sum))
	}
	for _, g := range f.Objectives() {
		p.gauges = append(p.gauges, streamOf(b, b.gauges, metricdata.Metrics{Name: g.Name, Description: g.Description, Unit: g.Unit}, gauge))
	}
	return p
}

func (b *builder) sum(points []metricdata.DataPoint[int64]) metricdata.Aggregation {
	temporality := metricdata.CumulativeTemporality
	if b.deltas != nil {
		temporality = metricdata.DeltaTemporality
	}
	return metricdata.Sum[int64]{DataPoints: points, Temporality: temporality, IsMonotonic: true}
}

func gauge(points []metricdata.DataPoint[float64]) metricdata.Aggregation {
	return metricdata.Gauge[float64]{DataPoints: points}
}

// A stream is one metric, with the points of all families that share it.
type stream[N int64 | float64] struct {
	metric metricdata.Metrics
	points []metricdata.DataPoint[N]
	boxed  int // number of points that metric.Data holds
	box    func([]metricdata.DataPoint[N]) metricdata.Aggregation
}

// streamOf returns the stream of a metric, and appends a new one if there is none.
func streamOf[N int64 | float64](b *builder, known map[string]*stream[N], metric metricdata.Metrics,
	box func([]metricdata.DataPoint[N]) metricdata.Aggregation,
) *stream[N] {
	s := known[metric.Name]
	if s == nil {
		s = &stream[N]{metric: metric, box: box}
		if n := b.sizes[metric.Name]; n > 0 {
			s.points = make([]metricdata.DataPoint[N], 0, n)
		}
		known[metric.Name] = s
		b.order = append(b.order, func() { b.metrics = s.appendTo(b.metrics) })
	}
	return s
}

// appendTo appends the metric, unless it has no points. It replaces Data, which allocates, only if
// the number of points has changed; otherwise they are still in the same place.
func (s *stream[N]) appendTo(to []metricdata.Metrics) []metricdata.Metrics {
	if len(s.points) == 0 {
		return to
	}
	if len(s.points) != s.boxed {
		s.metric.Data, s.boxed = s.box(s.points), len(s.points)
	}
	return append(to, s.metric)
}
