package sliotlp

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/protobuf/encoding/protowire"
)

// series are the data points of one metric, whatever their type.
type series struct {
	n    int
	size func(i int) int                           // approximate encoded size of a point, in bytes
	cut  func(from, to int) metricdata.Aggregation // a range of the points, not copied
}

func seriesOf(data metricdata.Aggregation) series {
	switch d := data.(type) {
	case metricdata.Sum[int64]:
		return newSeries(d.DataPoints, sizeOfNumber, func(p []metricdata.DataPoint[int64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.Sum[float64]:
		return newSeries(d.DataPoints, sizeOfNumber, func(p []metricdata.DataPoint[float64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.Gauge[int64]:
		return newSeries(d.DataPoints, sizeOfNumber, func(p []metricdata.DataPoint[int64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.Gauge[float64]:
		return newSeries(d.DataPoints, sizeOfNumber, func(p []metricdata.DataPoint[float64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.Histogram[int64]:
		return newSeries(d.DataPoints, sizeOfHistogram, func(p []metricdata.HistogramDataPoint[int64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.Histogram[float64]:
		return newSeries(d.DataPoints, sizeOfHistogram, func(p []metricdata.HistogramDataPoint[float64]) metricdata.Aggregation { d.DataPoints = p; return d })
	case metricdata.ExponentialHistogram[int64]:
		return newSeries(d.DataPoints, sizeOfExponential, func(p []metricdata.ExponentialHistogramDataPoint[int64]) metricdata.Aggregation {
			d.DataPoints = p
			return d
		})
	case metricdata.ExponentialHistogram[float64]:
		return newSeries(d.DataPoints, sizeOfExponential, func(p []metricdata.ExponentialHistogramDataPoint[float64]) metricdata.Aggregation {
			d.DataPoints = p
			return d
		})
	case metricdata.Summary:
		return newSeries(d.DataPoints, sizeOfSummary, func(p []metricdata.SummaryDataPoint) metricdata.Aggregation { d.DataPoints = p; return d })
	}
	return series{}
}

func newSeries[P any](points []P, size func(*P) int, with func([]P) metricdata.Aggregation) series {
	return series{
		n:    len(points),
		size: func(i int) int { return size(&points[i]) },
		cut:  func(from, to int) metricdata.Aggregation { return with(points[from:to:to]) },
	}
}

// samples is how many points of a metric are looked at to estimate their size.
const samples = 256

// mean returns the mean size of a point, rounded up.
func (s series) mean() int {
	if s.n == 0 {
		return 0
	}
	step := (s.n + samples - 1) / samples
	sum, looked := 0, 0
	for i := 0; i < s.n; i += step {
		sum += s.size(i)
		looked++
	}
	return (sum + looked - 1) / looked
}

// What protobuf needs, in bytes.
const (
	sizeOfFixed = 9  // a time, or a number, and its tag
	sizeOfFrame = 10 // the tags and lengths around an attribute, a point or a metric
	sizeOfTrace = 18 + 10
)

func sizeOfNumber[N int64 | float64](p *metricdata.DataPoint[N]) int {
	return sizeOfFrame + 3*sizeOfFixed + sizeOfAttributes(p.Attributes) + sizeOfExemplars(p.Exemplars)
}

func sizeOfHistogram[N int64 | float64](p *metricdata.HistogramDataPoint[N]) int {
	return 2*sizeOfFrame + 6*sizeOfFixed + 8*(len(p.BucketCounts)+len(p.Bounds)) + sizeOfAttributes(p.Attributes) + sizeOfExemplars(p.Exemplars)
}

func sizeOfExponential[N int64 | float64](p *metricdata.ExponentialHistogramDataPoint[N]) int {
	return 3*sizeOfFrame + 8*sizeOfFixed + sizeOfCounts(p.PositiveBucket.Counts) + sizeOfCounts(p.NegativeBucket.Counts) +
		sizeOfAttributes(p.Attributes) + sizeOfExemplars(p.Exemplars)
}

// sizeOfCounts is exact: there are up to 160 of them, most of them small.
func sizeOfCounts(counts []uint64) (size int) {
	for _, n := range counts {
		size += protowire.SizeVarint(n)
	}
	return size
}

func sizeOfSummary(p *metricdata.SummaryDataPoint) int {
	return sizeOfFrame + 4*sizeOfFixed + len(p.QuantileValues)*(2*sizeOfFixed+2) + sizeOfAttributes(p.Attributes)
}

func sizeOfExemplars[N int64 | float64](exemplars []metricdata.Exemplar[N]) (size int) {
	for i := range exemplars {
		size += sizeOfFrame + 2*sizeOfFixed + sizeOfTrace
		for _, kv := range exemplars[i].FilteredAttributes {
			size += len(kv.Key) + sizeOfValue(kv.Value) + sizeOfFrame
		}
	}
	return size
}

// sizeOfValue uses the size of the text for lists, which are rare.
func sizeOfValue(v attribute.Value) int {
	switch v.Type() {
	case attribute.STRING:
		return len(v.AsString())
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return sizeOfFixed
	}
	return len(v.String())
}
