package line_test

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/graphite"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// manySeries has n series of a counter with three attributes.
func manySeries(n int) *metricdata.ResourceMetrics {
	sum := metricdata.Sum[int64]{IsMonotonic: true, Temporality: metricdata.CumulativeTemporality}
	for i := range n {
		sum.DataPoints = append(sum.DataPoints, metricdata.DataPoint[int64]{
			Attributes: set("route", fmt.Sprint("/r", i), "method", "GET", "code", "200"),
			StartTime:  start, Time: at, Value: int64(i),
		})
	}
	return data(metricdata.Metrics{Name: "http.requests", Data: sum})
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // counts the allocations of the whole process
	kinds := everything()
	for _, f := range all {
		m := newMapper(t, line.Config{Format: f, MinMax: true})
		var text []byte
		take := func(s *line.Sample) { text = s.Series.AppendLines(text, s.Seconds, s.Values) }
		run := func() {
			text = text[:0]
			m.Map(kinds, at, take)
		}
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%v: %v allocations in a collection of known series", f, n)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	const series = 10_000
	rm := manySeries(series)
	for _, f := range all {
		b.Run(f.String(), func(b *testing.B) {
			m := newMapper(b, line.Config{Format: f})
			var text []byte
			take := func(s *line.Sample) { text = s.Series.AppendLines(text, s.Seconds, s.Values) }
			m.Map(rm, at, take)
			b.ReportAllocs()
			for b.Loop() {
				text = text[:0]
				m.Map(rm, at, take)
			}
			b.SetBytes(int64(len(text)))
			b.ReportMetric(float64(series)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

// BenchmarkPush encodes and writes to a receiver on loopback that throws everything away.
func BenchmarkPush(b *testing.B) {
	const series = 10_000
	address := discard(b)
	b.Run("otelsli", func(b *testing.B) {
		rm := manySeries(series)
		m := newMapper(b, line.Config{Format: line.GraphiteTagged})
		var text []byte
		take := func(s *line.Sample) { text = s.Series.AppendLines(text, s.Seconds, s.Values) }
		b.ReportAllocs()
		for b.Loop() {
			text = text[:0]
			m.Map(rm, at, take)
			push(b, address, text)
		}
		b.ReportMetric(float64(series)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	})
	b.Run("client_golang", func(b *testing.B) {
		registry := prometheus.NewPedanticRegistry()
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests"}, []string{"route", "method", "code"})
		registry.MustRegister(vec)
		for i := range series {
			vec.WithLabelValues(fmt.Sprint("/r", i), "GET", "200").Add(float64(i))
		}
		families, err := registry.Gather()
		if err != nil {
			b.Fatal(err)
		}
		gathered := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil }) // to compare the encoding alone
		bridge, err := graphite.NewBridge(&graphite.Config{URL: address, UseTags: true, Gatherer: gathered})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := bridge.Push(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(series)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	})
}

// discard starts a receiver.
func discard(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, c)
				c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func push(b *testing.B, address string, text []byte) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(text); err != nil {
		b.Fatal(err)
	}
}
