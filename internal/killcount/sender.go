package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	bridge "github.com/prometheus/client_golang/prometheus/graphite"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

const (
	// patience bounds one write, one wait and, three times over, one batch.
	patience = time.Second
	// ending bounds what a way may do at the end.
	ending = 15 * time.Second
)

// A sender is a way to send batches. What it does about errors is its own matter.
type sender interface {
	send(points []point)
	close()
}

var ways = []string{"ack", "stream", "bridge", "plain"}

func newSender(way, address string) (sender, error) {
	switch way {
	case "ack":
		return newOurs(address, graphitebridge.Ack)
	case "stream":
		return newOurs(address, graphitebridge.Stream)
	case "bridge":
		return newBridge(address)
	default:
		return &plain{address: address}, nil
	}
}

// ours sends as an application's metric pipeline does: what an export could not deliver is part of
// the next.
type ours struct{ exporter *graphitebridge.Exporter }

func newOurs(address string, mode graphitebridge.Mode) (sender, error) {
	e, err := graphitebridge.New(graphitebridge.Config{
		Servers:       []string{"tcp://" + address},
		Mode:          mode,
		Line:          line.Config{Instance: "k", ResourceAttributes: []string{}},
		MeterProvider: noop.NewMeterProvider(),
		Logger:        slog.New(slog.DiscardHandler),
		Delivery: graphitebridge.Delivery{
			DialTimeout: patience, WriteTimeout: patience, ReadTimeout: patience,
			MinBackoff: 10 * time.Millisecond, MaxBackoff: 200 * time.Millisecond,
		},
	})
	return ours{e}, err
}

func (o ours) send(points []point) {
	now := time.Now()
	metrics := make([]metricdata.Metrics, len(points))
	for i, p := range points {
		metrics[i] = metricdata.Metrics{Name: p.name(), Data: metricdata.Gauge[float64]{
			DataPoints: []metricdata.DataPoint[float64]{{Time: now, Value: p.value()}},
		}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	// What fails is kept, and counted at the end.
	_ = o.exporter.Export(ctx, &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: metrics}}})
}

func (o ours) close() {
	ctx, cancel := context.WithTimeout(context.Background(), ending)
	defer cancel()
	_ = o.exporter.Shutdown(ctx)
}

// bridged is client_golang's bridge over one batch at a time.
type bridged struct {
	bridge *bridge.Bridge
	batch  []*dto.MetricFamily
}

func newBridge(address string) (sender, error) {
	b := &bridged{}
	var err error
	b.bridge, err = bridge.NewBridge(&bridge.Config{
		URL:      address,
		Timeout:  patience,
		Gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return b.batch, nil }),
	})
	return b, err
}

func (b *bridged) send(points []point) {
	b.batch = b.batch[:0]
	for _, p := range points {
		b.batch = append(b.batch, &dto.MetricFamily{
			Name:   new(p.name()),
			Type:   dto.MetricType_GAUGE.Enum(),
			Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(p.value())}}},
		})
	}
	_ = b.bridge.Push() // its Run logs the error and goes on with the next interval
}

func (b *bridged) close() {}

// plain keeps a connection and writes a batch again when the write has failed.
type plain struct {
	address string
	conn    net.Conn
}

func (p *plain) send(points []point) {
	var text bytes.Buffer
	for _, q := range points {
		fmt.Fprintf(&text, "%s %g %d\n", q.name(), q.value(), time.Now().Unix())
	}
	for deadline := time.Now().Add(ending); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if p.write(text.Bytes()) == nil {
			return
		}
		p.close()
	}
}

func (p *plain) write(text []byte) (err error) {
	if p.conn == nil {
		if p.conn, err = net.DialTimeout("tcp", p.address, patience); err != nil {
			p.conn = nil
			return err
		}
	}
	if err := p.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err = p.conn.Write(text)
	return err
}

func (p *plain) close() {
	if p.conn != nil {
		_ = p.conn.Close()
		p.conn = nil
	}
}
