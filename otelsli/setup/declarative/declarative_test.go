package declarative_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup/declarative"
)

func TestEverythingLeavesByTheFile(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	c, sli := newSLI(t, 2)
	sli.Record(t.Context(), labels{"ca" + "a"}, otelsli.Failed) // before there is any export
	telemetry := start(t, c, backend.pushing(""))
	counter, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 7)
	_, span := telemetry.TracerProvider().Tracer("app").Start(t.Context(), "work")
	span.End()
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := backend.sum("sli.order.error.total"); got != 1 {
		t.Errorf("%d failures, want 1", got)
	}
	if got := len(backend.points("sli.order.total")); got != 2 {
		t.Errorf("%d series of sli.order.total, want both that are declared", got)
	}
	if got := backend.sum("jobs"); got != 7 {
		t.Errorf("jobs = %d, want 7", got)
	}
	if got := backend.attribute("service.instance.id"); got != "shop-1" {
		t.Errorf("service.instance.id %q, want that of the file", got)
	}
	if backend.traceRequests() == 0 {
		t.Error("no span arrived")
	}
	if got := telemetry.Propagator().Fields(); len(got) == 0 || got[0] != "traceparent" {
		t.Errorf("propagator %v, want that of the file", got)
	}

	sli.Record(t.Context(), labels{"caa"}, otelsli.Failed) // delivered by Shutdown
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := backend.sum("sli.order.error.total"); got != 2 {
		t.Errorf("%d failures after Shutdown, want 2", got)
	}
}

// What this road does not carry, and setup.WithOTLP does.
func TestWhatIsLost(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	c, sli := newSLI(t, 2)
	telemetry := start(t, c, backend.pushing(""))
	sampled := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
	}))
	sli.Record(sampled, labels{"caa"}, otelsli.Failed)
	time.Sleep(10 * time.Millisecond)
	late := labels{"late"}
	before := time.Now()
	sli.Record(sampled, late, otelsli.Failed)
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	points := backend.points("sli.order.error.total")
	if len(points) != 3 {
		t.Fatalf("%d series, want 3", len(points))
	}
	for _, p := range points {
		if len(p.Exemplars) != 0 {
			t.Errorf("exemplars %v: they pass now: say so in the documentation", p.Exemplars)
		}
		if p.StartTimeUnixNano >= uint64(before.UnixNano()) {
			t.Error("a series has a start time of its own: say so in the documentation")
		}
	}
}

func TestLimitOfTheReaderIsKept(t *testing.T) {
	t.Parallel()
	const series = 2500
	backend := newReceiver(t)
	c, sli := newSLI(t, series)
	_, err := tryStart(t, c, backend.pushing(""))
	if err == nil {
		t.Fatal("2500 series in an instrument of 2000 are accepted")
	}
	wantContains(t, err.Error(), "otel.yaml", "cardinality_limits", "allow 2000", "raise them there", `"order"`, "2501 series")
	release, err := c.Claim("test")
	if err != nil {
		t.Fatalf("the catalog is still claimed: %v", err)
	}
	release()

	telemetry := start(t, c, backend.pushing("        cardinality_limits: {default: 10, observable_counter: 4000, observable_gauge: 4000}"))
	for range 3 {
		sli.Record(t.Context(), labels{"caa"}, otelsli.Success)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(backend.points("sli.order.total")); got != series {
		t.Errorf("%d series arrived, want %d", got, series)
	}

	telemetry = start(t, c, backend.pushing(""), declarative.WithCardinalityLimit(0))
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(backend.points("sli.order.total")); got != series {
		t.Errorf("%d series arrived without a limit, want %d", got, series)
	}
}

func TestDisabled(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t, 1)
	telemetry := start(t, c, "file_format: '1.0'\ndisabled: true\n")
	sli.Record(t.Context(), labels{"caa"}, otelsli.Success)
	if _, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(telemetry.Flush(t.Context()), telemetry.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestOneExportAtATime(t *testing.T) {
	t.Parallel()
	backend := newReceiver(t)
	c, _ := newSLI(t, 1)
	telemetry := start(t, c, backend.pushing(""))
	if _, err := tryStart(t, c, backend.pushing("")); !errors.Is(err, otelsli.ErrClaimed) {
		t.Errorf("a second Start: %v, want ErrClaimed", err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, c, backend.pushing(""))
}

func TestInstanceIsAskedFor(t *testing.T) {
	t.Parallel()
	const without = `file_format: "1.0"
meter_provider: {readers: [{periodic: {interval: 3600000, exporter: {otlp_http: {endpoint: "http://127.0.0.1:1"}}}}]}
`
	for file, warned := range map[string]bool{
		without: true,
		without + "resource: {attributes: [{name: service.name, value: shop}]}\n":       true,
		without + "resource: {attributes_list: service.instance.id=1}\n":                true, // otelconf does not read it
		without + "resource: {attributes: [{name: service.instance.id, value: '1'}]}\n": false,
	} {
		var b bytes.Buffer
		c, _ := newSLI(t, 1)
		start(t, c, file, declarative.WithLogger(slog.New(slog.NewTextHandler(&b, nil))))
		if got := bytes.Contains(b.Bytes(), []byte("service.instance.id")); got != warned {
			t.Errorf("warned: %t, want %t, for\n%s", got, warned, file)
		}
	}
}

//nolint:paralleltest // it looks at the global providers
func TestGlobals(t *testing.T) {
	backend := newReceiver(t)
	before := otel.GetMeterProvider()
	c, _ := newSLI(t, 1)
	telemetry := start(t, c, backend.pushing(""))
	if otel.GetMeterProvider() != before {
		t.Error("WithoutGlobal sets the global MeterProvider")
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := declarative.Start(context.Background(), write(t, "file_format: '1.0'\n"), declarative.WithCatalog(c)); err == nil {
		t.Fatal("a file without a meter_provider is accepted")
	}
	if otel.GetMeterProvider() != before {
		t.Error("a Start that fails sets the global MeterProvider")
	}
	telemetry, err := declarative.Start(context.Background(), write(t, backend.pushing("")), declarative.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	if otel.GetMeterProvider() != telemetry.MeterProvider() || otel.GetTracerProvider() != telemetry.TracerProvider() {
		t.Error("the global providers are not those of the file")
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

//nolint:paralleltest // it replaces standard output
func TestConsole(t *testing.T) {
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	c, sli := newSLI(t, 1)
	telemetry := start(t, c, "file_format: '1.0'\nmeter_provider: {readers: [{periodic: {interval: 3600000, exporter: {console: }}}]}\n")
	sli.Record(t.Context(), labels{"caa"}, otelsli.Success)
	go func() {
		_ = telemetry.Shutdown(context.Background())
		_ = w.Close()
	}()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	wantContains(t, string(text), `"Name": "sli.order.total"`, `"Value": 1`)
}
