package setup_test

import (
	"context"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// refused is an address where nobody listens, and where no other test that lets the system choose a port
// ever will.
const refused = "127.0.0.1:1"

// blackHole returns an address that accepts connections and never reads from them.
func blackHole(t testing.TB) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var backendFaults = map[string]func(testing.TB) string{"refused": func(testing.TB) string { return refused }, "black hole": blackHole}

// A backend that is down costs the other pipelines nothing, and Shutdown no more than its deadline.
func TestBackendThatIsDown(t *testing.T) {
	t.Parallel()
	for _, protocol := range []sliotlp.Protocol{sliotlp.HTTPProtobuf, sliotlp.GRPC} {
		for fault, address := range backendFaults {
			t.Run(protocol.String()+" "+fault, func(t *testing.T) {
				t.Parallel()
				testBackendThatIsDown(t, setup.WithOTLP(sliotlp.WithProtocol(protocol), sliotlp.WithEndpoint("http://"+address(t))))
			})
		}
	}
}

func testBackendThatIsDown(t *testing.T, down setup.Option) {
	t.Helper()
	c, sli := newSLI(t)
	healthy := &backend{}
	telemetry := start(t, c, down, setup.WithExporter("healthy", healthy),
		setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(0)),
		setup.WithInterval(20*time.Millisecond), setup.WithTimeout(time.Second)) // which a busy machine may need to collect
	const events = 100_000
	for range events {
		sli.Record(t.Context(), labels{"app"}, otelsli.Failed)
	}
	wantContains(t, get(t, "http://"+telemetry.PrometheusAddr()+"/metrics"), `sli_order_error_total{channel="app"} 100000`)

	const deadline = 2 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	begin := time.Now()
	err := telemetry.Shutdown(ctx)
	if took := time.Since(begin); took > deadline+2*time.Second {
		t.Errorf("shutdown took %v with a deadline of %v", took, deadline)
	}
	if err == nil || !strings.Contains(err.Error(), `"otlp"`) || strings.Contains(err.Error(), `"healthy"`) {
		t.Errorf("shutdown: %v, want an error that names the pipeline otlp, and only that", err)
	}
	if got := healthy.value("sli.order.error.total"); got != events {
		t.Errorf("the healthy backend has %d failures, want %d", got, events)
	}
}

// What an event costs while all is well and while backends are down. The ratio is about 1.
func BenchmarkRecordWhileABackendIsDown(b *testing.B) {
	faults := map[string]func(testing.TB) string{"none": nil}
	maps.Copy(faults, backendFaults)
	for fault, address := range faults {
		b.Run(fault, func(b *testing.B) {
			c, sli := newSLI(b)
			options := []setup.Option{setup.WithInterval(10 * time.Millisecond), setup.WithTimeout(50 * time.Millisecond)}
			if address != nil {
				options = append(options, setup.WithOTLP(sliotlp.WithEndpoint("http://"+address(b))))
			}
			start(b, c, options...)
			bound := sli.With(labels{"web"})
			b.ReportAllocs()
			for b.Loop() {
				bound.Record(context.Background(), otelsli.Success)
			}
		})
	}
}
