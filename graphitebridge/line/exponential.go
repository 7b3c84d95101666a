package line

import (
	"math"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// exponential is the state of an exponential histogram: all buckets that it ever used. Buckets are
// only added or made coarser, so that a line that was sent once is always sent.
type exponential struct {
	ranges
	edges  []edge
	bounds []float64 // bounds of the edges
}

// A span is a half-open range of bucket indexes.
type span struct{ from, to int32 }

func (s span) empty() bool { return s.from >= s.to }

func (s span) width() int { return int(s.to) - int(s.from) }

func (s span) union(o span) span {
	switch {
	case s.empty():
		return o
	case o.empty():
		return s
	}
	return span{min(s.from, o.from), max(s.to, o.to)}
}

// shift makes buckets coarser: each replaces 2^by buckets.
func (s span) shift(by int32) span {
	if s.empty() || by == 0 {
		return s
	}
	return span{s.from >> by, (s.to-1)>>by + 1}
}

// An edge is an upper bound, in the order of the bounds: of a bucket of negative values, of the
// zero bucket, or of a bucket of positive values.
type edge struct {
	sign  int8
	index int32
}

// spanOf returns the range of non-empty buckets.
func spanOf(b *metricdata.ExponentialBucket) span {
	from, to := 0, len(b.Counts)
	for from < to && b.Counts[from] == 0 {
		from++
	}
	for to > from && b.Counts[to-1] == 0 {
		to--
	}
	if from == to {
		return span{}
	}
	return span{b.Offset + int32(from), b.Offset + int32(to)}
}

// upper returns the upper bound of bucket i: (2^(2^-scale))^(i+1).
func upper(i, scale int32) float64 {
	n := int64(i) + 1
	if scale <= 0 {
		exponent := n << -scale
		return math.Ldexp(1, int(max(min(exponent, 2000), -2000)))
	}
	whole, part := n>>scale, n&(1<<scale-1)
	return math.Ldexp(math.Exp2(math.Ldexp(float64(part), -int(scale))), int(max(min(whole, 2000), -2000)))
}

// precision returns the precision of bounds in text. Bounds between powers of two are rounded,
// because the last digits of a power differ between processors.
func (o *Origin) precision() int {
	if o.expo != nil && o.expo.scale > 0 {
		return 9
	}
	return -1
}

// ranges determines the bounds.
type ranges struct {
	scale              int32
	positive, negative span
	zero               float64 // upper bound of the zero bucket
}

// maxEdges is the maximum number of bounds of a histogram; one that needs more is made coarser.
const maxEdges = 1024

// with returns ranges that contain both.
func (r ranges) with(o ranges) ranges {
	joined := ranges{scale: min(r.scale, o.scale), zero: max(r.zero, o.zero)}
	for ; ; joined.scale-- {
		by, otherBy := r.scale-joined.scale, o.scale-joined.scale
		joined.positive = r.positive.shift(by).union(o.positive.shift(otherBy))
		joined.negative = r.negative.shift(by).union(o.negative.shift(otherBy))
		if joined.positive.width()+joined.negative.width() <= maxEdges || joined.scale <= minScale {
			return joined
		}
	}
}

// newExponential makes the edges, in the order of their bounds. A bucket whose bound a float64
// cannot tell from its neighbour's gets no edge.
func newExponential(r ranges) *exponential {
	e := &exponential{ranges: r}
	last := math.Inf(-1)
	add := func(sign int8, i int32, bound float64) {
		if bound > last && !math.IsInf(bound, 0) {
			e.edges, e.bounds, last = append(e.edges, edge{sign, i}), append(e.bounds, bound), bound
		}
	}
	for i := e.negative.to - 1; i >= e.negative.from && !e.negative.empty(); i-- {
		if bound := -upper(i-1, e.scale); bound < -e.zero { // a negative bucket holds the values below its bound
			add(-1, i, bound)
		}
	}
	add(0, 0, e.zero)
	for i := e.positive.from; i < e.positive.to; i++ {
		add(1, i, upper(i, e.scale))
	}
	return e
}

// coarse converts the bucket index of a point to the scale of e.
func (e *exponential) coarse(index, scale int32) int32 { return index >> (scale - e.scale) }

// appendCounts appends the number of values up to each edge.
func (e *exponential) appendCounts(dst []Number, scale int32, zeros uint64, positive, negative *metricdata.ExponentialBucket) []Number {
	var sum uint64
	below, above := len(negative.Counts)-1, 0
	for _, edge := range e.edges {
		for below >= 0 && (edge.sign >= 0 || e.coarse(negative.Offset+int32(below), scale) >= edge.index) {
			sum += negative.Counts[below]
			below--
		}
		if edge.sign == 0 {
			sum += zeros
		}
		for edge.sign > 0 && above < len(positive.Counts) && e.coarse(positive.Offset+int32(above), scale) <= edge.index {
			sum += positive.Counts[above]
			above++
		}
		dst = append(dst, count(sum))
	}
	return dst
}

func mapExponential[N int64 | float64](m *Mapper, mt *metric, points []metricdata.ExponentialHistogramDataPoint[N], delta bool) {
	for i := range points {
		p := &points[i]
		if !validExponential(p) {
			m.drops[Unknown]++
			continue
		}
		o := mt.origin(&p.Attributes)
		s := fitExponential(m, o, p)
		if s == nil {
			continue
		}
		beginHistogram(m, p.Count, p.Sum, p.Min, p.Max)
		m.values = o.expo.appendCounts(m.values, p.Scale, p.ZeroCount, &p.PositiveBucket, &p.NegativeBucket)
		m.values = append(m.values, count(p.Count))
		m.emit(o, s, p.StartTime, p.Time, delta)
	}
}

// The scales of the data model. At scale 0 the bucket indexes of all float64 values are within
// ±maxIndex.
const (
	minScale, maxScale = -10, 20
	maxIndex           = 1080
)

func validExponential[N int64 | float64](p *metricdata.ExponentialHistogramDataPoint[N]) bool {
	limit := int64(maxIndex) << max(p.Scale, 0)
	for _, b := range []*metricdata.ExponentialBucket{&p.PositiveBucket, &p.NegativeBucket} {
		if from := int64(b.Offset); from < -limit || from+int64(len(b.Counts)) > limit {
			return false
		}
	}
	return p.Scale >= minScale && p.Scale <= maxScale && p.ZeroThreshold >= 0 && !math.IsInf(p.ZeroThreshold, 0)
}

// fitExponential returns the origin's series, with all buckets of the point. An origin that had
// explicit bounds gets new ones.
func fitExponential[N int64 | float64](m *Mapper, o *Origin, p *metricdata.ExponentialHistogramDataPoint[N]) *Series {
	if o.reason != accepted {
		return m.place(o, &p.Attributes, nil)
	}
	before := o.expo
	known := ranges{scale: m.config.Scale}
	if before != nil {
		known = before.ranges
	}
	needed := known.with(ranges{p.Scale, spanOf(&p.PositiveBucket), spanOf(&p.NegativeBucket), p.ZeroThreshold})
	if before != nil && needed == known && o.series != nil {
		o.seen = m.generation
		return o.series
	}
	o.expo = newExponential(needed)
	s := m.create(o, &p.Attributes, o.expo.bounds, before != nil)
	if s == nil && o.reason == accepted { // no room for more lines: the previous ones stay
		o.expo = before
	}
	return s
}
