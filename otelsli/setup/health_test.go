package setup_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func status(t testing.TB, url string) int {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestHealthOfPipelines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newSLI(t)
		healthy, failing := &witness{}, &witness{}
		failing.setAct(func(context.Context) error { return errors.New("503") })
		began := time.Now()
		telemetry := start(t, c, setup.WithExporter("healthy", healthy), setup.WithExporter("failing", failing),
			setup.WithPrometheusHandler(), setup.WithInterval(time.Minute))
		time.Sleep(90 * time.Second)
		synctest.Wait()
		want := setup.Health{Ready: true, Pipelines: []setup.PipelineHealth{
			{Name: "healthy", State: setup.StateOK, LastSuccess: began.Add(time.Minute)},
			{Name: "failing", State: setup.StateFailing, ConsecutiveFailures: 2, FailingSince: began, LastError: "503"},
			{Name: "prometheus", State: setup.StateWaiting},
		}}
		if diff := cmp.Diff(want, telemetry.Health()); diff != "" {
			t.Errorf("health (-want +got):\n%s", diff)
		}
		failing.setAct(nil)
		request := httptest.NewRequest("GET", "/metrics", nil)
		request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
		telemetry.Handler().ServeHTTP(httptest.NewRecorder(), request)
		time.Sleep(time.Minute)
		synctest.Wait()
		want.Pipelines[0].LastSuccess = began.Add(2 * time.Minute)
		want.Pipelines[1] = setup.PipelineHealth{Name: "failing", State: setup.StateOK, LastSuccess: began.Add(2 * time.Minute)}
		want.Pipelines[2] = setup.PipelineHealth{Name: "prometheus", State: setup.StateOK, LastSuccess: began.Add(90 * time.Second)}
		if diff := cmp.Diff(want, telemetry.Health()); diff != "" {
			t.Errorf("health after recovery (-want +got):\n%s", diff)
		}
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h := telemetry.Health(); h.Ready || h.Reason != "setup: not ready: shutting down" {
			t.Errorf("after Shutdown: %+v", h)
		}
	})
}

// TestExportThatIsWaitedFor is no success and no failure.
func TestExportThatIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newSLI(t)
		slow := &witness{}
		slow.setAct(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		telemetry := start(t, c, setup.WithExporter("slow", slow))
		synctest.Wait()
		if got := telemetry.Health().Pipelines[0].State; got != setup.StateWaiting {
			t.Errorf("state %q, want waiting", got)
		}
	})
}

// TestWhatCountsAsFailure makes one more export after one that arrived.
func TestWhatCountsAsFailure(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	reject := func(n int) func(context.Context) error {
		return func(context.Context) error {
			return fmt.Errorf("OTLP partial success: old (%d metric data points rejected)", n)
		}
	}
	for name, test := range map[string]struct {
		act      func(context.Context) error
		canceled bool // the caller of Flush does not wait
		arrives  bool // all of it, so that Flush returns no error
		want     int64
	}{
		"cut short by the caller": {act: hang, canceled: true, want: 0},
		"out of time":             {act: hang, want: 1},
		"a warning":               {act: reject(0), arrives: true, want: 0},
		"a part is rejected":      {act: reject(1), want: 0},
		"all is rejected":         {act: reject(1000), want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := newSLI(t)
				exporter := &witness{}
				telemetry := start(t, c, setup.WithExporter("subject", exporter), setup.WithTimeout(time.Second), setup.WithInterval(time.Hour))
				synctest.Wait() // the first export
				exporter.setAct(test.act)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.canceled {
					time.AfterFunc(time.Millisecond, cancel)
				}
				if err := telemetry.Flush(ctx); (err == nil) != test.arrives {
					t.Errorf("Flush: %v; everything arrives: %t", err, test.arrives)
				}
				exporter.setAct(nil)
				if got := telemetry.Health().Pipelines[0]; got.ConsecutiveFailures != test.want || (got.State == setup.StateFailing) != (test.want > 0) {
					t.Errorf("health %+v, want %d failures", got, test.want)
				}
			})
		})
	}
}

// TestReadiness follows /readyz through the life of a process.
func TestReadiness(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	probe := &probing{}
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"), setup.WithInterval(time.Hour),
		setup.WithExporter("down", &backend{err: errors.New("refused")}), setup.WithExporter("probe", probe))
	url := "http://" + telemetry.PrometheusAddr()
	_ = telemetry.Flush(t.Context())
	if got := get(t, url+"/readyz"); got != "ready\n" || status(t, url+"/readyz") != http.StatusOK {
		t.Errorf("ready: %q; a backend that is down must not count", got)
	}
	telemetry.Unready("terminating")
	if got := get(t, url+"/readyz"); got != "setup: not ready: terminating\n" || status(t, url+"/readyz") != http.StatusServiceUnavailable {
		t.Errorf("unready: %q", got)
	}
	if got := status(t, url+"/healthz"); got != http.StatusOK {
		t.Errorf("/healthz %d of a process that answers", got)
	}
	telemetry.Unready("")
	if err := telemetry.Ready(); err != nil {
		t.Errorf("ready again: %v", err)
	}
	probe.url = url + "/readyz"
	if err := telemetry.Shutdown(t.Context()); err == nil {
		t.Error("Shutdown told nothing of the backend that is down")
	}
	if probe.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz %d while the pipelines shut down", probe.status)
	}
	if err := telemetry.Ready(); err == nil {
		t.Error("ready after Shutdown")
	}
}

// A probing exporter asks a URL while it is shut down.
type probing struct {
	backend
	url    string
	status int
}

func (p *probing) Shutdown(context.Context) error {
	response, err := http.Get(p.url)
	if err != nil {
		return err
	}
	p.status = response.StatusCode
	return response.Body.Close()
}

func TestHandlersForAServerOfTheApplication(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithExporter("push", &backend{}), setup.WithInterval(time.Hour))
	ask := func(h http.Handler, method string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/any", nil))
		return w
	}
	if w := ask(telemetry.ReadyHandler(), "GET"); w.Code != http.StatusOK || w.Body.String() != "ready\n" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("ready: %d %q %v", w.Code, w.Body, w.Header())
	}
	telemetry.Unready("migrating")
	if w := ask(telemetry.ReadyHandler(), "HEAD"); w.Code != http.StatusServiceUnavailable || w.Body.Len() != 0 {
		t.Errorf("unready: %d %q", w.Code, w.Body)
	}
	w := ask(telemetry.HealthHandler(), "GET")
	var got setup.Health
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d, %v:\n%s", w.Code, err, w.Body)
	}
	if got.Ready || got.Reason != "setup: not ready: migrating" || len(got.Pipelines) != 1 || got.Pipelines[0].Name != "push" {
		t.Errorf("health %+v", got)
	}
}

// TestHealthPage is served beside the metrics.
func TestHealthPage(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"), setup.WithExporter("push", &backend{}), setup.WithInterval(time.Hour))
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	url := "http://" + telemetry.PrometheusAddr()
	wantContains(t, get(t, url+"/health.json"), `"ready": true`, `"name": "push"`, `"state": "ok"`, `"last_success": "`,
		`"endpoint": "`+telemetry.PrometheusAddr()+`"`, `"state": "waiting"`)
	wantContains(t, get(t, url+"/"), `href="/health.json"`, `href="/readyz"`)
}

func TestWithoutPipelinesEverythingIsWell(t *testing.T) {
	t.Parallel()
	telemetry := start(t, otelsli.NewCatalog())
	if h := telemetry.Health(); !h.Ready || h.Pipelines == nil || len(h.Pipelines) != 0 {
		t.Errorf("health %+v", h)
	}
}

// TestGuardKeepsTheDetailToItself and leaves the probes open, for they have no credentials.
func TestGuardKeepsTheDetailToItself(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"), setup.WithPrometheusGuard(guard.WithBearerTokens("a-token-that-is-long-enough")))
	for path, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusOK,
		"/health.json": http.StatusUnauthorized, "/metrics": http.StatusUnauthorized, "/slis.json": http.StatusUnauthorized,
	} {
		if got := status(t, "http://"+telemetry.PrometheusAddr()+path); got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
}
