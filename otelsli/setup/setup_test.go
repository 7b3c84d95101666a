package setup_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestFirstScrapeHasEverySeriesAtZero(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"))
	body := get(t, "http://"+telemetry.PrometheusAddr()+"/metrics")
	wantContains(t, body,
		`sli_order_total{channel="web"} 0`, `sli_order_total{channel="app"} 0`,
		`sli_order_error_total{channel="web"} 0`, `sli_order_error_total{channel="app"} 0`)
}

func TestEveryPipelineHasSLIsAndApplicationMetrics(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed) // before there is any export
	a, b := &backend{}, &backend{temporality: metricdata.DeltaTemporality}
	telemetry := start(t, c,
		setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(0)),
		setup.WithExporter("a", a), setup.WithExporter("b", b),
		setup.WithInterval(time.Hour))
	counter, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 7)
	sli.Record(t.Context(), labels{"app"}, otelsli.Failed)
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, exporter := range map[string]*backend{"a": a, "b": b} {
		if got := exporter.value("sli.order.error.total"); got != 2 {
			t.Errorf("%s: %d failures, want 2", name, got)
		}
		if got := exporter.value("jobs"); got != 7 {
			t.Errorf("%s: jobs = %d, want 7", name, got)
		}
	}
	body := get(t, "http://"+telemetry.PrometheusAddr()+"/metrics")
	wantContains(t, body, `sli_order_error_total{channel="web"} 1`, `sli_order_error_total{channel="app"} 1`, "jobs_total{", "target_info{")
	wantContains(t, get(t, "http://"+telemetry.PrometheusAddr()+"/slis.json"), `"name":"order"`)
	wantContains(t, get(t, "http://"+telemetry.PrometheusAddr()+"/healthz"), "ok")
}

func TestHandlerWithoutListener(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheusHandler())
	if addr := telemetry.PrometheusAddr(); addr != "" {
		t.Errorf("address %q, want none", addr)
	}
	w := httptest.NewRecorder()
	telemetry.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/any", nil))
	wantContains(t, w.Body.String(), `sli_order_total{channel="web"} 0`)

	without := start(t, otelsli.NewCatalog())
	w = httptest.NewRecorder()
	without.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/any", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d without a pipeline, want 404", w.Code)
	}
}

func TestOneSetupAtATime(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	first, delta := &backend{}, &backend{temporality: metricdata.DeltaTemporality}
	telemetry := start(t, c, setup.WithExporter("first", first), setup.WithExporter("delta", delta))
	rejected := &backend{}
	_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithExporter("second", rejected))
	if !errors.Is(err, otelsli.ErrClaimed) {
		t.Errorf("a second Start: %v, want ErrClaimed", err)
	}
	if rejected.shutdowns() != 1 {
		t.Errorf("the exporter of a Start that failed was shut down %d times, want once", rejected.shutdowns())
	}
	sli.Record(t.Context(), labels{"web"}, otelsli.Success)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	sli.Record(t.Context(), labels{"web"}, otelsli.Success) // between the two
	again := &backend{temporality: metricdata.DeltaTemporality}
	telemetry = start(t, c, setup.WithExporter("delta", again))
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := delta.value("sli.order.total"), again.value("sli.order.total"); a != 1 || b != 1 {
		t.Errorf("deltas of %d and %d, want 1 before the restart and 1 after it", a, b)
	}
}

//nolint:paralleltest // it looks at the global MeterProvider
func TestStartThatFailsUndoesItself(t *testing.T) {
	before := otel.GetMeterProvider()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c, _ := newSLI(t)
	exporter := &backend{}
	_, err = setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(),
		setup.WithExporter("push", exporter), setup.WithPrometheus(listener.Addr().String()))
	if err == nil {
		t.Fatal("Start on a taken address succeeded")
	}
	wantContains(t, err.Error(), `"prometheus"`, listener.Addr().String(), "address already in use")
	if exporter.shutdowns() != 1 {
		t.Errorf("the exporter was shut down %d times, want once", exporter.shutdowns())
	}
	if otel.GetMeterProvider() != before {
		t.Error("the global MeterProvider is not what it was")
	}
	release, err := c.Claim("test")
	if err != nil {
		t.Errorf("the catalog is still claimed: %v", err)
	} else {
		release()
	}
}

//nolint:paralleltest // it looks at the global MeterProvider
func TestGlobalProvider(t *testing.T) {
	c, _ := newSLI(t)
	exporter := &backend{}
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithExporter("push", exporter))
	if err != nil {
		t.Fatal(err)
	}
	defer otel.SetMeterProvider(noop.NewMeterProvider())
	counter, err := otel.Meter("app").Int64Counter("jobs")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 3)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := exporter.value("jobs"); got != 3 {
		t.Errorf("jobs = %d by the global provider, want 3", got)
	}
}

// TestExemplars of both the SLIs and the application's instruments are as the option says.
func TestNilViewsAreLeftOut(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	b := &backend{}
	telemetry := start(t, c, setup.WithExporter("push", b), setup.WithViews(nil, sdkmetric.NewView(
		sdkmetric.Instrument{Name: "jobs"}, sdkmetric.Stream{Name: "work"})))
	jobs, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs")
	if err != nil {
		t.Fatal(err)
	}
	jobs.Add(t.Context(), 3)
	if err := telemetry.Flush(t.Context()); err != nil || b.value("work") != 3 {
		t.Errorf("work = %d, want 3; %v", b.value("work"), err)
	}
}

func TestExemplars(t *testing.T) {
	t.Parallel()
	for filter, want := range map[otelsli.ExemplarFilter]int{otelsli.AlwaysOff: 0, otelsli.TraceBased: 0, otelsli.AlwaysOn: 2} {
		c, sli := newSLI(t)
		exporter := &exemplarCounter{}
		telemetry := start(t, c, setup.WithExporter("push", exporter), setup.WithExemplars(filter), setup.WithInterval(time.Hour))
		counter, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs")
		if err != nil {
			t.Fatal(err)
		}
		ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
		sli.Record(ctx, labels{"web"}, otelsli.Failed) // under a span that is not sampled
		counter.Add(ctx, 1)
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := exporter.last; got != want {
			t.Errorf("%v: %d counters with exemplars, want %d", filter, got, want)
		}
	}
}

// An exemplarCounter counts the metrics of an export that have exemplars, but for those of setup.
type exemplarCounter struct {
	backend
	last int
}

func (e *exemplarCounter) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	e.last = 0
	for _, scope := range rm.ScopeMetrics {
		if scope.Scope.Name == setup.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			data, _ := m.Data.(metricdata.Sum[int64])
			for _, p := range data.DataPoints {
				if len(p.Exemplars) > 0 {
					e.last++
					break
				}
			}
		}
	}
	return nil
}

func TestResource(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "from-env")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod,team=env")
	c, _ := newSLI(t)
	resource := func(options ...setup.Option) map[attribute.Key]string {
		t.Helper()
		exporter := &backend{}
		options = append(options, setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithExporter("push", exporter))
		telemetry, err := setup.Start(t.Context(), options...)
		if err != nil {
			t.Fatal(err)
		}
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		return exporter.resource
	}
	env := resource()
	if env["service.name"] != "from-env" || env["team"] != "env" || env["deployment.environment.name"] != "prod" {
		t.Errorf("resource of the environment: %v", env)
	}
	if len(env["service.instance.id"]) != len("00000000-0000-0000-0000-000000000000") {
		t.Errorf("service.instance.id %q, want a UUID", env["service.instance.id"])
	}
	code := resource(setup.WithService("from-code", "1.2.3"), setup.WithResourceAttributes(attribute.String("team", "code")))
	if code["service.name"] != "from-code" || code["service.version"] != "1.2.3" || code["team"] != "code" {
		t.Errorf("an option does not beat the environment: %v", code)
	}
	if code["service.instance.id"] != env["service.instance.id"] {
		t.Error("service.instance.id changed within one process")
	}
	if code["telemetry.sdk.name"] != "opentelemetry" {
		t.Errorf("telemetry.sdk.name is missing: %v", code)
	}
	none := resource(setup.WithoutEnvironment())
	if !strings.HasPrefix(none["service.name"], "unknown_service:") {
		t.Errorf("resource without the environment: %v", none)
	}
}

func TestRecordingIsNotDelayedByABackendThatHangs(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	hung, healthy := &backend{hang: make(chan struct{})}, &backend{}
	defer close(hung.hang)
	telemetry := start(t, c, setup.WithExporter("hung", hung), setup.WithExporter("healthy", healthy),
		setup.WithInterval(5*time.Millisecond), setup.WithTimeout(20*time.Millisecond),
		setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(0)))
	const events = 200_000
	for range events {
		sli.Record(t.Context(), labels{"web"}, otelsli.Success)
	}
	wantContains(t, get(t, "http://"+telemetry.PrometheusAddr()+"/metrics"), `sli_order_total{channel="web"} 200000`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := telemetry.Shutdown(ctx)
	if took := time.Since(begin); took > 2300*time.Millisecond {
		t.Errorf("shutdown took %v with a deadline of 300ms", took)
	}
	if err == nil || !strings.Contains(err.Error(), `"hung"`) || strings.Contains(err.Error(), `"healthy"`) {
		t.Errorf("shutdown: %v, want an error that names the pipeline that hangs, and only that", err)
	}
	if got := healthy.value("sli.order.total"); got != events {
		t.Errorf("the healthy backend has %d events, want %d", got, events)
	}
}
