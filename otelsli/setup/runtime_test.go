package setup_test

import (
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// goroutines returns the value of go_goroutine_count in a scrape, "" where it is not there.
func goroutines(t *testing.T, options ...setup.Option) string {
	t.Helper()
	telemetry, err := setup.Start(t.Context(), append(options, setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(),
		setup.WithPrometheus("127.0.0.1:0"), setup.WithLogger(discard))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	body := get(t, "http://"+telemetry.PrometheusAddr()+"/metrics")
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "go_goroutine_count") {
			fields := strings.Fields(line)
			return fields[len(fields)-1]
		}
	}
	return ""
}

func TestRuntimeMetrics(t *testing.T) {
	t.Parallel()
	if got := goroutines(t, setup.WithoutEnvironment()); got != "" {
		t.Errorf("go_goroutine_count %s without the option", got)
	}
	if got := goroutines(t, setup.WithoutEnvironment(), setup.WithRuntimeMetrics()); got == "" || got == "0" {
		t.Errorf("go_goroutine_count %q, want a number", got)
	}
}

func TestRuntimeMetricsByVariable(t *testing.T) {
	for value, there := range map[string]bool{"": false, "false": false, "True": true} {
		t.Setenv("OTELSLI_RUNTIME_METRICS", value)
		if got := goroutines(t); (got != "") != there {
			t.Errorf("OTELSLI_RUNTIME_METRICS=%q: go_goroutine_count %q, want one: %t", value, got, there)
		}
	}
	t.Setenv("OTELSLI_RUNTIME_METRICS", "on")
	_, err := setup.Start(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(), setup.WithConsole(nil))
	if err == nil {
		t.Fatal("OTELSLI_RUNTIME_METRICS=on is accepted")
	}
	wantContains(t, err.Error(), "OTELSLI_RUNTIME_METRICS", `"on"`, "true or false")
}

// Each Start has a provider of its own, and what observes the process goes with it: a second Start
// neither adds up nor keeps the first alive.
func TestRuntimeMetricsAreNotDoubledByAnotherStart(t *testing.T) {
	t.Parallel()
	processors := func(b *backend) int64 { return b.value("go.processor.limit") }
	var first int64
	for i := range 5 {
		b := &backend{}
		telemetry := start(t, otelsli.NewCatalog(), setup.WithExporter("push", b), setup.WithRuntimeMetrics(), setup.WithRuntimeMetrics())
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = processors(b)
		}
		if got := processors(b); got == 0 || got != first {
			t.Errorf("start %d: go.processor.limit = %d, want %d as before", i, got, first)
		}
	}
}
