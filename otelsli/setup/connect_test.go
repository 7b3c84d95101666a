package setup_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/internal/freeport"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// connect calls Connect without the environment.
func connect(t testing.TB, limit time.Duration, options ...setup.Option) (*setup.Report, error) {
	t.Helper()
	c, _ := newSLI(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var mu sync.Mutex
	told := 0
	r, err := setup.Connect(ctx, func(p setup.PipelineReport) {
		if !mu.TryLock() {
			t.Error("two pipelines are told of at once")
			return
		}
		defer mu.Unlock()
		told++
		if p.Connection == nil {
			t.Errorf("%s has ended without an outcome", p.Name)
		}
	}, append([]setup.Option{setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithLogger(discard)}, options...)...)
	if told != len(r.Pipelines) {
		t.Errorf("told of %d pipelines, want %d", told, len(r.Pipelines))
	}
	return r, err
}

func outcome(t testing.TB, r *setup.Report, pipeline string) *setup.Connection {
	t.Helper()
	for _, p := range r.Pipelines {
		if p.Name == pipeline {
			return p.Connection
		}
	}
	t.Fatalf("no pipeline %q in %+v", pipeline, r.Pipelines)
	return nil
}

// Each backend gets the gauge once; whoever fails says why, and costs nobody else anything.
func TestConnectToEverything(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/metrics" && strings.Contains(string(body), setup.CheckMetric) && strings.Contains(string(body), "shop") {
			requests.Add(1)
		}
	}))
	defer collector.Close()
	carbon := newReceiver(t)
	taken := listen(t)
	defer taken.Close()
	hang := make(chan struct{})
	defer close(hang)

	began := time.Now()
	r, err := connect(t, time.Second, setup.WithService("shop", ""),
		setup.WithOTLP(sliotlp.WithEndpoint(collector.URL)),
		setup.WithOTLP(sliotlp.WithEndpoint("http://"+refused)),
		setup.WithGraphite(graphitebridge.Config{Servers: []string{"tcp://" + carbon.address}, Line: line.Config{Format: line.GraphiteTagged}}),
		setup.WithGraphite(graphitebridge.Config{Servers: []string{"tcp://" + refused}}),
		setup.WithExporter("hung", &backend{hang: hang}),
		setup.WithExporter("bad", &panicking{}),
		setup.WithPrometheus(taken.Addr().String()),
		setup.WithConsole(io.Discard),
	)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	for pipeline, want := range map[string]setup.Connection{
		"otlp":       {OK: true, Result: "delivered"},
		"otlp-2":     {Result: "refused"},
		"graphite":   {OK: true, Result: "delivered"},
		"graphite-2": {Result: "refused"},
		"hung":       {Result: "no answer in time"},
		"bad":        {Result: "failed"},
		"prometheus": {Result: "the address is in use"},
		"console":    {Skipped: true, Result: "nothing to connect to"},
	} {
		got := outcome(t, r, pipeline)
		if got.OK != want.OK || got.Skipped != want.Skipped || got.Result != want.Result {
			t.Errorf("%s: %+v, want %+v", pipeline, got, want)
		}
		if failed := !got.OK && !got.Skipped; failed != (err != nil && strings.Contains(err.Error(), `pipeline "`+pipeline+`"`)) {
			t.Errorf("%s is in the error, or is not: %v", pipeline, err)
		}
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("the collector got the metric %d times, want once", n)
	}
	if !carbon.has("otelsli.config.check", " 1 ") {
		t.Errorf("carbon got %q", carbon.lines())
	}
}

func TestConnectToAFreeAddress(t *testing.T) {
	t.Parallel()
	address, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is given back
		r, err := connect(t, 10*time.Second, setup.WithPrometheus(address))
		if err != nil || outcome(t, r, "prometheus").Result != "the address is free" {
			t.Errorf("%+v, %v", r.Pipelines, err)
		}
	}
	r, err := connect(t, time.Second, setup.WithPrometheusHandler())
	if err != nil || !outcome(t, r, "prometheus").Skipped {
		t.Errorf("%+v, %v", r.Pipelines, err)
	}
}

// A receiver that never answers does not make the others look as if they were down, and leaves them the
// time for the metric.
func TestConnectToOneOfTwoGraphites(t *testing.T) {
	t.Parallel()
	carbon := newReceiver(t)
	up, silent := "tcp://"+carbon.address, "tls://"+blackHole(t)
	for name, c := range map[string]graphitebridge.Config{
		"all metrics":  {Servers: []string{up, silent}},
		"error budget": {Servers: []string{silent, up}, ErrorBudget: &graphitebridge.ErrorBudget{UUID: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := connect(t, 2*time.Second, setup.WithService("shop", ""), setup.WithGraphite(c))
			if err != nil || !outcome(t, r, "graphite").OK {
				t.Errorf("%+v, %v", outcome(t, r, "graphite"), err)
			}
		})
	}
}

// An agent counts whatever it gets: it gets nothing.
func TestConnectSendsNothingToAnErrorBudget(t *testing.T) {
	t.Parallel()
	agent := newReceiver(t)
	r, err := connect(t, time.Second, setup.WithService("shop", ""),
		setup.WithGraphite(graphitebridge.Config{Servers: []string{"tcp://" + agent.address}, ErrorBudget: &graphitebridge.ErrorBudget{UUID: "1"}}))
	if err != nil || !strings.HasPrefix(outcome(t, r, "graphite").Result, "connected") {
		t.Errorf("%+v, %v", r.Pipelines, err)
	}
	if lines := agent.lines(); len(lines) > 0 {
		t.Errorf("the agent got %q", lines)
	}
}

// What is wrong already is not tried.
func TestConnectWithProblems(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	exporter := &backend{}
	r, err := setup.Connect(t.Context(), func(setup.PipelineReport) { t.Error("tried") }, setup.WithCatalog(c), setup.WithoutEnvironment(),
		setup.WithExporter("push", exporter), setup.WithOTLP(sliotlp.WithEndpoint("nowhere")))
	if err == nil || len(r.Problems) != 1 || exporter.exports != 0 || exporter.shutdowns() != 1 {
		t.Errorf("%+v, %v; %d exports, %d shutdowns", r, err, exporter.exports, exporter.shutdowns())
	}
}

// A server that shows what it was sent does not get it into the report.
func TestConnectHidesWhatComesBack(t *testing.T) {
	const token = "s3cr3t-t0ken"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "not known: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
	}))
	defer echo.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", echo.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20"+token)
	c, _ := newSLI(t)
	r, err := setup.Connect(t.Context(), nil, setup.WithCatalog(c), setup.WithLogger(discard))
	got := outcome(t, r, "otlp")
	if got.Result != "HTTP 401 Unauthorized" || !strings.Contains(got.Detail, "not known: xxxxx") {
		t.Errorf("%+v", got)
	}
	if err == nil || strings.Contains(err.Error()+got.Detail, token) {
		t.Errorf("%v\n%+v", err, got)
	}
}

type panicking struct{ backend }

func (*panicking) Export(context.Context, *metricdata.ResourceMetrics) error {
	panic(errors.New("bug in an exporter"))
}

var _ sdkmetric.Exporter = (*panicking)(nil)
