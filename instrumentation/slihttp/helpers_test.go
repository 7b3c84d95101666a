package slihttp_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

const threshold = 100 * time.Millisecond

var spec = otelsli.Spec{Name: "http_server", Threshold: threshold}

// Expected counts, by outcome.
var (
	one     = otelsli.Counts{otelsli.Success: 1}
	slow    = otelsli.Counts{otelsli.Slow: 1}
	failed  = otelsli.Counts{otelsli.Failed: 1}
	ignored = otelsli.Counts{otelsli.Ignored: 1}
	none    = otelsli.Counts{}
)

// unhurried is for requests over a network, on a machine that may be busy.
var unhurried = slihttp.WithSpec(otelsli.Spec{Name: "http_server", Threshold: time.Hour})

// newCatalog returns a catalog that does not log undeclared labels.
func newCatalog() *otelsli.Catalog {
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
		panic(err)
	}
	return c
}

func newMux(t testing.TB, options ...slihttp.Option) *slihttp.Mux {
	t.Helper()
	mux, err := slihttp.NewMux(withTestDefaults(options)...)
	if err != nil {
		t.Fatal(err)
	}
	return mux
}

func newRecorder(t testing.TB, options ...slihttp.Option) *slihttp.Recorder {
	t.Helper()
	rec, err := slihttp.New(withTestDefaults(options)...)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func withTestDefaults(options []slihttp.Option) []slihttp.Option {
	return append([]slihttp.Option{
		slihttp.WithCatalog(newCatalog()),
		slihttp.WithSpec(spec),
	}, options...)
}

// counts returns what was counted by labels, for the combinations that counted anything.
func counts(sli *otelsli.SLI[slihttp.Labels], all ...slihttp.Labels) map[slihttp.Labels]otelsli.Counts {
	m := make(map[slihttp.Labels]otelsli.Counts)
	for _, l := range all {
		if c := sli.With(l).Counts(); c != none {
			m[l] = c
		}
	}
	return m
}

// collected returns all series of the catalog's SLI of that name, by labels.
func collected(t testing.TB, c *otelsli.Catalog, name string) map[slihttp.Labels]otelsli.Counts {
	t.Helper()
	m := make(map[slihttp.Labels]otelsli.Counts)
	for f := range c.Collect() {
		if f.Name() != name {
			continue
		}
		for p := range f.Points() {
			set := p.Attributes(0)
			method, _ := set.Value("method")
			route, _ := set.Value("route")
			m[slihttp.Labels{Method: method.AsString(), Route: route.AsString()}] = p.Counts
		}
	}
	return m
}

// counted is collected without the series at 0.
func counted(t testing.TB, c *otelsli.Catalog, name string) map[slihttp.Labels]otelsli.Counts {
	t.Helper()
	m := collected(t, c, name)
	for l, n := range m {
		if n == none {
			delete(m, l)
		}
	}
	return m
}

// expect compares what a catalog counted.
func expect(t testing.TB, c *otelsli.Catalog, want map[slihttp.Labels]otelsli.Counts) {
	t.Helper()
	if diff := cmp.Diff(want, counted(t, c, "http_server")); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func get(route string) slihttp.Labels { return slihttp.Labels{Method: "GET", Route: route} }

// do serves one request without a network.
func do(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// start serves h on the loopback interface.
func start(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// eventually waits for what a handler does after its client has seen the response.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not within 5s: %s", what)
}

func respond(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }
