package sliprom

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Mux serves what the address of a service's metrics should have, for GET and HEAD:
//
//	/metrics     [Exporter.Handler]
//	/slis.json   the catalog as it is declared now, the JSON of [otelsli.Description]
//	/healthz     200 while the process can answer
//	/            links to these
func (e *Exporter) Mux() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", e.Handler())
	mux.HandleFunc("GET /slis.json", e.serveCatalog)
	mux.HandleFunc("GET /healthz", serveHealth)
	mux.HandleFunc("GET /{$}", serveIndex)
	return mux
}

// serveCatalog writes the description of the catalog. Its ETag spares clients that poll it the body.
func (e *Exporter) serveCatalog(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(e.catalog.Describe())
	if err != nil {
		http.Error(w, "sliprom: describe catalog: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
	serveBytes(w, r, "application/json", body)
}

func serveHealth(w http.ResponseWriter, r *http.Request) {
	serveBytes(w, r, "text/plain; charset=utf-8", []byte("ok\n"))
}

var index = []byte(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Metrics</title>
<h1>Metrics</h1>
<ul>
<li><a href="/metrics">/metrics</a>: for Prometheus
<li><a href="/slis.json">/slis.json</a>: the declared service level indicators
<li><a href="/healthz">/healthz</a>
</ul>
</html>
`)

func serveIndex(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	serveBytes(w, r, "text/html; charset=utf-8", index)
}

// serveBytes writes a body that clients may keep, but must ask about before they use it again.
func serveBytes(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
