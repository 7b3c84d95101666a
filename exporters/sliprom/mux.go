package sliprom

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel"
)

// Paths of [Exporter.Mux] that need no protection, for load balancers and orchestrators, which have no
// credentials: they show a status and, if the process is not ready, the reason. All other paths are for
// scrapers and operators.
const (
	HealthPath = "/healthz"
	ReadyPath  = "/readyz"
)

// A MuxOption configures [Exporter.Mux].
type MuxOption interface{ applyMux(*muxConfig) }

type muxOptionFunc func(*muxConfig)

func (f muxOptionFunc) applyMux(c *muxConfig) { f(c) }

type muxConfig struct {
	ready  func() error
	report func() any
}

// WithReadiness sets what /readyz asks: it answers 200 if ready returns nil, and otherwise 503 with the
// text of the error, which is public. Default (and nil): always ready.
func WithReadiness(ready func() error) MuxOption {
	return muxOptionFunc(func(c *muxConfig) { c.ready = ready })
}

// WithHealthReport serves what report returns, as JSON, on /health.json. It is for operators: the
// errors and addresses in it are not public. Default (and nil): no such page.
func WithHealthReport(report func() any) MuxOption {
	return muxOptionFunc(func(c *muxConfig) { c.report = report })
}

// Mux returns a handler for a service's metrics address, for GET and HEAD:
//
//	/metrics      [Exporter.Handler]
//	/slis.json    the catalog as it is declared now, the JSON of [otelsli.Description]
//	/health.json  the report of [WithHealthReport], if any
//	/healthz      200 while the process can answer
//	/readyz       200 while it should receive requests, otherwise 503: see [WithReadiness]
//	/             links to these
//
// [HealthPath] shows nothing but a status, and [ReadyPath] also the text of the error of
// [WithReadiness]. The other paths reveal what the service does; make them public only if that is.
func (e *Exporter) Mux(options ...MuxOption) http.Handler {
	var c muxConfig
	for _, o := range options {
		if o != nil {
			o.applyMux(&c)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", e.Handler())
	mux.HandleFunc("GET /slis.json", e.serveCatalog)
	mux.HandleFunc("GET "+HealthPath, serveHealth)
	mux.Handle("GET "+ReadyPath, ReadyHandler(c.ready))
	if c.report != nil {
		mux.Handle("GET /health.json", ReportHandler(c.report))
	}
	mux.HandleFunc("GET /{$}", c.serveIndex)
	return mux
}

// serveCatalog writes the description of the catalog. The ETag spares polling clients the body.
func (e *Exporter) serveCatalog(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(e.catalog.Describe())
	if err != nil {
		serveFault(w, fmt.Errorf("describe catalog: %w", err))
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
	serveBytes(w, r, "application/json", body)
}

func serveHealth(w http.ResponseWriter, r *http.Request) {
	serveStatus(w, r, http.StatusOK, "ok\n")
}

// ReadyHandler returns a handler that answers 200 if ready returns nil, and otherwise 503 with the text
// of the error, which every client can read. A nil func means always ready.
func ReadyHandler(ready func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ready != nil {
			if err := ready(); err != nil {
				serveStatus(w, r, http.StatusServiceUnavailable, err.Error()+"\n")
				return
			}
		}
		serveStatus(w, r, http.StatusOK, "ready\n")
	})
}

// ReportHandler returns a handler that answers with what report returns, as JSON. If that cannot be
// encoded, it answers 500; the reason goes to [otel.Handle], not to the client.
func ReportHandler(report func() any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := json.MarshalIndent(report(), "", "  ")
		if err != nil {
			serveFault(w, fmt.Errorf("health report: %w", err))
			return
		}
		setStatusHeader(w, "application/json")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(append(body, '\n')))
	})
}

// serveFault answers 500 without details: the error comes from foreign code, which may have put
// anything into it.
func serveFault(w http.ResponseWriter, err error) {
	otel.Handle(fmt.Errorf("sliprom: %w", err))
	setStatusHeader(w, "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte("internal error\n")) // who does not read it does not want it
}

// serveStatus writes a response that is true only at this moment.
func serveStatus(w http.ResponseWriter, r *http.Request, status int, text string) {
	setStatusHeader(w, "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(text)) // who does not read it does not want it
	}
}

func setStatusHeader(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

const (
	indexHead = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Metrics</title>
<h1>Metrics</h1>
<ul>
<li><a href="/metrics">/metrics</a>: for Prometheus
<li><a href="/slis.json">/slis.json</a>: the declared service level indicators
`
	indexReport = `<li><a href="/health.json">/health.json</a>: the state of the export
`
	indexFoot = `<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>
</ul>
</html>
`
)

func (c *muxConfig) serveIndex(w http.ResponseWriter, r *http.Request) {
	index := indexHead
	if c.report != nil {
		index += indexReport
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	serveBytes(w, r, "text/html; charset=utf-8", []byte(index+indexFoot))
}

// serveBytes writes a body that clients may keep but must revalidate before they use it again.
func serveBytes(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
