package graphitebridge

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/graphite"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// benchSeries is the number of series that are sent at a time, one line each.
const benchSeries = 10_000

// requests are counters with three attributes, and their points, whose values may be changed.
func requests() (*metricdata.ResourceMetrics, []metricdata.DataPoint[int64]) {
	points := make([]metricdata.DataPoint[int64], benchSeries)
	for i := range points {
		points[i] = metricdata.DataPoint[int64]{
			Attributes: set("route", fmt.Sprint("/r", i), "method", "GET", "code", "200"),
			StartTime:  born, Time: time.Now(), Value: int64(i),
		}
	}
	return data(metricdata.Metrics{Name: "http_requests", Data: metricdata.Sum[int64]{
		IsMonotonic: true, Temporality: metricdata.CumulativeTemporality, DataPoints: points,
	}}), points
}

// perSecond says how many lines a second were delivered.
func perSecond(b *testing.B) {
	b.ReportMetric(benchSeries*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

// BenchmarkLoopback sends the same 10,000 series over TCP to a receiver that only reads: by an
// exporter in each mode, by client_golang's bridge, which writes and does not ask what became of it,
// and as bytes that are there already, with the acknowledgement of Ack and without. What is sent has
// been collected before, for both.
func BenchmarkLoopback(b *testing.B) {
	address := sink(b)
	for _, mode := range []Mode{Ack, Stream, Sync} {
		for _, increments := range []bool{false, true} {
			b.Run(fmt.Sprintf("otelsli/%v/increments=%v", mode, increments), func(b *testing.B) {
				benchExport(b, address, mode, increments)
			})
		}
	}
	b.Run("client_golang", func(b *testing.B) { benchClientGolang(b, address) })
	b.Run("copy/acknowledged", func(b *testing.B) { benchCopy(b, address, true) })
	b.Run("copy/written", func(b *testing.B) { benchCopy(b, address, false) })
}

func benchConfig() Config {
	c := quiet()
	c.Line = line.Config{Format: line.GraphiteTagged, Prefix: "bench", Instance: "i", ResourceAttributes: []string{}}
	return c
}

func benchExport(b *testing.B, address string, mode Mode, increments bool) {
	c := benchConfig()
	c.Servers, c.Mode, c.Increments = []string{"tcp://" + address}, mode, increments
	e, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Shutdown(context.Background()) }()
	rm, points := requests()
	second := time.Now()
	send := func() {
		second = second.Add(time.Second)
		for i := range points {
			points[i].Value++
			points[i].Time = second
		}
		for _, entry := range e.state.entries {
			entry.clock.asked = 0 // or increments of the same second would wait
		}
		if err := e.Export(context.Background(), rm); err != nil {
			b.Fatal(err)
		}
	}
	send() // the series are known
	b.ReportAllocs()
	for b.Loop() {
		send()
	}
	perSecond(b)
	if sent := e.sender.Stats().Sent.Lines; sent < int64(b.N)*benchSeries {
		b.Fatalf("%d lines were sent in %d exports", sent, b.N)
	}
}

func benchClientGolang(b *testing.B, address string) {
	registry := prometheus.NewRegistry()
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests"}, []string{"route", "method", "code"})
	registry.MustRegister(vec)
	for i := range benchSeries {
		vec.WithLabelValues(fmt.Sprint("/r", i), "GET", "200").Add(float64(i))
	}
	families, err := registry.Gather()
	if err != nil {
		b.Fatal(err)
	}
	gathered := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil })
	bridge, err := graphite.NewBridge(&graphite.Config{URL: address, Prefix: "bench", UseTags: true, Gatherer: gathered})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := bridge.Push(); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b)
}

// benchCopy writes what an exporter would to a connection of its own.
func benchCopy(b *testing.B, address string, acknowledged bool) {
	r := &receiverFake{}
	c := benchConfig()
	c.BatchBytes = 1 << 30
	rm, _ := requests()
	if err := newTestExporter(b, c, r).Export(context.Background(), rm); err != nil {
		b.Fatal(err)
	}
	text := []byte(r.batches()[0])
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := copyTo(address, text, acknowledged); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b)
}

func copyTo(address string, text []byte, acknowledged bool) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write(text); err != nil || !acknowledged {
		return err
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, c)
	return err
}
