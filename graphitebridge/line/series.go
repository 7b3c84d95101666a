package line

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// A Kind is the meaning of a series' values.
type Kind uint8

const (
	// Gauge is a current value.
	Gauge Kind = iota
	// Counter is a sum that only grows.
	Counter
	// UpDownCounter is a sum that grows and shrinks.
	UpDownCounter
	// Histogram is a count, a sum and cumulative buckets.
	Histogram
	// Summary is a count, a sum and quantiles.
	Summary
)

// additive reports whether two series of this kind can be added up.
func (k Kind) additive() bool { return k == Counter || k == UpDownCounter }

// A Series is the lines for the data points of one origin: one line for a sum or a gauge, several
// for a histogram. It never changes, except for its names when the resource does.
//
// Series with the same [Series.Origin] follow each other: a histogram gets a new one when its
// bounds change.
type Series struct {
	origin *Origin
	names  []Name
	bounds []float64 // of a histogram or summary
	fixed  int       // values before those of the bounds
	grown  bool      // from the origin's previous series, with fewer buckets of the same kind

	refused Reason // why the names cannot be made for the current resource
}

// An Origin identifies where data points belong: a metric with attributes. Origins are compared by
// pointer.
type Origin struct {
	metric     *metric
	attributes attribute.Set
	key        attribute.Distinct

	series *Series // the current one; nil if reason is set
	reason Reason  // why there is none
	part   int     // position among the origins of a shared series
	parts  int     // number of origins that share the series, if this one owns it
	seen   uint64  // generation of the last collection with it
	expo   *exponential
}

// Origin returns the origin that owns the series. Others may share it: see [Sample].Part.
func (s *Series) Origin() *Origin { return s.origin }

// Kind returns the meaning of the values.
func (s *Series) Kind() Kind { return s.origin.metric.key.kind }

// Scope returns the name of the instrumentation scope.
func (s *Series) Scope() string { return s.origin.metric.key.scope }

// Len returns the number of values, each of which is a line.
func (s *Series) Len() int { return len(s.names) }

// Name returns the name of line i.
func (s *Series) Name(i int) Name { return s.names[i] }

// Grown reports whether the series has the buckets of the previous one and more: counts in those
// can be carried over with [Series.Carry].
func (s *Series) Grown() bool { return s.grown }

// A Rule says how to combine two consecutive values of a line.
type Rule uint8

const (
	// Last keeps the later one.
	Last Rule = iota
	// Add adds them up.
	Add
	// Min keeps the smaller one.
	Min
	// Max keeps the greater one.
	Max
)

// Rule returns the rule of value i.
func (s *Series) Rule(i int) Rule {
	switch s.Kind() {
	case Counter, UpDownCounter:
		return Add
	case Histogram:
		switch {
		case i == 2 && s.fixed > 2:
			return Min
		case i == 3 && s.fixed > 3:
			return Max
		}
		return Add
	}
	return Last
}

// Differs reports whether increments of value i make sense: the value only grows from the start of
// the series, or is the sum of a histogram.
func (s *Series) Differs(i int) bool {
	return s.Rule(i) == Add && s.Kind() != UpDownCounter
}

// AppendLines appends a line for each value that is present.
func (s *Series) AppendLines(dst []byte, seconds int64, values []Number) []byte {
	for i, v := range values {
		if v.Present() {
			dst = s.names[i].AppendLine(dst, seconds, v)
		}
	}
	return dst
}

// Carry converts values of the previous series to the bounds of this one: a new bucket has the
// count of the bucket below it.
func (s *Series) Carry(before *Series, values []Number) []Number {
	carried := make([]Number, len(s.names))
	copy(carried, values[:min(before.fixed, len(values))])
	for i, b := range s.bounds {
		at, found := slices.BinarySearch(before.bounds, b)
		if !found {
			at--
		}
		if at < 0 {
			carried[s.fixed+i] = Int(0)
			continue
		}
		carried[s.fixed+i] = values[before.fixed+at]
	}
	if s.Kind() == Histogram {
		carried[len(carried)-1] = values[len(values)-1]
	}
	return carried
}

// A Sample is the values of a series at one time.
type Sample struct {
	Series *Series

	// Part distinguishes the origins that share the series, from 0. Their sum is sent.
	Part int

	// Start is when the values began to count, as Unix time in nanoseconds; 0 means unknown.
	Start int64

	// Seconds is the time of the values, as Unix time in seconds.
	Seconds int64

	// Values has one value per line. It is valid only until the function that received the sample
	// returns.
	Values []Number

	// Delta reports that values which would otherwise be cumulative hold what was counted since the
	// previous sample, not since Start.
	Delta bool
}
