package line_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// buckets reads the bucket lines: count by bound.
func buckets(t *testing.T, c line.Config, m *line.Mapper, rm *metricdata.ResourceMetrics) map[float64]int64 {
	t.Helper()
	got := make(map[float64]int64)
	for _, p := range read(t, c, m, rm) {
		if le, ok := p.Tags["le"]; ok {
			bound, err := strconv.ParseFloat(le, 64)
			if err != nil {
				t.Fatal(err)
			}
			got[bound] = int64(p.Value)
		}
	}
	return got
}

// TestExponentialBuckets compares with the values that the SDK was given: each bound must count
// exactly those that are not above it.
func TestExponentialBuckets(t *testing.T) {
	t.Parallel()
	for _, scale := range []int32{-2, 0, 3} {
		reader := sdkmetric.NewManualReader(sdkmetric.WithAggregationSelector(func(sdkmetric.InstrumentKind) sdkmetric.Aggregation {
			return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
		}))
		h, err := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("m").Float64Histogram("h")
		if err != nil {
			t.Fatal(err)
		}
		c := line.Config{Format: line.GraphiteTagged, Scale: scale}
		m := newMapper(t, c)
		random := rand.New(rand.NewPCG(1, uint64(scale)))
		var values []float64
		var former map[float64]int64
		for round := range 6 { // each with a wider range than the one before
			for range 200 {
				v := (random.Float64() - 0.3) * math.Pow(10, float64(random.IntN(2*round+1)-round)) // some below 0
				if random.IntN(20) == 0 {
					v = 0
				}
				values = append(values, v)
				h.Record(t.Context(), v)
			}
			var rm metricdata.ResourceMetrics
			if err := reader.Collect(context.Background(), &rm); err != nil {
				t.Fatal(err)
			}
			got := buckets(t, c, m, &rm)
			checkBuckets(t, scale, values, got)
			for bound := range former {
				if _, ok := got[bound]; !ok && scale <= 0 {
					t.Errorf("scale %d: le=%v is not sent any more", scale, bound)
				}
			}
			former = got
		}
	}
}

func checkBuckets(t *testing.T, scale int32, values []float64, got map[float64]int64) {
	t.Helper()
	if len(got) < 3 {
		t.Fatalf("scale %d: buckets %v", scale, got)
	}
	for bound, n := range got {
		want := int64(0)
		for _, v := range values {
			if v <= bound {
				want++
			}
		}
		if n != want {
			t.Errorf("scale %d: le=%v counts %d, want %d", scale, bound, n, want)
		}
		if power := math.Log2(math.Abs(bound)) * math.Exp2(float64(scale)); bound != 0 && !math.IsInf(bound, 0) && math.Abs(power-math.Round(power)) > 1e-6 {
			t.Errorf("scale %d: le=%v is no bound of that scale", scale, bound)
		}
	}
}

func exponentialPoint(scale int32, zeros uint64, offset int32, counts ...uint64) *metricdata.ResourceMetrics {
	p := metricdata.ExponentialHistogramDataPoint[float64]{
		Time: at, Scale: scale, ZeroCount: zeros, Count: zeros,
		PositiveBucket: metricdata.ExponentialBucket{Offset: offset, Counts: counts},
	}
	for _, n := range counts {
		p.Count += n
	}
	return data(metricdata.Metrics{Name: "h", Data: metricdata.ExponentialHistogram[float64]{
		Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.ExponentialHistogramDataPoint[float64]{p},
	}})
}

func TestExponentialSeriesGrow(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	var list []*line.Series
	var values [][]line.Number
	for _, rm := range []*metricdata.ResourceMetrics{
		exponentialPoint(0, 1, 0, 2),          // (1, 2]
		exponentialPoint(0, 1, 0, 3),          // the same bounds
		exponentialPoint(0, 1, -1, 4, 3, 0),   // (0.5, 1] as well
		exponentialPoint(-1, 1, 0, 7),         // coarser: (1, 4]
		exponentialPoint(0, 1, 0, 7, 0, 0, 0), // finer again, but it stays coarse
	} {
		m.Map(rm, at, func(s *line.Sample) {
			list, values = append(list, s.Series), append(values, slices.Clone(s.Values))
		})
	}
	if len(list) != 5 || list[0] != list[1] || list[1] == list[2] || list[3] != list[4] {
		t.Fatalf("series %v", list)
	}
	if list[0].Grown() || !list[2].Grown() || !list[3].Grown() {
		t.Error("a series with more buckets goes on from the one before")
	}
	carried := list[2].Carry(list[1], values[1]) // count, sum, le=0, 1, 2, +Inf
	want := []line.Number{line.Int(4), line.Float(0), line.Int(1), line.Int(1), line.Int(4), line.Int(4)}
	if !slices.Equal(carried, want) {
		t.Errorf("carried over: %v, want %v", carried, want)
	}
}

func TestExponentialAfterExplicit(t *testing.T) {
	t.Parallel()
	m := newMapper(t, line.Config{})
	for range 2 {
		if n := len(encode(m, data(histogram("h", []float64{1, 2, 3}, []uint64{1, 1, 1, 1})))); n != 2+4 {
			t.Errorf("%d lines of explicit bounds", n)
		}
		if n := len(encode(m, exponentialPoint(0, 1, 0, 2))); n != 2+3 {
			t.Errorf("%d lines of exponential ones", n)
		}
	}
}

func TestExponentialExtremes(t *testing.T) {
	t.Parallel()
	c := line.Config{Format: line.GraphiteTagged, Scale: 8}
	m := newMapper(t, c)
	for _, rm := range []*metricdata.ResourceMetrics{
		exponentialPoint(20, 0, 1<<20, 1), exponentialPoint(20, 0, -(1 << 20), 1), // half of all doubles at scale 8
		exponentialPoint(-10, 0, -2, 1, 1, 1), exponentialPoint(0, 0, 1022, 1, 1), exponentialPoint(0, 0, -1076, 1, 1),
	} {
		if got := buckets(t, c, m, rm); len(got) > 1100 {
			t.Errorf("%d buckets", len(got))
		}
	}
	for _, rm := range []*metricdata.ResourceMetrics{
		exponentialPoint(21, 0, 0, 1), exponentialPoint(-11, 0, 0, 1), exponentialPoint(0, 0, math.MaxInt32, 1), exponentialPoint(0, 0, math.MinInt32, 1),
	} {
		if got := encode(m, rm); len(got) != 0 {
			t.Errorf("what no double can be: %q", got)
		}
	}
	if drops(m)["unknown"] != 4 {
		t.Errorf("drops %v", drops(m))
	}
}
