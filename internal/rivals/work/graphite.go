package work

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/graphite"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// graphiteLines collects all series and sends them as tagged lines over TCP, ours with acknowledged
// delivery.
func graphiteLines(n int) Case {
	combinations := combinationsFor(n)
	return Case{Name: sized("graphite", n), Title: "collection and Graphite", Series: n, Rivals: []Rival{
		{Ours, func() Subject {
			carbon := startCarbon()
			exporter := must(graphitebridge.New(graphitebridge.Config{
				Servers:       []string{"tcp://" + carbon.address()},
				Line:          line.Config{Format: line.GraphiteTagged, MaxSeries: 2 * n},
				MeterProvider: noop.NewMeterProvider(),
			}))
			return carbon.fed(flushed(counted(combinations), &secondly{Exporter: exporter, now: time.Now()}, nil))
		}},
		{ClientGolang, func() Subject {
			carbon := startCarbon()
			bridge := must(graphite.NewBridge(&graphite.Config{
				URL: carbon.address(), UseTags: true, Gatherer: countedRegistry(combinations),
			}))
			return carbon.fed(Subject{Run: func(n int) {
				for range n {
					mustDo(bridge.Push())
				}
			}})
		}},
	}}
}

// A secondly exporter dates every export a second after the one before: Graphite has one value of a
// series a second, and ours holds back what would be a second one.
type secondly struct {
	*graphitebridge.Exporter
	now time.Time
}

// Export implements [sdkmetric.Exporter].
func (s *secondly) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	s.now = s.now.Add(time.Second)
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			points := m.Data.(metricdata.Sum[int64]).DataPoints
			for i := range points {
				points[i].Time = s.now
			}
		}
	}
	return s.Exporter.Export(ctx, rm)
}

// A carbon is a receiver. It reads at most once a millisecond, so that its own work counts for
// little, however small the pieces are that a rival writes.
type carbon struct {
	listener net.Listener
	lines    atomic.Int64
	serving  atomic.Int64 // connections
}

func startCarbon() *carbon {
	var config net.ListenConfig
	c := &carbon{listener: must(config.Listen(context.Background(), "tcp", "127.0.0.1:0"))}
	go func() {
		for {
			conn, err := c.listener.Accept()
			if err != nil {
				return
			}
			c.serving.Add(1)
			go c.serve(conn)
		}
	}()
	return c
}

func (c *carbon) address() string { return c.listener.Addr().String() }

func (c *carbon) serve(conn net.Conn) {
	defer c.serving.Add(-1)
	defer func() { _ = conn.Close() }()
	buffer, kept := *buffers.Get().(*[]byte), 0
	defer buffers.Put(&buffer)
	for {
		n, err := conn.Read(buffer[kept:])
		text := buffer[:kept+n]
		for _, m := range markers {
			c.lines.Add(int64(bytes.Count(text, m)))
		}
		if err != nil {
			return
		}
		kept = copy(buffer, text[max(0, len(text)-len(markers[0])+1):]) // one may be cut in two
		time.Sleep(time.Millisecond)
	}
}

// buffers are kept, so that a new connection costs no memory.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 1<<20)) }}

// markers are in the names of the SLI's metrics, one as ours spells them. They are equally long.
var markers = [][]byte{[]byte("place_order."), []byte("place_order_")}

// settle waits until everything that was sent has been read: the sender may not have waited for it.
// Connections are accepted in their order, so that those before one that has been served are known.
func (c *carbon) settle() {
	var dialer net.Dialer
	last := must(dialer.DialContext(context.Background(), "tcp", c.address()))
	mustDo(last.(*net.TCPConn).CloseWrite())
	must(io.Copy(io.Discard, last))
	mustDo(last.Close())
	for c.serving.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
}

// fed completes a subject that sends to c.
func (c *carbon) fed(s Subject) Subject {
	s.Result = func() string {
		c.settle()
		return strconv.FormatInt(c.lines.Load(), 10)
	}
	closeSender := s.Close
	s.Close = func() {
		if closeSender != nil {
			closeSender()
		}
		if err := c.listener.Close(); !errors.Is(err, net.ErrClosed) {
			mustDo(err)
		}
	}
	return s
}
