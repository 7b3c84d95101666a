package setup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A stubborn exporter does not shut down: it waits for ever, or panics.
type stubborn struct {
	backend
	panics bool
}

func (s *stubborn) Shutdown(ctx context.Context) error {
	if s.panics {
		panic("bug in an exporter")
	}
	<-ctx.Done()
	return ctx.Err()
}

// Whoever calls Shutdown first gets its error, also where it ends at the very deadline.
func TestShutdownAlwaysNamesTheCulprit(t *testing.T) {
	t.Parallel()
	for range 30 {
		c, _ := newSLI(t)
		telemetry := start(t, c, setup.WithExporter("hung", &stubborn{}), setup.WithInterval(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := telemetry.Shutdown(ctx)
		cancel()
		if err == nil || !strings.Contains(err.Error(), `"hung"`) {
			t.Fatalf("shutdown: %v, want an error that names the pipeline", err)
		}
	}
}

// A Start that fails leaves the catalog as it was.
func TestStartThatFailsLeavesTheExemplarsAlone(t *testing.T) {
	t.Parallel()
	taken := listen(t)
	defer taken.Close()
	c, sli := newSLI(t)
	_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithLogger(discard),
		setup.WithExemplars(otelsli.AlwaysOff), setup.WithPrometheus(taken.Addr().String()))
	if err == nil {
		t.Fatal("Start on a taken address succeeded")
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	sli.Record(trace.ContextWithSpanContext(t.Context(), span), labels{"web"}, otelsli.Failed)
	left := 0
	for f := range c.Collect() {
		for p := range f.Points() {
			for i := range f.Counters() {
				if _, ok := p.Exemplar(i); ok {
					left++
				}
			}
		}
	}
	if left == 0 {
		t.Error("no exemplar, as the Start that failed had asked for")
	}
}

// In a process of its own: OpenTelemetry binds global instruments to the first provider for good.
func TestStartThatFailsExportsNothingAndLeavesGlobalInstrumentsAlone(t *testing.T) {
	t.Parallel()
	const variable = "OTELSLI_TEST_IN_OWN_PROCESS"
	if os.Getenv(variable) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), variable+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	taken := listen(t)
	defer taken.Close()
	c, _ := newSLI(t)
	counter, err := otel.Meter("app").Int64Counter("app.requests") // before any Start
	if err != nil {
		t.Fatal(err)
	}
	first := &backend{}
	options := []setup.Option{setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithLogger(discard)}
	if _, err := setup.Start(t.Context(), append(options, setup.WithExporter("push", first), setup.WithPrometheus(taken.Addr().String()))...); err == nil {
		t.Fatal("Start on a taken address succeeded")
	}
	if first.exports != 0 {
		t.Errorf("%d exports of a Start that failed", first.exports)
	}
	second := &backend{}
	telemetry, err := setup.Start(t.Context(), append(options, setup.WithExporter("push", second))...)
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 5)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := second.value("app.requests"); got != 5 {
		t.Errorf("app.requests = %d after a Start that failed and one that did not, want 5", got)
	}
}

func TestStartThatFailsIsNotHeldUpByExporters(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	begin := time.Now()
	_, err := setup.Start(context.Background(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithInterval(-1),
		setup.WithExporter("waits", &stubborn{}), setup.WithExporter("panics", &stubborn{panics: true}))
	if err == nil {
		t.Fatal("Start succeeded")
	}
	wantContains(t, err.Error(), "WithInterval", `"panics"`, "bug in an exporter")
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("Start took %v to fail", took)
	}
}

func TestDisabledIsAKillSwitch(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "true")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "this is no endpoint")
	t.Setenv("OTEL_METRICS_EXPORTER", "nor is this an exporter")
	c, _ := newSLI(t)
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithLogger(discard),
		setup.WithExporter("panics", &stubborn{panics: true}))
	if err != nil {
		t.Fatalf("Start: %v: a configuration that is broken is the very reason to disable it", err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

//nolint:paralleltest // the signal goes to the whole process
func TestOneSignalDuringTheLastExportCostsNothing(t *testing.T) {
	guard := make(chan os.Signal, 1) // the process of the tests must survive if Run does not catch it
	signal.Notify(guard, syscall.SIGTERM)
	defer signal.Stop(guard)
	c, sli := newSLI(t)
	exporter := &signalled{t: t}
	err := setup.Run(t.Context(), func(ctx context.Context) error {
		sli.Record(ctx, labels{"web"}, otelsli.Failed)
		return nil // by itself: no signal so far
	}, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithExporter("push", exporter))
	if err != nil || exporter.value("sli.order.error.total") != 1 {
		t.Errorf("run: %v, %d failures exported; want none lost", err, exporter.value("sli.order.error.total"))
	}
}

// A signalled exporter sends SIGTERM to the process when it is shut down.
type signalled struct {
	backend
	t *testing.T
}

func (s *signalled) Shutdown(context.Context) error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		s.t.Error(err)
	}
	time.Sleep(20 * time.Millisecond)
	return nil
}

func TestRunKeepsRealErrorsBesideACancellation(t *testing.T) {
	t.Parallel()
	own := errors.New("the database was not closed")
	tests := map[string]struct {
		err  func(context.Context) error
		want error
	}{
		"cancelled":              {func(ctx context.Context) error { return ctx.Err() }, nil},
		"wrapped":                {func(ctx context.Context) error { return fmt.Errorf("serve: %w", ctx.Err()) }, nil},
		"twice":                  {func(ctx context.Context) error { return errors.Join(ctx.Err(), ctx.Err()) }, nil},
		"beside a real one":      {func(ctx context.Context) error { return errors.Join(ctx.Err(), own) }, own},
		"wrapped with a real on": {func(ctx context.Context) error { return fmt.Errorf("%w: %w", ctx.Err(), own) }, own},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			c, _ := newSLI(t)
			err := setup.Run(ctx, func(ctx context.Context) error {
				cancel()
				<-ctx.Done()
				return test.err(ctx)
			}, setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal())
			if !errors.Is(err, test.want) || (test.want == nil && err != nil) {
				t.Errorf("run: %v, want %v", err, test.want)
			}
		})
	}
}

func TestDrainAndShutdownTimeoutFitTogether(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithPrometheus("127.0.0.1:0"), setup.WithScrapeDrain(20*time.Second, 1), setup.WithShutdownTimeout(10*time.Second))
	if err == nil {
		t.Fatal("Start succeeded with a drain that is longer than the shutdown")
	}
	wantContains(t, err.Error(), "WithShutdownTimeout is 10s", "WithScrapeDrain")
}

// The last values are not held back from a scraper that comes while the push pipelines end.
func TestShutdownEndsTheHold(t *testing.T) {
	t.Parallel()
	c, sli := newSLI(t)
	scraping := &scrapedOnce{}
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(time.Hour)),
		setup.WithExporter("push", scraping), setup.WithInterval(time.Hour))
	scraping.url = "http://" + telemetry.PrometheusAddr() + "/metrics"
	sli.Record(t.Context(), labels{"web"}, otelsli.Failed)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantContains(t, scraping.body, `sli_order_error_total{channel="web"} 1`)
}

// A scrapedOnce exporter scrapes while it is shut down.
type scrapedOnce struct {
	backend
	url, body string
}

func (s *scrapedOnce) Shutdown(context.Context) (err error) {
	s.body, err = scrape(s.url)
	return err
}

var _ sdkmetric.Exporter = (*scrapedOnce)(nil)
