package setup_test

import (
	"context"
	"errors"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A witness is an exporter that keeps what the last export said about pipelines.
type witness struct {
	backend

	mu      sync.Mutex
	act     func(context.Context) error // nil: succeed
	values  map[string]float64          // by metric and attributes; of histograms, the count
	columns map[string][3]string        // by metric: kind, unit, attribute keys
}

func (r *witness) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	values, columns := map[string]float64{}, map[string][3]string{}
	for _, scope := range rm.ScopeMetrics {
		if scope.Scope.Name != setup.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			kind, keys := "", ""
			add := func(set attribute.Set, v float64) {
				values[m.Name+"{"+set.Encoded(attribute.DefaultEncoder())+"}"] = v
				var all []string
				for _, kv := range set.ToSlice() {
					all = append(all, string(kv.Key))
				}
				keys = strings.Join(all, ", ")
			}
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				kind = "counter"
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[int64]:
				kind = "gauge"
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				kind = "gauge"
				for _, p := range d.DataPoints {
					add(p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				kind = "histogram"
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Count))
				}
			}
			columns[m.Name] = [3]string{kind, m.Unit, keys}
		}
	}
	r.mu.Lock()
	r.values, r.columns = values, columns
	act := r.act
	r.mu.Unlock()
	if act != nil {
		return act(ctx)
	}
	return nil
}

func (r *witness) setAct(act func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.act = act
}

func (r *witness) read(key string) (float64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.values[key]
	return v, ok
}

func (r *witness) want(t testing.TB, want map[string]float64) {
	t.Helper()
	for key, v := range want {
		if got, ok := r.read(key); !ok || got != v {
			t.Errorf("%s is %v (exported: %v), want %v", key, got, ok, v)
		}
	}
}

// TestPipelinesReportThemselvesFromTheStart wants every counter at 0 in the very first export.
func TestPipelinesReportThemselvesFromTheStart(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	r := &witness{}
	telemetry := start(t, c, setup.WithExporter("first", r), setup.WithExporter("second", &backend{}), setup.WithPrometheusHandler(),
		setup.WithInterval(time.Hour))
	if err := telemetry.Flush(t.Context()); err != nil { // after the first export, if that was not the first
		t.Fatal(err)
	}
	for _, p := range []string{"first", "second"} {
		for _, result := range []string{"partial", "failed", "timeout", "canceled", "skipped"} {
			r.want(t, map[string]float64{"otelsli.pipeline.exports{pipeline=" + p + ",result=" + result + "}": 0})
		}
		r.want(t, map[string]float64{
			"otelsli.pipeline.points.dropped{pipeline=" + p + ",reason=rejected}": 0,
			"otelsli.pipeline.points.dropped{pipeline=" + p + ",reason=lost}":     0,
			"otelsli.pipeline.collection.failures{pipeline=" + p + "}":            0,
			"otelsli.pipeline.failures.consecutive{pipeline=" + p + "}":           0,
		})
		if _, ok := r.read("otelsli.pipeline.exports{pipeline=" + p + ",result=delivered}"); !ok {
			t.Errorf("pipeline %q has no exports that were delivered, not even 0", p)
		}
	}
	for _, result := range []string{"delivered", "aborted", "refused"} {
		r.want(t, map[string]float64{"otelsli.pipeline.scrapes{pipeline=prometheus,result=" + result + "}": 0})
	}
}

// TestWhatAPipelineReports plays a course of exports of one pipeline and reads it from another.
func TestWhatAPipelineReports(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newSLI(t)
		r, subject := &witness{}, &witness{}
		began := time.Now()
		telemetry := start(t, c, setup.WithExporter("subject", subject), setup.WithExporter("reporter", r),
			setup.WithInterval(time.Minute), setup.WithTimeout(10*time.Second))
		synctest.Wait()
		for _, act := range []func(context.Context) error{
			func(context.Context) error { return errors.New("503") },
			func(context.Context) error {
				return errors.New("OTLP partial success: old (2 metric data points rejected)")
			},
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			func(context.Context) error { return errors.New("503") },
		} {
			subject.setAct(act)
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		time.Sleep(20 * time.Second) // the time-out of the last but one has passed
		if err := telemetry.Flush(t.Context()); err == nil {
			t.Error("Flush told nothing of the failure")
		}
		subject.setAct(func(context.Context) error { time.Sleep(time.Second); return nil }) // behind the witness
		if err := telemetry.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		subject.setAct(nil)
		r.want(t, map[string]float64{
			"otelsli.pipeline.exports{pipeline=subject,result=delivered}":       1,
			"otelsli.pipeline.exports{pipeline=subject,result=partial}":         1,
			"otelsli.pipeline.exports{pipeline=subject,result=timeout}":         1,
			"otelsli.pipeline.exports{pipeline=subject,result=failed}":          3,
			"otelsli.pipeline.points.dropped{pipeline=subject,reason=lost}":     0,
			"otelsli.pipeline.failures.consecutive{pipeline=subject}":           3,
			"otelsli.pipeline.failures.consecutive{pipeline=reporter}":          0,
			"otelsli.pipeline.points.dropped{pipeline=subject,reason=rejected}": 2,
			"otelsli.pipeline.last_success{pipeline=subject}":                   float64(began.Add(2*time.Minute).UnixMilli()) / 1e3,
		})
		if n, _ := r.read("otelsli.pipeline.points.exported{pipeline=subject}"); n < 10 {
			t.Errorf("%v data points of two exports arrived", n)
		}
		if n, _ := r.read("otelsli.pipeline.export.duration{pipeline=subject}"); n != 1 { // of no length but the time-out
			t.Errorf("%v durations, want that of the export that took time", n)
		}
	})
}

// TestPointsThatAreLost are the deltas of other metrics in an export that failed, and never SLIs.
func TestPointsThatAreLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so that the first export, which nobody waits for, is none of those that are counted
		c, sli := newSLI(t)
		subject := &backend{temporality: metricdata.DeltaTemporality, err: errors.New("503")}
		telemetry := start(t, c, setup.WithExporter("subject", subject), setup.WithPrometheusHandler(), setup.WithInterval(time.Hour))
		requests, err := telemetry.MeterProvider().Meter("app").Int64Counter("requests")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		lost := func() int { // by one more export, the metrics of the pipelines themselves included
			before := dropped(t, telemetry)
			if err := telemetry.Flush(t.Context()); err == nil {
				t.Error("Flush succeeded")
			}
			return dropped(t, telemetry) - before
		}
		for range 3 { // until the histograms of the pipelines have all their points
			lost()
		}
		own := lost()
		sli.Record(t.Context(), labels{"web"}, otelsli.Success)
		requests.Add(t.Context(), 1, metric.WithAttributes(attribute.String("path", "/a")))
		requests.Add(t.Context(), 1, metric.WithAttributes(attribute.String("path", "/b")))
		if got := lost() - own; got != 2 {
			t.Errorf("%v points are lost, want the 2 of the application's counter", got)
		}
	})
}

var droppedLine = regexp.MustCompile(`otelsli_pipeline_points_dropped_total{.*reason="lost".*} (\d+)`)

// dropped reads the number of lost points from a scrape.
func dropped(t testing.TB, telemetry *setup.Telemetry) int {
	t.Helper()
	w := httptest.NewRecorder()
	telemetry.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	line := droppedLine.FindStringSubmatch(w.Body.String())
	if line == nil {
		t.Fatalf("no number of lost points in:\n%s", w.Body)
	}
	n, err := strconv.Atoi(line[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An observer of the application's own takes nothing away from ours.
func TestScrapesAreReportedBesideAnObserver(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	r, told := &witness{}, 0
	telemetry := start(t, c, setup.WithExporter("push", r), setup.WithInterval(time.Hour),
		setup.WithPrometheusHandler(sliprom.WithScrapeObserver(func(sliprom.Scrape) { told++ })))
	telemetry.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil))
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, map[string]float64{"otelsli.pipeline.scrapes{pipeline=prometheus,result=delivered}": 1})
	if told != 1 {
		t.Errorf("the application's observer was told of %d scrapes", told)
	}
}

func TestScrapesAreReported(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	r := &witness{}
	telemetry := start(t, c, setup.WithExporter("push", r), setup.WithPrometheusHandler(), setup.WithInterval(time.Hour))
	for _, method := range []string{"GET", "GET", "POST"} {
		telemetry.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/metrics", nil))
	}
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, map[string]float64{
		"otelsli.pipeline.scrapes{pipeline=prometheus,result=delivered}": 2,
		"otelsli.pipeline.scrapes{pipeline=prometheus,result=refused}":   1,
		"otelsli.pipeline.scrape.duration{pipeline=prometheus}":          2,
	})
	if v, ok := r.read("otelsli.pipeline.last_success{pipeline=prometheus}"); ok {
		t.Errorf("the last success is %v, though no scraper has come", v)
	}
	request := httptest.NewRequest("GET", "/metrics", nil)
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	telemetry.Handler().ServeHTTP(httptest.NewRecorder(), request)
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.read("otelsli.pipeline.last_success{pipeline=prometheus}"); !ok {
		t.Error("no last success, though a scraper has come")
	}
}

// TestPipelinesAreReportedByTheirScrape shows them under their Prometheus names.
func TestPipelinesAreReportedByTheirScrape(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	failing := &backend{err: errors.New("disk full")}
	telemetry := start(t, c, setup.WithExporter("push", failing), setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(0)), setup.WithInterval(time.Hour))
	_ = telemetry.Flush(t.Context())
	body := get(t, "http://"+telemetry.PrometheusAddr()+"/metrics")
	for _, want := range []string{
		`otelsli_pipeline_exports_total{`, `result="failed"`, `otelsli_pipeline_failures_consecutive{`, `pipeline="push"`, `otelsli_pipeline_scrapes_total{`,
	} {
		wantContains(t, body, want)
	}
}

// TestTableOfOperations holds the table of docs/operations.md to what is exported.
func TestTableOfOperations(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string][3]string)
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 7 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`otelsli.pipeline.") {
			continue
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "`", "")
		}
		documented[cells[1]] = [3]string(cells[2:5])
	}
	c, _ := newSLI(t)
	r := &witness{}
	telemetry := start(t, c, setup.WithExporter("push", r), setup.WithPrometheusHandler(), setup.WithInterval(time.Hour))
	telemetry.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil))
	for range 2 { // the second one reports the first
		if err := telemetry.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if diff := cmp.Diff(r.columns, documented); diff != "" {
		t.Errorf("docs/operations.md (-exported +documented):\n%s", diff)
	}
	names := slices.Sorted(maps.Keys(documented))
	if len(names) != 10 {
		t.Errorf("%d metrics: %v", len(names), names)
	}
}
