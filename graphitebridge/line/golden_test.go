package line_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/internal/golden"
)

// everything has a metric of each kind, and names that no receiver takes as they are.
func everything() *metricdata.ResourceMetrics {
	return data(
		counter[int64]("shop.orders", 12, "tier", "gold", "http.route", "/cart/{id}"),
		counter("shop.revenue", 1234567.5, "currency", "€ uro;x=1"),
		metricdata.Metrics{Name: "shop.queue", Data: metricdata.Sum[int64]{
			Temporality: metricdata.CumulativeTemporality,
			DataPoints:  []metricdata.DataPoint[int64]{{Time: at, Value: -3}},
		}},
		gauge("process.cpu", 1e-9, "empty", "", "name", "reserved"),
		histogram("http.duration", []float64{0.005, 1, 2.5e7}, []uint64{1, 2, 3, 4}, "le", "mine"),
		metricdata.Metrics{Name: "http.size", Data: metricdata.ExponentialHistogram[int64]{
			Temporality: metricdata.CumulativeTemporality,
			DataPoints: []metricdata.ExponentialHistogramDataPoint[int64]{{
				StartTime: start, Time: at, Count: 11, Sum: 40, Scale: 1, ZeroCount: 2,
				PositiveBucket: metricdata.ExponentialBucket{Offset: 1, Counts: []uint64{1, 2, 3}},
				NegativeBucket: metricdata.ExponentialBucket{Offset: 0, Counts: []uint64{1, 2}},
			}},
		}},
		metricdata.Metrics{Name: "gc.pause", Data: metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{
			StartTime: start, Time: at, Count: 3, Sum: 0.75,
			QuantileValues: []metricdata.QuantileValue{{Quantile: 0.5, Value: 0.2}, {Quantile: 0.99, Value: 0.4}},
		}}}},
		counter[int64]("bad name\nput forged 1 1 a=b", 1, "k e=y", "v a\tl\nue"),
	)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range all {
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			c := line.Config{Format: f, Prefix: "prod.eu", MinMax: true}
			m := newMapper(t, c)
			read(t, c, m, everything()) // all of them parse
			golden.Compare(t, "testdata/"+f.String()+".golden", strings.Join(encode(m, everything()), ""))
			if d := m.Drops(); d.Total() != 0 {
				t.Errorf("dropped %v", d)
			}
		})
	}
}
