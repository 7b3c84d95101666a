package line

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

func (m *Mapper) mapMetric(scope *instrumentation.Scope, data *metricdata.Metrics) {
	switch d := data.Data.(type) {
	case metricdata.Gauge[int64]:
		mapNumbers(m, m.metric(scope, data.Name, Gauge), d.DataPoints, false)
	case metricdata.Gauge[float64]:
		mapNumbers(m, m.metric(scope, data.Name, Gauge), d.DataPoints, false)
	case metricdata.Sum[int64]:
		mapNumbers(m, m.metric(scope, data.Name, sumKind(d.IsMonotonic)), d.DataPoints, isDelta(d.Temporality))
	case metricdata.Sum[float64]:
		mapNumbers(m, m.metric(scope, data.Name, sumKind(d.IsMonotonic)), d.DataPoints, isDelta(d.Temporality))
	case metricdata.Histogram[int64]:
		mapHistograms(m, m.metric(scope, data.Name, Histogram), d.DataPoints, isDelta(d.Temporality))
	case metricdata.Histogram[float64]:
		mapHistograms(m, m.metric(scope, data.Name, Histogram), d.DataPoints, isDelta(d.Temporality))
	case metricdata.ExponentialHistogram[int64]:
		mapExponential(m, m.metric(scope, data.Name, Histogram), d.DataPoints, isDelta(d.Temporality))
	case metricdata.ExponentialHistogram[float64]:
		mapExponential(m, m.metric(scope, data.Name, Histogram), d.DataPoints, isDelta(d.Temporality))
	case metricdata.Summary:
		m.mapSummaries(m.metric(scope, data.Name, Summary), d.DataPoints)
	default:
		m.drops[Unknown]++
	}
}

func sumKind(monotonic bool) Kind {
	if monotonic {
		return Counter
	}
	return UpDownCounter
}

func isDelta(t metricdata.Temporality) bool { return t == metricdata.DeltaTemporality }

// metric returns the metric with a name, a new one if necessary.
func (m *Mapper) metric(scope *instrumentation.Scope, name string, kind Kind) *metric {
	key := keyOf(scope, name, kind)
	mt := m.metrics[key]
	if mt == nil {
		mt = &metric{key: key, origins: make(map[attribute.Distinct]*Origin)}
		m.metrics[key] = mt
	}
	return mt
}

func mapNumbers[N int64 | float64](m *Mapper, mt *metric, points []metricdata.DataPoint[N], delta bool) {
	for i := range points {
		p := &points[i]
		v := number(p.Value)
		if !v.Present() {
			m.drops[NotFinite]++
			continue
		}
		o := mt.origin(&p.Attributes)
		if s := m.place(o, &p.Attributes, nil); s != nil {
			m.values = append(m.values[:0], v)
			m.emit(o, s, p.StartTime, p.Time, delta)
		}
	}
}

// emit yields the values.
func (m *Mapper) emit(o *Origin, s *Series, start, at time.Time, delta bool) {
	if s.refused != accepted {
		m.drops[s.refused]++
		return
	}
	if o.part > 0 {
		m.merged++
	}
	m.sample = Sample{Series: s, Part: o.part, Seconds: m.seconds(at), Values: m.values, Delta: delta}
	if !start.IsZero() {
		m.sample.Start = start.UnixNano()
	}
	m.yield(&m.sample)
}

// seconds returns the time of a point. Receivers take values of more than 32 bits for milliseconds.
func (m *Mapper) seconds(at time.Time) int64 {
	if s := at.Unix(); s > 0 && s <= math.MaxUint32 {
		return s
	}
	return m.now
}

func mapHistograms[N int64 | float64](m *Mapper, mt *metric, points []metricdata.HistogramDataPoint[N], delta bool) {
	for i := range points {
		p := &points[i]
		if !validBounds(p.Bounds) || len(p.BucketCounts) != len(p.Bounds)+1 && len(p.BucketCounts) != 0 {
			m.drops[Unknown]++
			continue
		}
		o := mt.origin(&p.Attributes)
		s := m.place(o, &p.Attributes, p.Bounds)
		if s == nil {
			continue
		}
		beginHistogram(m, p.Count, p.Sum, p.Min, p.Max)
		var sum uint64
		for i := range p.Bounds {
			if i < len(p.BucketCounts) {
				sum += p.BucketCounts[i]
			}
			m.values = append(m.values, count(sum))
		}
		m.values = append(m.values, count(p.Count))
		m.emit(o, s, p.StartTime, p.Time, delta)
	}
}

// validBounds reports whether bounds are finite and in order.
func validBounds(bounds []float64) bool {
	last := math.Inf(-1)
	for _, b := range bounds {
		if !(b > last) || math.IsInf(b, 1) {
			return false
		}
		last = b
	}
	return true
}

// beginHistogram starts the values of a histogram with those that precede the buckets.
func beginHistogram[N int64 | float64](m *Mapper, n uint64, sum N, low, high metricdata.Extrema[N]) {
	m.values = append(m.values[:0], count(n), m.sum(number(sum), n, extreme(low), extreme(high)))
	if m.config.MinMax {
		m.values = append(m.values, extreme(low), extreme(high))
	}
}

func extreme[N int64 | float64](e metricdata.Extrema[N]) Number {
	if v, ok := e.Value(); ok {
		return number(v)
	}
	return Number{}
}

// sum omits an undefined sum. For instruments that may record negative values, the SDK reports 0,
// which is impossible if all values are above 0 or all are below.
func (m *Mapper) sum(sum Number, n uint64, low, high Number) Number {
	if !sum.Present() {
		m.drops[NotFinite]++
		return Number{}
	}
	undefined := sum.IsZero() && n > 0 && (low.Float64() > 0 || high.Float64() < 0)
	if undefined {
		return Number{}
	}
	return sum
}

func (m *Mapper) mapSummaries(mt *metric, points []metricdata.SummaryDataPoint) {
	for i := range points {
		p := &points[i]
		m.quantiles = m.quantiles[:0]
		for _, q := range p.QuantileValues {
			m.quantiles = append(m.quantiles, q.Quantile)
		}
		if !validBounds(m.quantiles) {
			m.drops[Unknown]++
			continue
		}
		o := mt.origin(&p.Attributes)
		s := m.place(o, &p.Attributes, m.quantiles)
		if s == nil {
			continue
		}
		m.values = append(m.values[:0], count(p.Count), m.sum(Float(p.Sum), 0, Number{}, Number{}))
		for _, q := range p.QuantileValues {
			m.values = append(m.values, m.finite(q.Value))
		}
		m.emit(o, s, p.StartTime, p.Time, false)
	}
}

// finite converts a value, and counts it as dropped if it is not finite.
func (m *Mapper) finite(v float64) Number {
	n := Float(v)
	if !n.Present() {
		m.drops[NotFinite]++
	}
	return n
}
