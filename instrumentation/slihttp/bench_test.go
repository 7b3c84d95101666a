package slihttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
)

// idle is a response writer of the shape of net/http's own for HTTP/1, without a network behind it.
type idle struct {
	flushing
	hijacks
	notifies
	header http.Header
}

func (w *idle) Header() http.Header         { return w.header }
func (w *idle) Write(p []byte) (int, error) { return len(p), nil }
func (w *idle) WriteHeader(int)             {}

var body = []byte("ok")

func write(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }

// subjects are what a request may go through; all dispatch by a ServeMux.
func subjects(tb testing.TB) map[string]http.Handler {
	bare := http.NewServeMux()
	bare.HandleFunc("GET /orders", write)
	standard := []otelhttp.Option{
		otelhttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))),
		otelhttp.WithTracerProvider(noop.NewTracerProvider()),
	}
	mux := newMux(tb)
	mux.HandleFunc("GET /orders", write)
	both := newMux(tb, slihttp.WithOTelHTTP("shop", standard...))
	both.HandleFunc("GET /orders", write)
	rec := newRecorder(tb)
	if err := rec.Declare("GET /orders"); err != nil {
		tb.Fatal(err)
	}
	return map[string]http.Handler{
		"bare":         bare,
		"mux":          mux,
		"middleware":   rec.Middleware(bare),
		"otelhttp":     otelhttp.NewHandler(bare, "", append(standard, otelhttp.WithServerName("shop:0"))...),
		"mux+otelhttp": both,
	}
}

func BenchmarkServe(b *testing.B) {
	for name, h := range subjects(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			w, r := &idle{header: http.Header{}}, httptest.NewRequest("GET", "/orders", nil)
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkServeParallel(b *testing.B) {
	for name, h := range subjects(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				w, r := &idle{header: http.Header{}}, httptest.NewRequest("GET", "/orders", nil)
				for pb.Next() {
					h.ServeHTTP(w, r)
				}
			})
		})
	}
}

// A request costs one allocation, that of the writer that the handler gets.
//
//nolint:paralleltest // testing.AllocsPerRun counts those of the whole process
func TestAllocations(t *testing.T) { // not parallel: AllocsPerRun counts those of all goroutines
	all := subjects(t)
	w := &idle{header: http.Header{}}
	allocs := func(h http.Handler) float64 {
		r := httptest.NewRequest("GET", "/orders", nil)
		return testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) })
	}
	bare := allocs(all["bare"])
	for _, name := range []string{"mux", "middleware"} {
		if got := allocs(all[name]) - bare; got > 1 {
			t.Errorf("%s: %v allocations more than ServeMux, want at most 1", name, got)
		}
	}
}
