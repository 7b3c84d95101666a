package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// These tests run the quickstart under load and end it by SIGTERM: what the backends hold afterwards must equal the
// final totals that it prints.

// runFor is how long the quickstart is under load before it is told to end.
const runFor = 4 * time.Second

// startQuickstart starts the quickstart with its own free addresses, in JSON, and returns that of /metrics.
func startQuickstart(t *testing.T, env []string, args ...string) (p *Process, metrics string) {
	t.Helper()
	metrics = FreeAddr(t)
	cmd := exec.Command(BuildBinary(t, "./examples/quickstart"),
		append([]string{"-addr", FreeAddr(t), "-metrics", metrics, "-load", "200", "-o", "json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	return StartCommand(t, cmd), metrics
}

// endQuickstart ends it under load and returns its final totals by series of Prometheus.
func endQuickstart(t *testing.T, p *Process, limit time.Duration) map[string]float64 {
	t.Helper()
	begin := time.Now()
	if code := p.Stop(t, limit); code != 0 {
		t.Fatalf("the quickstart ended with code %d", code)
	}
	t.Logf("the quickstart ended %v after SIGTERM", time.Since(begin).Round(time.Millisecond))
	totals := finalTotals(t, p.Output())
	if totals[`sli_http_server_total{method="GET",route="/products"}`] == 0 || totals[`sli_http_server_total{method="POST",route="/orders"}`] == 0 {
		t.Fatalf("there was no load worth speaking of: %v", totals)
	}
	return totals
}

// finalTotals turns the last report of the quickstart into the counters that a backend should hold.
func finalTotals(t *testing.T, output string) map[string]float64 {
	t.Helper()
	for line := range strings.Lines(output) {
		var report struct {
			State  string
			Series []struct {
				SLI                                   string
				Labels                                map[string]string
				Success, Slow, Failed, Ignored, Total float64
			}
		}
		if json.Unmarshal([]byte(line), &report) != nil || report.State != "final" {
			continue
		}
		totals := make(map[string]float64)
		for _, s := range report.Series {
			put := func(suffix string, value float64) {
				totals[Point{Name: "sli_" + s.SLI + "_" + suffix, Attributes: s.Labels}.Series()] = value
			}
			put("total", s.Total)
			put("error_total", s.Failed)
			put("ignored_total", s.Ignored)
			put("apdex_total", s.Success+s.Slow)
			put("apdex_success_total", s.Success)
			put("slow_total", s.Slow)
		}
		return totals
	}
	t.Fatalf("no final report in:\n%s", output)
	return nil
}

// lastValues returns the newest value of every SLI counter that Prometheus holds, without the labels of the target.
func lastValues(ctx context.Context, prom *Prometheus) (map[string]float64, error) {
	vector, err := prom.Query(ctx, `last_over_time({__name__=~"sli_.+_total"}[10m])`)
	if err != nil {
		return nil, err
	}
	values := make(map[string]float64)
	for _, sample := range vector {
		labels := make(map[string]string)
		for k, v := range sample.Metric {
			if k != model.MetricNameLabel && k != "job" && k != "instance" && !strings.HasPrefix(string(k), "otel_scope_") {
				labels[string(k)] = string(v)
			}
		}
		values[Point{Name: string(sample.Metric[model.MetricNameLabel]), Attributes: labels}.Series()] += float64(sample.Value)
	}
	return values, nil
}

func eventuallyHolds(t *testing.T, prom *Prometheus, want map[string]float64) {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		got, err := lastValues(t.Context(), prom)
		if err != nil {
			return err
		}
		return compareTotals(got, want)
	})
}

func TestQuickstartIsScraped(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	app, metrics := startQuickstart(t, nil, "-drain", "8s")
	prom := StartPrometheus(t, Prometheus2, PrometheusConfig{Targets: Targets{"shop": {metrics}}})
	prom.Eventually(t, `up{job="shop"}`, 1, answerLimit)
	time.Sleep(runFor)
	want := endQuickstart(t, app, 15*time.Second)
	eventuallyHolds(t, prom, want)

	// PromQL answers what the service says of itself.
	ratio := 1 - want[`sli_http_server_error_total{method="POST",route="/orders"}`]/want[`sli_http_server_total{method="POST",route="/orders"}`]
	prom.Eventually(t, `1 - last_over_time(sli_http_server_error_total{route="/orders"}[10m]) / last_over_time(sli_http_server_total{route="/orders"}[10m])`, ratio, answerLimit)
	prom.Eventually(t, `sum(last_over_time(sli_place_order_total[10m]))`, sumOf(want, "sli_place_order_total{"), answerLimit)
}

func TestQuickstartPushesToPrometheus(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{})
	addr, path := prom.OTLPEndpoint()
	app, _ := startQuickstart(t, []string{
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://" + addr + path,
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_METRIC_EXPORT_INTERVAL=1000",
	})
	prom.Eventually(t, `count(sli_place_order_total)`, 4, answerLimit)
	time.Sleep(runFor)
	eventuallyHolds(t, prom, endQuickstart(t, app, 5*time.Second))
	prom.Eventually(t, `count(last_over_time(http_server_request_duration_seconds_count{server_address="quickstart"}[10m])) > bool 0`, 1, answerLimit)
}

func TestQuickstartPushesToCollector(t *testing.T) {
	t.Parallel()
	Require(t, OTelCollector)
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			t.Parallel()
			collector := StartCollector(t)
			app, _ := startQuickstart(t, []string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + collector.GRPC,
				"OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
				"OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
				"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=" + temporality,
				"OTEL_METRIC_EXPORT_INTERVAL=500",
			})
			time.Sleep(runFor)
			want := endQuickstart(t, app, 5*time.Second)
			collector.EventuallyTotals(t, dotted(want), answerLimit)
			for _, p := range collector.Points(t) {
				if strings.HasPrefix(p.Name, "sli.") && p.Sum && (p.Start.IsZero() || !p.Monotonic || p.Delta != (temporality == "delta")) {
					t.Fatalf("a point without start, or of the wrong kind: %+v", p)
				}
			}
		})
	}
}

// The whole output of a quickstart without load, read at the first moment that it serves.
func TestQuickstartHasEverySeriesAtZeroBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	Require(t)
	_, metrics := startQuickstart(t, nil, "-load", "0")
	var body string
	Eventually(t, answerLimit, func() (err error) {
		body, err = fetch("http://" + metrics + "/metrics")
		return err
	})
	series := 0
	for scanner := bufio.NewScanner(strings.NewReader(body)); scanner.Scan(); {
		line := scanner.Text()
		if strings.HasPrefix(line, "sli_place_order_") || strings.HasPrefix(line, "sli_http_server_") {
			series++
			if !strings.HasSuffix(line, " 0") {
				t.Errorf("not at zero: %s", line)
			}
		}
	}
	if want := 6 * (4 + 8); series != want { // counters × (combinations of place_order + routes and methods)
		t.Errorf("%d series before the first request, want %d:\n%s", series, want, body)
	}
}

// A backend that is down is named, and costs neither the totals nor the time.
func TestQuickstartEndsInTimeWithoutItsBackend(t *testing.T) {
	t.Parallel()
	Require(t)
	app, metrics := startQuickstart(t, []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + FreeAddr(t), // where nobody listens
		"OTEL_METRIC_EXPORT_INTERVAL=500",
	})
	Eventually(t, answerLimit, func() error {
		_, err := fetch("http://" + metrics + "/metrics")
		return err
	})
	time.Sleep(time.Second)
	begin := time.Now()
	app.Signal(t, syscall.SIGTERM)
	code := app.Wait(t, 6*time.Second)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if code != 1 || !strings.Contains(app.Output(), `"otlp"`) || !strings.Contains(app.Output(), "connection refused") {
		t.Errorf("exit code %d; the culprit is not named in:\n%s", code, app.Output())
	}
	finalTotals(t, app.Output())
}

func sumOf(totals map[string]float64, prefix string) (sum float64) {
	for _, series := range slices.Sorted(maps.Keys(totals)) {
		if strings.HasPrefix(series, prefix) {
			sum += totals[series]
		}
	}
	return sum
}

// dotted turns the names of the quickstart's counters back into those of OpenTelemetry.
func dotted(totals map[string]float64) map[string]float64 {
	names := make(map[string]float64)
	for series, value := range totals {
		name, labels, _ := strings.Cut(series, "{")
		for _, sli := range []string{"place_order", "http_server"} {
			if rest, ok := strings.CutPrefix(name, "sli_"+sli+"_"); ok {
				names[fmt.Sprintf("sli.%s.%s{%s", sli, strings.ReplaceAll(rest, "_", "."), labels)] = value
			}
		}
	}
	return names
}
