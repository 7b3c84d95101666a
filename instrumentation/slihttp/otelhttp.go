package slihttp

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A composition wraps otelhttp around the requests that are counted. A nil one does not.
type composition struct {
	middleware func(http.Handler) http.Handler

	// metrics records only the metrics of requests that middleware missed: otelhttp records nothing
	// if the handler does not return.
	metrics func(http.Handler) http.Handler
}

func newComposition(cfg config) *composition {
	server, _ := serverName(cfg.server) // validated
	options := append(slices.Clone(cfg.otel), otelhttp.WithServerName(server))
	return &composition{
		middleware: otelhttp.NewMiddleware(cfg.spec.Name, options...),
		metrics: otelhttp.NewMiddleware(cfg.spec.Name,
			append(options, otelhttp.WithTracerProvider(noop.NewTracerProvider()))...),
	}
}

// serverName completes a name with what otelhttp would otherwise take from the Host header: the
// address if it is empty, the port if it is missing. Port 0 produces no attribute.
func serverName(name string) (string, error) {
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"), ""
	}
	if port == "" {
		port = "0"
	}
	_, err = strconv.ParseUint(port, 10, 16)
	if err != nil || strings.ContainsAny(host, "[]/@ ") {
		return "", &otelsli.FieldError{
			Field: "slihttp: WithOTelHTTP: serverName",
			Value: fmt.Sprintf("%.120q", name),
			Want:  `a host name such as "shop.example.com", with or without ":port"`,
		}
	}
	if host == "" {
		host, _ = os.Hostname()
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// around wraps otelhttp around a handler.
func (c *composition) around(next http.Handler) http.Handler {
	if c == nil {
		return next
	}
	return c.middleware(next)
}

// recordAborted records the metrics of a request whose handler did not return. It makes otelhttp
// serve a request that looks the same and ends with the status that was sent, or 500.
func (c *composition) recordAborted(x *request, r *http.Request) {
	if c == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			otel.Handle(panicError("an option of otelhttp", p))
		}
	}()
	status := x.status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	c.metrics(http.HandlerFunc(func(w http.ResponseWriter, same *http.Request) {
		same.Pattern = r.Pattern
		w.WriteHeader(status)
		_, _ = io.Copy(io.Discard, same.Body)
		_, _ = io.CopyN(w, zeros{}, x.bytes)
	})).ServeHTTP(discard{http.Header{}}, lookalike(r, x.start.wall()))
}

// lookalike returns a request that otelhttp measures like r.
func lookalike(r *http.Request, start time.Time) *http.Request {
	ctx := r.Context()
	if otelhttp.StartTimeFromContext(ctx).IsZero() {
		ctx = otelhttp.ContextWithStartTime(ctx, start)
	}
	read := int64(0)
	if body, ok := r.Body.(interface{ BytesRead() int64 }); ok { // otelhttp's own
		read = body.BytesRead()
	}
	same := r.WithContext(ctx)
	same.Body = io.NopCloser(io.LimitReader(zeros{}, read))
	return same
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// discard is a response writer whose output nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
