package slihttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// standard is a setup of otelhttp and what it recorded.
type standard struct {
	reader *metric.ManualReader
	spans  *tracetest.InMemoryExporter
	option slihttp.Option
}

func newStandard(serverName string, more ...otelhttp.Option) *standard {
	s := &standard{reader: metric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	s.option = slihttp.WithOTelHTTP(serverName, append(more,
		otelhttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(s.reader))),
		otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(s.spans))))...)
	return s
}

// durations returns how often http.server.request.duration was recorded, by "route status".
func (s *standard) durations(t *testing.T) map[string]uint64 {
	t.Helper()
	m := make(map[string]uint64)
	for _, p := range points[float64](t, s, "http.server.request.duration") {
		m[fmt.Sprintf("%s %s", value(p.Attributes, "http.route"), value(p.Attributes, "http.response.status_code"))] += p.Count
	}
	return m
}

func points[N int64 | float64](t *testing.T, s *standard, name string) []metricdata.HistogramDataPoint[N] {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				return m.Data.(metricdata.Histogram[N]).DataPoints
			}
		}
	}
	return nil
}

func value(set attribute.Set, key attribute.Key) string {
	v, ok := set.Value(key)
	if !ok {
		return "-"
	}
	return v.String()
}

func TestOTelHTTP(t *testing.T) {
	t.Parallel()
	s := newStandard("shop")
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c), s.option)
	inner := newMux(t, slihttp.WithCatalog(c), s.option, slihttp.WithRoutePrefix("/strip"))
	inner.HandleFunc("GET /deep/{x}", ok)
	mux.Handle("/strip/", http.StripPrefix("/strip", inner))
	mux.HandleFunc("GET /orders/{id}", ok)
	mux.HandleFunc("/wild/{x}/", ok)
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "partial")
		panic(http.ErrAbortHandler)
	})
	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", ok)
	serve := func(method, target, body string) {
		defer func() { _ = recover() }()
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, strings.NewReader(body)))
	}
	serve("GET", "/orders/7", "")
	serve("GET", "/strip/deep/7", "")
	serve("GET", "/nowhere", "")
	serve("CONNECT", "/wild/raw", "")
	serve("GET", "/healthz", "")
	serve("GET", "/panic", "")
	serve("POST", "/upload", "twelve bytes")

	want := map[string]uint64{
		"/orders/{id} 200":    1,
		"/strip/deep/{x} 200": 1,
		"- 404":               1,
		"- 307":               1,
		"/panic 500":          1,
		"/upload 202":         1,
	}
	if diff := cmp.Diff(want, s.durations(t)); diff != "" {
		t.Errorf("http.server.request.duration (-want +got):\n%s", diff)
	}
	for name, want := range map[string]int64{"http.server.request.body.size": 12, "http.server.response.body.size": 7} {
		for _, p := range points[int64](t, s, name) {
			if value(p.Attributes, "http.route") == "/upload" && p.Sum != want {
				t.Errorf("%s of an aborted request is %d, want %d", name, p.Sum, want)
			}
		}
	}
	if n := len(s.spans.GetSpans()); n != 6 {
		t.Errorf("%d spans, want one for each of 6 requests", n)
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{
		get("/orders/{id}"):                    one,
		get("/strip/deep/{x}"):                 one,
		get("unmatched"):                       ignored,
		{Method: "_OTHER", Route: "unmatched"}: one,
		get("/panic"):                          failed,
		{Method: "POST", Route: "/upload"}:     failed,
	})
}

// What a client writes into the Host header reaches neither server.address nor server.port.
func TestForgedHost(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"shop":             {"shop", "-"},
		"shop:8443":        {"shop", "8443"},
		"shop:":            {"shop", "-"},
		"[2001:db8::1]":    {"2001:db8::1", "-"},
		"2001:db8::1":      {"2001:db8::1", "-"},
		"[2001:db8::1]:81": {"2001:db8::1", "81"},
	} {
		s := newStandard(name, otelhttp.WithServerName(""))
		mux := newMux(t, s.option)
		mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/panic" {
				panic("boom")
			}
		})
		for i := range 20 {
			func() {
				defer func() { _ = recover() }()
				r := httptest.NewRequest("GET", []string{"/", "/panic"}[i%2], nil)
				r.Host = fmt.Sprintf("evil-%d.example.com:%d", i, 1000+i)
				mux.ServeHTTP(httptest.NewRecorder(), r)
			}()
		}
		got := points[float64](t, s, "http.server.request.duration")
		if len(got) != 2 {
			t.Errorf("%q: %d series, want 2, of the statuses 200 and 500", name, len(got))
		}
		for _, p := range got {
			if a := [2]string{value(p.Attributes, "server.address"), value(p.Attributes, "server.port")}; a != want {
				t.Errorf("%q: server.address and port are %q, want %q", name, a, want)
			}
		}
	}
}

func TestServerNameDefaultsToHostname(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ":8080"} {
		s := newStandard(name)
		mux := newMux(t, s.option)
		mux.HandleFunc("/", ok)
		do(mux, "GET", "http://forged.example.com:99/")
		got := points[float64](t, s, "http.server.request.duration")
		if len(got) != 1 {
			t.Fatalf("%q: %d series, want 1", name, len(got))
		}
		if a := value(got[0].Attributes, "server.address"); a == "" || a == "-" || strings.Contains(a, "forged") {
			t.Errorf("%q: server.address is %q", name, a)
		}
	}
}

func TestOTelHTTPWithMiddleware(t *testing.T) {
	t.Parallel()
	s := newStandard("shop")
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), s.option, slihttp.WithRoute(func(r *http.Request) string {
		if strings.HasPrefix(r.URL.Path, "/orders/") {
			return "/orders/{id}"
		}
		return ""
	}))
	if err := rec.Declare("GET /orders/{id}"); err != nil {
		t.Fatal(err)
	}
	h := rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/orders/panic" {
			panic("boom")
		}
	}))
	for _, path := range []string{"/orders/7", "/nowhere", "/orders/panic"} {
		func() {
			defer func() { _ = recover() }()
			do(h, "GET", path)
		}()
	}
	want := map[string]uint64{"/orders/{id} 200": 1, "/orders/{id} 500": 1, "- 200": 1}
	if diff := cmp.Diff(want, s.durations(t)); diff != "" {
		t.Errorf("http.server.request.duration (-want +got):\n%s", diff)
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{
		get("/orders/{id}"): {otelsli.Success: 1, otelsli.Failed: 1},
		get("unmatched"):    one,
	})
}

// otelhttp put around a Mux, or inside of it, by hand works too.
func TestOTelHTTPByHand(t *testing.T) {
	t.Parallel()
	s := newStandard("shop")
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	reader := metric.NewManualReader()
	s.reader = reader
	provider := otelhttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	inner := newMux(t, slihttp.WithCatalog(c))
	inner.HandleFunc("GET /in/{x}", ok)
	mux.Handle("/in/", otelhttp.NewHandler(inner, "inside", provider))
	mux.HandleFunc("GET /out/{x}", ok)
	do(otelhttp.NewHandler(mux, "outside", provider), "GET", "/out/1")
	do(mux, "GET", "/in/1")
	if diff := cmp.Diff(map[string]uint64{"/out/{x} 200": 1, "/in/{x} 200": 1}, s.durations(t)); diff != "" {
		t.Errorf("http.server.request.duration (-want +got):\n%s", diff)
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/out/{x}"): one, get("/in/{x}"): one})
}

// A function given to otelhttp that panics only where the handler already did must not hide it.
func TestOTelHTTPOptionPanics(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	s := newStandard("shop", otelhttp.WithMetricAttributesFn(func(*http.Request) []attribute.KeyValue { panic("option") })) //nolint:staticcheck // still called
	mux := newMux(t, s.option)
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) { panic(boom) })
	func() {
		defer func() {
			if got := recover(); got != any(boom) {
				t.Errorf("recovered %v, want the handler's %v", got, boom)
			}
		}()
		do(mux, "GET", "/")
	}()
	if got := mux.SLI().With(get("/")).Counts(); got != failed {
		t.Errorf("got %v, want %v", got, failed)
	}
}
