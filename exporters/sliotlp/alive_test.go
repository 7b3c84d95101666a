package sliotlp

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// That a receiver which is gone without a word is noticed takes aliveAfter and aliveWithin, and is shown end to end.
func TestConnectionsAreAskedWhetherTheyAreAlive(t *testing.T) {
	t.Parallel()
	p, err := newConfig(nil).plan()
	if err != nil {
		t.Fatal(err)
	}
	c := p.transport().HTTP2
	if c == nil || c.SendPingTimeout != aliveAfter || c.PingTimeout != aliveWithin {
		t.Errorf("HTTP/2: %+v", c)
	}
}

// A receiver that comes back is found within the longest pause of a retry, however long it was away.
func TestGRPCReconnectsAsFastAsItRetries(t *testing.T) {
	t.Parallel()
	gate := newGate(t)
	r := listen(t, GRPC, nil)
	e := newTestExporter(t, WithProtocol(GRPC), WithEndpoint("http://"+gate.addr),
		WithRetry(Retry{Initial: 10 * time.Millisecond, Max: 20 * time.Millisecond}), WithTimeout(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := e.Export(ctx, someMetrics(metricdata.CumulativeTemporality)); err == nil {
		t.Fatal("an export succeeded without a receiver")
	}
	if n := gate.attempts(); n < 5 {
		t.Errorf("%d attempts to connect in two seconds, want one every 20 ms or so", n)
	}
	gate.open(r.url[len("http://"):])
	begin := time.Now()
	if err := e.Export(t.Context(), someMetrics(metricdata.CumulativeTemporality)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the receiver was found after %v", took)
	}
}

// A gate closes every connection until it is open, and passes it on to a receiver then.
type gate struct {
	addr string

	mu     sync.Mutex
	count  int
	target string
}

func newGate(t testing.TB) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{addr: listener.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { g.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return g
}

func (g *gate) serve(near net.Conn) {
	defer near.Close()
	g.mu.Lock()
	g.count++
	target := g.target
	g.mu.Unlock()
	if target == "" {
		return
	}
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() { _, _ = near.(*net.TCPConn).ReadFrom(far); _ = near.Close() })
	_, _ = far.(*net.TCPConn).ReadFrom(near)
	_ = far.Close()
	back.Wait()
}

func (g *gate) open(target string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target = target
}

func (g *gate) attempts() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}
