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

// Paths that [Exporter.Mux] answers without a secret to keep: a load balancer or an orchestrator
// has no credentials. All others are for scrapers and operators.
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

// WithReadiness sets what /readyz asks: it answers 200 where ready returns nil, and else 503 with the
// text of the error, which everybody can read. Default and nil: always ready.
func WithReadiness(ready func() error) MuxOption {
	return muxOptionFunc(func(c *muxConfig) { c.ready = ready })
}

// WithHealthReport serves what report returns, as JSON, on /health.json. It is for operators: errors
// and addresses in it are not for the public. Default and nil: there is no such page.
func WithHealthReport(report func() any) MuxOption {
	return muxOptionFunc(func(c *muxConfig) { c.report = report })
}

// Mux serves what the address of a service's metrics should have, for GET and HEAD:
//
//	/metrics      [Exporter.Handler]
//	/slis.json    the catalog as it is declared now, the JSON of [otelsli.Description]
//	/health.json  where there is a [WithHealthReport]
//	/healthz      200 while the process can answer
//	/readyz       200 while it should be sent requests, 503 else: see [WithReadiness]
//	/             links to these
//
// [HealthPath] and [ReadyPath] say nothing but a status; the others should not be public where
// what a service does is not.
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

// serveCatalog writes the description of the catalog. Its ETag spares clients that poll it the body.
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

// ReadyHandler answers 200 while ready returns nil, and else 503 with the text of the error. A nil
// func is always ready.
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

// ReportHandler answers with what report returns, as JSON. What cannot be written so is the status 500;
// the reason goes to [otel.Handle], not to the client.
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

// serveFault answers that something is wrong here, and tells nobody but us what: the error is of code
// of others, which may have put anything into it.
func serveFault(w http.ResponseWriter, err error) {
	otel.Handle(fmt.Errorf("sliprom: %w", err))
	setStatusHeader(w, "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte("internal error\n")) // who does not read it does not want it
}

// serveStatus writes what is true at this moment alone.
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

// serveBytes writes a body that clients may keep, but must ask about before they use it again.
func serveBytes(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
