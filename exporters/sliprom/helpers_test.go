package sliprom

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/otelsli/otelsli-go/otelsli"
)

type orderLabels struct{ Channel, Tier string }

var (
	webGold = orderLabels{"web", "gold"}
	appFree = orderLabels{"app", "free"}
)

// shop is a catalog with an SLI of every kind.
type shop struct {
	catalog *otelsli.Catalog
	place   *otelsli.SLI[orderLabels] // error rate and apdex
	pay     *otelsli.SLI[struct{}]    // error rate
}

// quietCatalog is one that logs nothing.
func quietCatalog(t testing.TB, options ...otelsli.CatalogOption) *otelsli.Catalog {
	t.Helper()
	catalog := otelsli.NewCatalog()
	if err := catalog.Configure(append(options, otelsli.WithLogger(slog.New(slog.DiscardHandler)))...); err != nil {
		t.Fatal(err)
	}
	return catalog
}

func newShop(t testing.TB, options ...otelsli.CatalogOption) shop {
	t.Helper()
	s := shop{catalog: quietCatalog(t, options...)}
	s.place = otelsli.MustNew(otelsli.Spec{
		Name:        "place_order",
		Description: "A customer places an order.",
		Threshold:   1e9,
		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}, []orderLabels{webGold, appFree}, otelsli.WithCatalog(s.catalog))
	s.pay = otelsli.MustNew(otelsli.Spec{
		Name:      "pay",
		Objective: otelsli.Objective{Availability: 0.9995, Window: 7 * otelsli.MinWindow},
	}, []struct{}{}, otelsli.WithCatalog(s.catalog))
	return s
}

// sell records a few events of every outcome.
func (s shop) sell(t testing.TB) {
	for outcome, n := range map[otelsli.Outcome]int{otelsli.Success: 5, otelsli.Slow: 3, otelsli.Failed: 2, otelsli.Ignored: 1} {
		for range n {
			s.place.Record(t.Context(), webGold, outcome)
			s.pay.Record(t.Context(), struct{}{}, outcome)
		}
	}
	s.place.Record(t.Context(), orderLabels{"fax", "gold"}, otelsli.Failed)
}

// open makes an exporter without hold and without log.
func open(t testing.TB, catalog *otelsli.Catalog, options ...Option) *Exporter {
	t.Helper()
	e, err := New(catalog, append([]Option{WithHold(0), WithLogger(slog.New(slog.DiscardHandler))}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// get fetches h as a client that is no scraper and returns the body.
func get(t testing.TB, h http.Handler, accept string) string {
	t.Helper()
	return do(t, h, http.Header{"Accept": {accept}})
}

func do(t testing.TB, h http.Handler, header http.Header) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("GET /metrics: status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// fetched is what a client that is no scraper sees.
func fetched(t testing.TB, h http.Handler) samples {
	t.Helper()
	return parsed(t, get(t, h, acceptText))
}

// scraped is what a scraper sees.
func scraped(t testing.TB, h http.Handler) samples {
	t.Helper()
	return parsed(t, do(t, h, http.Header{"Accept": {acceptText}, scrapeTimeoutHeader: {"10"}}))
}

// parsed reads the text format as a strict scraper would.
func parsed(t testing.TB, body string) samples {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return flatten(slices.Collect(maps.Values(families)))
}

func gathered(t testing.TB, g prometheus.Gatherer) samples {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return flatten(families)
}

// samples maps counters and gauges, spelled name{label="value"}, to their values.
type samples map[string]float64

func flatten(families []*dto.MetricFamily) samples {
	all := make(samples)
	for _, f := range families {
		for _, m := range f.Metric {
			var pairs []string
			for _, l := range m.Label {
				pairs = append(pairs, l.GetName()+`="`+l.GetValue()+`"`)
			}
			all[f.GetName()+"{"+strings.Join(pairs, ",")+"}"] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
		}
	}
	return all
}

// only keeps the samples whose name has one of the prefixes.
func (s samples) only(prefixes ...string) samples {
	kept := make(samples)
	for name, value := range s {
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				kept[name] = value
			}
		}
	}
	return kept
}

// want checks some of the samples.
func (s samples) want(t testing.TB, want samples) {
	t.Helper()
	for name, value := range want {
		if got, ok := s[name]; !ok || got != value {
			t.Errorf("%s = %v (present: %t), want %v", name, got, ok, value)
		}
	}
}

// lack checks that none of the names is there.
func (s samples) lack(t testing.TB, prefixes ...string) {
	t.Helper()
	for name := range s.only(prefixes...) {
		t.Errorf("%s is there", name)
	}
}

// names returns those of the families in a text, in its order.
func names(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			all = append(all, name)
		}
	}
	return all
}

func unzip(t testing.TB, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
