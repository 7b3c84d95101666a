package work

import (
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"sync"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
)

// A format is what a scraper asks for.
type format struct {
	name   string
	header http.Header
	vm     bool // VictoriaMetrics has it
}

var formats = []format{
	{"text", http.Header{}, true},
	{"gzip", http.Header{"Accept-Encoding": {"gzip"}}, true},
	{"openmetrics", http.Header{"Accept": {"application/openmetrics-text;version=1.0.0"}}, false},
	{"protobuf", http.Header{"Accept": {protobuf}}, false},
}

const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

// scrapes serves all series to a scraper, in each format.
func scrapes(n int) []Case {
	combinations := combinationsFor(n)
	var all []Case
	for _, f := range formats {
		c := Case{Name: sized("scrape/"+f.name, n), Title: "scrape, " + f.name, Series: n, Rivals: []Rival{
			{Ours, func() Subject {
				exporter := must(sliprom.New(counted(combinations), sliprom.WithHold(0)))
				return scraped(exporter.Handler(), f)
			}},
			{ClientGolang, func() Subject { return scraped(promHandler(countedRegistry(combinations)), f) }},
			{OTelExporter, func() Subject { return scraped(otelHandler(combinations), f) }},
		}}
		if f.vm {
			c.Rivals = append(c.Rivals, Rival{VictoriaMetrics, func() Subject {
				return scraped(vmHandler(countedSet(combinations)), f)
			}})
		}
		all = append(all, c)
	}
	return all
}

func promHandler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// otelHandler has the options that make it fastest and its output the same as that of the others.
func otelHandler(combinations int) http.Handler {
	registry := prometheus.NewRegistry()
	exporter := must(otelprom.New(
		otelprom.WithRegisterer(registry),
		otelprom.WithoutScopeInfo(),
		otelprom.WithoutTargetInfo(),
		otelprom.WithTranslationStrategy(otlptranslator.NoTranslation),
	))
	countSync(unlimited(exporter), combinations)
	return promHandler(registry)
}

// vmHandler compresses as promhttp does; the library leaves it to its user.
func vmHandler(set *vm.Set) http.Handler {
	writers := sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		if r.Header.Get("Accept-Encoding") != "gzip" {
			set.WritePrometheus(w)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		gz := writers.Get().(*gzip.Writer)
		defer writers.Put(gz)
		gz.Reset(w)
		set.WritePrometheus(gz)
		_ = gz.Close()
	})
}

// scraped is a subject that serves scrapes.
func scraped(h http.Handler, f format) Subject {
	r := scrapeRequest(f.header)
	return Subject{
		Run: func(n int) {
			for range n {
				h.ServeHTTP(&connection{header: make(http.Header)}, r)
			}
		},
		Result: func() string {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return samples(w.Result())
		},
	}
}

func scrapeRequest(header http.Header) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", http.NoBody)
	r.Header = header
	return r
}
