package sliprom

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// What Prometheus 3 sends by default, and where it scrapes native histograms.
const (
	acceptPrometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
		"application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
		"text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
	acceptNative = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7," + acceptPrometheus
)

// promhttpHeaders are those of promhttp for a request.
func promhttpHeaders(r *http.Request) http.Header {
	gatherer := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, nil })
	w := httptest.NewRecorder()
	promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(w, r)
	return w.Header()
}

func headers(e *Exporter, r *http.Request) http.Header {
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, r)
	h := w.Header()
	h.Del("Content-Length")
	return h
}

func scrapeRequest(header http.Header) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header = header
	return r
}

func TestNegotiatesAsPromhttp(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	for _, accept := range [][]string{
		nil,
		{""},
		{"*/*"},
		{acceptText},
		{acceptOpenMetrics},
		{acceptProtobuf},
		{acceptPrometheus},
		{acceptNative},
		{"application/openmetrics-text"},
		{"application/openmetrics-text;version=9"},
		{"text/html"},
		{"text/plain;q=0.1,*/*"},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text"},
		{acceptText + ";escaping=dots"},
		{acceptText + ";escaping=nonsense"},
		{acceptText, acceptOpenMetrics},
	} {
		for _, encoding := range [][]string{
			nil,
			{""},
			{"gzip"},
			{"identity"},
			{"gzip, deflate, br, zstd"},
			{"*"},
			{"br"},
			{"gzip;q=0"},
			{"*;q=0"},
			{"identity;q=0, gzip"},
			{"gzip;q=0.5, identity;q=0.4"},
			{"gzip;q=0.4, identity;q=0.5"},
			{"gzip, identity"},
			{"*;q=0.1, gzip;q=0.2"},
			{"deflate", "gzip"},
			{"gzip ; q=1.000"},
			{"x-gzip"},
			{"zstd"},
		} {
			header := make(http.Header)
			for name, values := range map[string][]string{"Accept": accept, "Accept-Encoding": encoding} {
				if values != nil {
					header[name] = values
				}
			}
			r := scrapeRequest(header)
			if diff := cmp.Diff(promhttpHeaders(r), headers(e, r)); diff != "" {
				t.Errorf("%q (-promhttp +ours):\n%s", header, diff)
			}
		}
	}
}

// Where the header is not well formed, we compress or we do not, but we answer.
func FuzzPrefersGzip(f *testing.F) {
	for _, s := range []string{"gzip", "gzip;q=NaN", "gzip;q=-1", "gzip;q=2", "gzip;level=9", ";;,,", "gzip;q=", "GZIP"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		twice := http.Header{"Accept-Encoding": {s, s}}
		if got := prefersGzip(http.Header{"Accept-Encoding": {s}}); got != prefersGzip(twice) {
			t.Errorf("%q: %t, and not so if it is sent twice", s, got)
		}
	})
}

func TestPrefersGzipRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "gzip;q=NaN", "gzip;q=-1", "gzip;q=2", "gzip;level=9", "gzip;q=", "gzip;q=0", "ungzip"} {
		if prefersGzip(http.Header{"Accept-Encoding": {s}}) {
			t.Errorf("%q asks for gzip", s)
		}
	}
}

func TestFilterByNames(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog, WithGatherers(neighbours))
	for query, want := range map[string][]string{
		"":                                    nil,
		"?other=1":                            nil,
		"?name[]=sli_pay_total":               {"sli_pay_total"},
		"?name[]=zzz&name[]=sli_pay_total":    {"sli_pay_total", "zzz"},
		"?name%5B%5D=sli_objective_ratio":     {"sli_objective_ratio"},
		"?name[]=sli.with.dots_total":         {"sli_with_dots_total"},
		"?name[]=" + problemsName:             {problemsName},
		"?name[]=nobody":                      {},
		"?name[]=sli_pay_total&name[]=&x=%zz": {"sli_pay_total"},
	} {
		for _, accept := range []string{acceptText, acceptProtobuf} {
			r := httptest.NewRequest(http.MethodGet, "/metrics"+query, nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			e.Handler().ServeHTTP(w, r)
			var got []string
			if accept == acceptProtobuf {
				for _, f := range decode(t, w.Body.String()) {
					got = append(got, f.GetName())
				}
			} else {
				got = names(w.Body.String())
			}
			if want == nil && len(got) > 10 {
				continue
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", query, accept, got, want)
			}
		}
	}
}
