package work

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	gohttp "github.com/slok/go-http-metrics/metrics/prometheus"
	"github.com/slok/go-http-metrics/middleware"
	"github.com/slok/go-http-metrics/middleware/std"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// More names, of what a request goes through.
const (
	BareMux        = "bare ServeMux"
	OursMiddleware = "otelsli, as middleware"
	OursOTelHTTP   = "otelsli with otelhttp"
)

// requests serves one request of a ServeMux with one route. Only the metrics are compared: there are
// no spans.
func requests() Case {
	return Case{Name: "http/request", Title: "HTTP request through a ServeMux", Rivals: []Rival{
		{Ours, func() Subject { return serving(routed(newMux())) }},
		{OursMiddleware, func() Subject {
			requests := must(slihttp.New(slihttp.WithCatalog(otelsli.NewCatalog()), slihttp.WithSpec(requestSpec())))
			mustDo(requests.Declare(route))
			return serving(requests.Middleware(routed(http.NewServeMux())))
		}},
		{BareMux, func() Subject { return serving(routed(http.NewServeMux())) }},
		{GoHTTPMetrics, func() Subject {
			recorder := gohttp.NewRecorder(gohttp.Config{Registry: prometheus.NewRegistry()})
			return serving(std.Handler("/orders", middleware.New(middleware.Config{Recorder: recorder}), routed(http.NewServeMux())))
		}},
		{OTelHTTP, func() Subject {
			options := append(otelHTTPOptions(), otelhttp.WithServerName("shop:0"))
			return serving(otelhttp.NewHandler(routed(http.NewServeMux()), "", options...))
		}},
		{OursOTelHTTP, func() Subject {
			return serving(routed(newMux(slihttp.WithOTelHTTP("shop", otelHTTPOptions()...))))
		}},
	}}
}

const route = "GET /orders"

func requestSpec() otelsli.Spec {
	return otelsli.Spec{Name: "http_server", Threshold: spec().Threshold}
}

func newMux(options ...slihttp.Option) *slihttp.Mux {
	options = append(options, slihttp.WithCatalog(otelsli.NewCatalog()), slihttp.WithSpec(requestSpec()))
	return must(slihttp.NewMux(options...))
}

func otelHTTPOptions() []otelhttp.Option {
	return []otelhttp.Option{
		otelhttp.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))),
		otelhttp.WithTracerProvider(noop.NewTracerProvider()),
	}
}

// routed adds the one route.
func routed[M interface {
	http.Handler
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}](mux M) http.Handler {
	body := []byte("ok")
	mux.HandleFunc(route, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	return mux
}

// serving is a subject that serves requests.
func serving(h http.Handler) Subject {
	w, r := &connection{header: http.Header{}}, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/orders", http.NoBody)
	return Subject{
		Run: func(n int) {
			for range n {
				h.ServeHTTP(w, r)
			}
		},
		Result: func() string { return strconv.Itoa(w.written) },
	}
}

// A connection is a response writer with the methods of net/http's own for HTTP/1, and without a
// network behind it.
type connection struct {
	header  http.Header
	written int
}

func (c *connection) Header() http.Header { return c.header }
func (c *connection) WriteHeader(int)     {}
func (c *connection) Flush()              {}
func (c *connection) FlushError() error   { return nil }

func (c *connection) Write(p []byte) (int, error) {
	c.written += len(p)
	return len(p), nil
}

func (c *connection) WriteString(s string) (int, error)     { return c.Write([]byte(s)) }
func (c *connection) ReadFrom(src io.Reader) (int64, error) { return io.Copy(io.Discard, src) }
func (c *connection) CloseNotify() <-chan bool              { return nil }
func (c *connection) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}
