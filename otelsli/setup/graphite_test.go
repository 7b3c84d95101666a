package setup_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A receiver is a carbon or an agent: it reads each connection to its end.
type receiver struct {
	address string
	mu      sync.Mutex
	data    bytes.Buffer
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	l := listen(t)
	r := &receiver{address: l.Addr().String()}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { r.read(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		conns.Wait()
	})
	return r
}

func (r *receiver) read(conn net.Conn) {
	defer conn.Close()
	data, _ := io.ReadAll(conn)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.data.Write(data)
}

// lines returns what was received so far, without its timestamps.
func (r *receiver) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for l := range strings.Lines(r.data.String()) {
		lines = append(lines, strings.TrimSpace(l))
	}
	return lines
}

func (r *receiver) has(prefix string, rest ...string) bool {
	return slices.ContainsFunc(r.lines(), func(l string) bool {
		return strings.HasPrefix(l, prefix) && !slices.ContainsFunc(rest, func(part string) bool { return !strings.Contains(l, part) })
	})
}

func TestGraphiteGetsEverything(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	c, sli := newSLI(t)
	telemetry := start(t, c, setup.WithService("shop", ""), setup.WithGraphite(graphitebridge.Config{
		Servers: []string{"tcp://" + r.address},
		Line:    line.Config{Format: line.GraphiteTagged, Prefix: "prod", Instance: "one"},
	}))
	counter, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 7)
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	for range 2 { // the second time, the bridge has something to say of itself
		if err := telemetry.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"prod.sli.order.error.total;", ";channel=web", " 1 "},
		{"prod.sli.order.error.total;", ";channel=app", " 0 "},
		{"prod.jobs;", " 7 "},
		{"prod.otelsli.graphite.", "instance=one"},
	} {
		if !r.has(want[0], want[1:]...) {
			t.Errorf("no line %q in:\n%s", want, strings.Join(r.lines(), "\n"))
		}
	}
}

func TestGraphiteByEnvironment(t *testing.T) {
	r := newReceiver(t)
	t.Setenv("OTEL_METRICS_EXPORTER", "graphite")
	t.Setenv("OTELSLI_GRAPHITE_ENDPOINT", "tcp://"+refused+", tcp://"+r.address+"/")
	t.Setenv("OTELSLI_GRAPHITE_FORMAT", "opentsdb")
	t.Setenv("OTELSLI_GRAPHITE_PREFIX", "prod")
	t.Setenv("OTELSLI_GRAPHITE_INSTANCE", "one")
	c, sli := newSLI(t)
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard))
	if err != nil {
		t.Fatal(err)
	}
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !r.has("put prod.sli.order.error.total ", " 1 ", "channel=web", "instance=one") {
		t.Errorf("received:\n%s", strings.Join(r.lines(), "\n"))
	}
}

// The variables of the publishers that this replaces are enough.
func TestErrorBudgetByTheOldVariables(t *testing.T) {
	r := newReceiver(t)
	t.Setenv("METRICS_ENABLED", "true")
	t.Setenv("METRICS_AGENT_URL", "tcp://"+r.address)
	t.Setenv("METRICS_SERVICE_NAME", "gprofiler-webapp")
	t.Setenv("METRICS_SLI_UUID", "1234-abcd")
	var log bytes.Buffer
	c, sli := newSLI(t)
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(),
		setup.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	}
	sli.Record(t.Context(), labels{"web"}, otelsli.Ignored)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for response, n := range map[string]string{"failure": " 3 ", "ignored_failure": " 1 ", "success": " 0 "} {
		if !r.has("put error-budget.counters.1234-abcd ", n, "service=gprofiler-webapp response_type="+response+" method_name=order", "channel=web") {
			t.Errorf("no line for %s in:\n%s", response, strings.Join(r.lines(), "\n"))
		}
	}
	wantContains(t, log.String(), "METRICS_ENABLED", "METRICS_AGENT_URL", "METRICS_SERVICE_NAME", "METRICS_SLI_UUID")
}

func TestGraphiteEnvironmentThatIsWrong(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"no scheme", map[string]string{"OTELSLI_GRAPHITE_ENDPOINT": "carbon:2003"}, []string{"variable OTELSLI_GRAPHITE_ENDPOINT", "carbon:2003", "tcp://"}},
		{"format", map[string]string{"OTELSLI_GRAPHITE_FORMAT": "pickle"}, []string{"OTELSLI_GRAPHITE_FORMAT", "pickle", "graphite-tagged"}},
		{"mode", map[string]string{"OTELSLI_GRAPHITE_MODE": "udp"}, []string{"OTELSLI_GRAPHITE_MODE", "udp", "ack"}},
		{"temporality", map[string]string{"OTELSLI_GRAPHITE_TEMPORALITY": "x"}, []string{"OTELSLI_GRAPHITE_TEMPORALITY", "delta"}},
		{"timeout", map[string]string{"OTELSLI_GRAPHITE_TIMEOUT": "1s"}, []string{"OTELSLI_GRAPHITE_TIMEOUT", "milliseconds"}},
		{"CA", map[string]string{"OTELSLI_GRAPHITE_CERTIFICATE": "/no/such"}, []string{"OTELSLI_GRAPHITE_CERTIFICATE", "/no/such"}},
		{"certificate without a key", map[string]string{"OTELSLI_GRAPHITE_CLIENT_CERTIFICATE": "/no/such"}, []string{"OTELSLI_GRAPHITE_CLIENT_CERTIFICATE", "OTELSLI_GRAPHITE_CLIENT_KEY"}},
		{"template", map[string]string{"OTELSLI_GRAPHITE_TEMPLATE": "{nam}"}, []string{"{nam}"}},
		{"old address", map[string]string{"METRICS_AGENT_URL": "http://agent:1"}, []string{"variable METRICS_AGENT_URL", "http://agent:1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("OTEL_METRICS_EXPORTER", "graphite")
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			c, _ := newSLI(t)
			_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard))
			if err == nil {
				t.Fatal("start succeeded")
			}
			wantContains(t, err.Error(), test.want...)
		})
	}
	t.Run("enabled without a budget", func(t *testing.T) {
		t.Setenv("METRICS_ENABLED", "yes")
		c, _ := newSLI(t)
		_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard))
		if err == nil {
			t.Fatal("start succeeded")
		}
		wantContains(t, err.Error(), "METRICS_ENABLED", "METRICS_SLI_UUID")
	})
}
