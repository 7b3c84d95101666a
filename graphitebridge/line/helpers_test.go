package line_test

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

var (
	start = time.Unix(1_699_999_000, 0)
	at    = time.Unix(1_700_000_000, 0)

	all = []line.Format{line.Graphite, line.GraphiteTagged, line.OpenTSDB}
)

func set(pairs ...string) attribute.Set {
	var kvs []attribute.KeyValue
	for i := 0; i < len(pairs); i += 2 {
		kvs = append(kvs, attribute.String(pairs[i], pairs[i+1]))
	}
	return attribute.NewSet(kvs...)
}

func data(metrics ...metricdata.Metrics) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(
			attribute.String("service.name", "shop"), attribute.String("service.instance.id", "pod-7"), attribute.String("host.name", "h.example")),
		ScopeMetrics: []metricdata.ScopeMetrics{{Scope: instrumentation.Scope{Name: "test/scope"}, Metrics: metrics}},
	}
}

func counter[N int64 | float64](name string, v N, pairs ...string) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: metricdata.Sum[N]{
		IsMonotonic: true,
		Temporality: metricdata.CumulativeTemporality,
		DataPoints:  []metricdata.DataPoint[N]{{Attributes: set(pairs...), StartTime: start, Time: at, Value: v}},
	}}
}

func gauge[N int64 | float64](name string, v N, pairs ...string) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: metricdata.Gauge[N]{
		DataPoints: []metricdata.DataPoint[N]{{Attributes: set(pairs...), Time: at, Value: v}},
	}}
}

func histogram(name string, bounds []float64, counts []uint64, pairs ...string) metricdata.Metrics {
	p := metricdata.HistogramDataPoint[float64]{
		Attributes: set(pairs...), StartTime: start, Time: at, Bounds: bounds, BucketCounts: counts, Sum: 12.5,
		Min: metricdata.NewExtrema(0.25), Max: metricdata.NewExtrema(7.0),
	}
	for _, n := range counts {
		p.Count += n
	}
	return metricdata.Metrics{Name: name, Data: metricdata.Histogram[float64]{
		Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.HistogramDataPoint[float64]{p},
	}}
}

func newMapper(t testing.TB, c line.Config) *line.Mapper {
	t.Helper()
	m, err := line.NewMapper(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// encode maps and writes all lines.
func encode(m *line.Mapper, rm *metricdata.ResourceMetrics) []string {
	var text []byte
	m.Map(rm, at, func(s *line.Sample) { text = s.Series.AppendLines(text, s.Seconds, s.Values) })
	return strings.SplitAfter(strings.TrimSuffix(string(text), ""), "\n")[:strings.Count(string(text), "\n")]
}

// read maps, and parses all lines by the tests' own parser.
func read(t testing.TB, c line.Config, m *line.Mapper, rm *metricdata.ResourceMetrics) []parsed {
	t.Helper()
	var list []parsed
	for _, text := range encode(m, rm) {
		p, err := parse(c.Format, text)
		if err != nil {
			t.Fatalf("%v: line %q: %v", c.Format, text, err)
		}
		list = append(list, p)
	}
	return list
}
