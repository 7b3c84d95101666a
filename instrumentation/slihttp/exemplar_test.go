package slihttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// exemplarTraces returns the trace IDs of the exemplars of http_server by metric and route.
func exemplarTraces(c *otelsli.Catalog) map[[2]string]string {
	found := make(map[[2]string]string)
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				if e, ok := p.Exemplar(i); ok {
					found[[2]string{counter.Name, value(p.Attributes(i), "route")}] = e.TraceID.String()
				}
			}
		}
	}
	return found
}

// tracesOf returns the trace IDs of the spans that were recorded, by path, which in these tests is
// the route.
func tracesOf(spans *tracetest.InMemoryExporter) map[string]string {
	found := make(map[string]string)
	for _, s := range spans.GetSpans() {
		for _, a := range s.Attributes {
			if a.Key == "url.path" {
				found[a.Value.AsString()] = s.SpanContext.TraceID().String()
			}
		}
	}
	return found
}

// exemplarHandlers are the ways of a request to end as a failure or late.
func exemplarHandlers(handle func(string, func(http.ResponseWriter, *http.Request))) {
	handle("GET /ok", ok)
	handle("GET /missing", respond(http.StatusNotFound))
	handle("GET /broken", respond(http.StatusInternalServerError))
	handle("GET /panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	handle("GET /slow", func(http.ResponseWriter, *http.Request) { time.Sleep(2 * threshold) })
}

// TestExemplars: the span of otelhttp, composed or around, is that of the exemplar.
func TestExemplars(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(*testing.T, *otelsli.Catalog, []otelhttp.Option) http.Handler{
		"mux with otelhttp": func(t *testing.T, c *otelsli.Catalog, o []otelhttp.Option) http.Handler {
			mux := newMux(t, slihttp.WithCatalog(c), slihttp.WithOTelHTTP("shop", o...))
			exemplarHandlers(mux.HandleFunc)
			return mux
		},
		"otelhttp around mux": func(t *testing.T, c *otelsli.Catalog, o []otelhttp.Option) http.Handler {
			mux := newMux(t, slihttp.WithCatalog(c))
			exemplarHandlers(mux.HandleFunc)
			return otelhttp.NewHandler(mux, "", o...)
		},
		"middleware with otelhttp": func(t *testing.T, c *otelsli.Catalog, o []otelhttp.Option) http.Handler {
			bare := http.NewServeMux()
			exemplarHandlers(bare.HandleFunc)
			return newRecorder(t, slihttp.WithCatalog(c), slihttp.WithOTelHTTP("shop", o...)).Middleware(bare)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, spans := newCatalog(), tracetest.NewInMemoryExporter()
				h := build(t, c, []otelhttp.Option{
					otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans))),
					otelhttp.WithMeterProvider(metric.NewMeterProvider()),
				})
				for _, path := range []string{"/ok", "/missing", "/broken", "/panic", "/slow"} {
					func() {
						defer func() { _ = recover() }()
						h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
					}()
				}
				traces := tracesOf(spans)
				want := map[[2]string]string{
					{"sli.http_server.error.total", "/broken"}: traces["/broken"],
					{"sli.http_server.error.total", "/panic"}:  traces["/panic"],
					{"sli.http_server.apdex.total", "/slow"}:   traces["/slow"],
					{"sli.http_server.slow.total", "/slow"}:    traces["/slow"],
				}
				if diff := cmp.Diff(want, exemplarTraces(c)); diff != "" || len(traces) != 5 {
					t.Errorf("traces of the exemplars, of those by route %v (-want +got):\n%s", traces, diff)
				}
			})
		})
	}
}

// TestExemplarOfBrokenClassifier: it counts as failed, and says in which trace.
func TestExemplarOfBrokenClassifier(t *testing.T) {
	t.Parallel()
	c, spans := newCatalog(), tracetest.NewInMemoryExporter()
	mux := newMux(t, slihttp.WithCatalog(c),
		slihttp.WithClassifier(func(slihttp.Event) otelsli.Outcome { panic("no verdict") }),
		slihttp.WithOTelHTTP("shop", otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans)))))
	mux.HandleFunc("GET /ok", ok)
	do(mux, "GET", "/ok")
	want := map[[2]string]string{{"sli.http_server.error.total", "/ok"}: tracesOf(spans)["/ok"]}
	if diff := cmp.Diff(want, exemplarTraces(c)); diff != "" {
		t.Errorf("traces of the exemplars (-want +got):\n%s", diff)
	}
}

// TestFirstByteIsReadWhereItMatters: whoever asks for it, further out or further in.
func TestFirstByteIsReadWhereItMatters(t *testing.T) {
	t.Parallel()
	late := func(w http.ResponseWriter, _ *http.Request) { // begins at once and takes long
		_, _ = w.Write(body)
		time.Sleep(10 * threshold)
	}
	byFirstByte := func(e slihttp.Event) otelsli.Outcome {
		if e.FirstByte > 0 && e.FirstByte <= threshold {
			return otelsli.Ignored // which tells it from the default classifier
		}
		return otelsli.Failed
	}
	declared := func(t *testing.T, c *otelsli.Catalog, o ...slihttp.RouteOption) http.Handler {
		rec := newRecorder(t, slihttp.WithCatalog(c))
		if err := rec.Declare("GET /", o...); err != nil {
			t.Fatal(err)
		}
		bare := http.NewServeMux()
		bare.HandleFunc("GET /", late)
		return rec.Middleware(bare)
	}
	mux := func(t *testing.T, c *otelsli.Catalog, o ...slihttp.RouteOption) http.Handler {
		mux := newMux(t, slihttp.WithCatalog(c))
		mux.With(o...).HandleFunc("GET /", late)
		return mux
	}
	for name, tt := range map[string]struct {
		build func(*testing.T, *otelsli.Catalog) http.Handler
		want  otelsli.Counts
	}{
		"nobody": {func(t *testing.T, c *otelsli.Catalog) http.Handler { return mux(t, c) }, slow},
		"middleware, streaming route": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			return declared(t, c, slihttp.RouteStreaming())
		}, one},
		"middleware, classifier of the route": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			return declared(t, c, slihttp.RouteClassifier(byFirstByte))
		}, ignored},
		"middleware, classifier of all": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			bare := http.NewServeMux()
			bare.HandleFunc("GET /", late)
			return newRecorder(t, slihttp.WithCatalog(c), slihttp.WithClassifier(byFirstByte)).Middleware(bare)
		}, ignored},
		"mux, classifier of the route": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			return mux(t, c, slihttp.RouteClassifier(byFirstByte))
		}, ignored},
		"mux, classifier of all": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			all := newMux(t, slihttp.WithCatalog(c), slihttp.WithClassifier(byFirstByte))
			all.HandleFunc("GET /", late)
			return all
		}, ignored},
		"mux in middleware": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			return newRecorder(t, slihttp.WithCatalog(c)).Middleware(mux(t, c, slihttp.RouteStreaming()))
		}, one},
		"middleware in middleware": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			return newRecorder(t, slihttp.WithCatalog(c)).Middleware(declared(t, c, slihttp.RouteStreaming()))
		}, one},
		"middleware in mux": {func(t *testing.T, c *otelsli.Catalog) http.Handler {
			outer := newMux(t, slihttp.WithCatalog(c))
			outer.Handle("/", declared(t, c, slihttp.RouteStreaming()))
			return outer
		}, one},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCatalog()
				do(tt.build(t, c), "GET", "/")
				expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/"): tt.want})
			})
		})
	}
}
