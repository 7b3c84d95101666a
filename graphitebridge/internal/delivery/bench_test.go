package delivery

import (
	"io"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/graphite"
	dto "github.com/prometheus/client_model/go"
)

const benchLines = 10_000

// reportLines says how many lines a second were delivered.
func reportLines(b *testing.B) {
	b.ReportMetric(float64(benchLines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func sink(b *testing.B) *receiver {
	b.Helper()
	return newReceiver(b, func(_ *receiver, c *net.TCPConn) { discard(c) })
}

// BenchmarkDeliver delivers 10,000 lines at a time to a receiver that only reads.
func BenchmarkDeliver(b *testing.B) {
	for _, mode := range []Mode{Ack, Stream, Sync} {
		b.Run(mode.String(), func(b *testing.B) {
			config := quick(sink(b).address)
			config.Mode = mode
			c := newClient(b, config)
			lines := batch("bench", benchLines)
			b.SetBytes(int64(len(lines)))
			b.ReportAllocs()
			for b.Loop() {
				deliverQuick(b, c, lines)
			}
			reportLines(b)
		})
	}
}

// BenchmarkPlainCopy writes the same bytes to a connection that is kept, and nothing else.
func BenchmarkPlainCopy(b *testing.B) {
	c, err := net.Dial("tcp", sink(b).address)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	lines := batch("bench", benchLines)
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(lines); err != nil {
			b.Fatal(err)
		}
	}
	reportLines(b)
	_ = c.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, c)
}

// BenchmarkClientGolang pushes as many series by client_golang's bridge. It also makes the lines.
func BenchmarkClientGolang(b *testing.B) {
	var families []*dto.MetricFamily
	for i := range benchLines {
		families = append(families, &dto.MetricFamily{
			Name:   new("bench_series_" + string(rune('a'+i%26))),
			Type:   dto.MetricType_GAUGE.Enum(),
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(float64(i))}}},
		})
	}
	bridge, err := graphite.NewBridge(&graphite.Config{
		URL:      sink(b).address,
		Gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil }),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := bridge.Push(); err != nil {
			b.Fatal(err)
		}
	}
	reportLines(b)
}
