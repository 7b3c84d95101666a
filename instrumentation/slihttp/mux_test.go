package slihttp_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestRoutesAreBornAtZero(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c), slihttp.WithMethods("GET", "POST"))
	mux.HandleFunc("GET /orders/{id}", ok)
	mux.HandleFunc("PROPFIND /dav/", ok)
	mux.HandleFunc("/any", ok)
	mux.HandleFunc("api.example.com/{$}", ok)
	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", ok)
	want := map[slihttp.Labels]otelsli.Counts{
		{Method: "GET", Route: "/orders/{id}"}:           none,
		{Method: "PROPFIND", Route: "/dav/"}:             none,
		{Method: "GET", Route: "/any"}:                   none,
		{Method: "POST", Route: "/any"}:                  none,
		{Method: "_OTHER", Route: "/any"}:                none,
		{Method: "GET", Route: "api.example.com/{$}"}:    none,
		{Method: "POST", Route: "api.example.com/{$}"}:   none,
		{Method: "_OTHER", Route: "api.example.com/{$}"}: none,
		{Method: "GET", Route: slihttp.Unmatched}:        none,
		{Method: "POST", Route: slihttp.Unmatched}:       none,
		{Method: "_OTHER", Route: slihttp.Unmatched}:     none,
	}
	if diff := cmp.Diff(want, collected(t, c, "http_server")); diff != "" {
		t.Errorf("series before the first request (-want +got):\n%s", diff)
	}
}

func TestDefaultMethods(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	mux.HandleFunc("/any", ok)
	var methods []string
	for l := range collected(t, c, "http_server") {
		if l.Route == "/any" {
			methods = append(methods, l.Method)
		}
	}
	slices.Sort(methods)
	if want := []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "_OTHER"}; !slices.Equal(methods, want) {
		t.Errorf("got %v, want %v", methods, want)
	}
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target string
		status         int
		want           map[slihttp.Labels]otelsli.Counts
	}{
		{"GET", "/orders/7", 200, map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one}},
		{"HEAD", "/orders/7", 200, map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one}},
		{"POST", "/orders/7", 405, map[slihttp.Labels]otelsli.Counts{{Method: "POST", Route: "unmatched"}: ignored}},
		{"BREW", "/orders/7", 405, map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "unmatched"}: ignored}},
		{"GET", "/nowhere", 404, map[slihttp.Labels]otelsli.Counts{get("unmatched"): ignored}},
		{"HEAD", "/any", 200, map[slihttp.Labels]otelsli.Counts{{Method: "HEAD", Route: "/any"}: one}},
		{"OPTIONS", "/any", 200, map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "/any"}: one}},
		{"get", "/any", 200, map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "/any"}: one}},
		{"GET", "/tree", 307, map[slihttp.Labels]otelsli.Counts{{Method: "GET", Route: "/tree/"}: one}},
		{"GET", "/orders//7", 307, map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one}},
		{"GET", "/no//where", 307, map[slihttp.Labels]otelsli.Counts{get("unmatched"): one}},
		{"CONNECT", "/wild/card", 307, map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "unmatched"}: one}},
		{"GET", "http://api.example.com/", 200, map[slihttp.Labels]otelsli.Counts{get("api.example.com/"): one}},
		{"GET", "/healthz", 200, map[slihttp.Labels]otelsli.Counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			c := newCatalog()
			mux := newMux(t, slihttp.WithCatalog(c))
			mux.HandleFunc("GET /orders/{id}", ok)
			mux.HandleFunc("/any", ok)
			mux.HandleFunc("/tree/", ok)
			mux.HandleFunc("/wild/{x}/", ok)
			mux.HandleFunc("GET api.example.com/", ok)
			mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", ok)
			if got := do(mux, tt.method, tt.target).Code; got != tt.status {
				t.Errorf("got status %d, want %d", got, tt.status)
			}
			expect(t, c, tt.want)
		})
	}
}

func TestOptionsStar(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	mux.HandleFunc("/", ok)
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.RequestURI = "*"
	mux.ServeHTTP(httptest.NewRecorder(), r)
	expect(t, c, map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "unmatched"}: ignored})
}

// Nothing that a client may choose becomes a label.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	mux.HandleFunc("GET /orders/{id}", ok)
	mux.HandleFunc("/any/", ok)
	mux.HandleFunc("/wild/{x}/", ok)
	before := slices.Collect(maps.Keys(collected(t, c, "http_server")))
	for i := range 1000 {
		r := httptest.NewRequest("GET", "/", nil)
		r.Method = []string{"GET", "CONNECT", "", "ÿ\xff\"\n", fmt.Sprintf("M%d", i)}[i%5]
		r.URL.Path = fmt.Sprintf([]string{"/any/%d\xff\n\"", "/orders/%d", "/wild/%d", "/%d//..", "%d", "/no/%d"}[i%6], i)
		r.Host = fmt.Sprintf("host-%d", i)
		mux.ServeHTTP(httptest.NewRecorder(), r)
	}
	after := collected(t, c, "http_server")
	if len(after) != len(before) {
		t.Errorf("%d series, want the declared %d: %v", len(after), len(before), after)
	}
	sum := int64(0)
	for _, n := range after {
		sum += n.Total() + n[otelsli.Ignored]
	}
	if sum != 1000 {
		t.Errorf("%d events counted, want 1000", sum)
	}
}

func TestHandlerAndPanicsOfServeMux(t *testing.T) {
	t.Parallel()
	mux := newMux(t)
	registered := http.NotFoundHandler()
	mux.Handle("GET /x", registered)
	h, pattern := mux.Handler(httptest.NewRequest("GET", "/x", nil))
	if pattern != "GET /x" || fmt.Sprintf("%p", h) != fmt.Sprintf("%p", registered) {
		t.Errorf("Handler gives %v for %q, want what was registered", h, pattern)
	}
	if _, pattern := mux.Handler(httptest.NewRequest("GET", "/y", nil)); pattern != "" {
		t.Errorf("Handler gives the pattern %q for no route", pattern)
	}
	for name, register := range map[string]func(){
		"conflict":     func() { mux.HandleFunc("GET /x", ok) },
		"invalid":      func() { mux.HandleFunc("GET", ok) },
		"empty":        func() { mux.Handle("", registered) },
		"nil handler":  func() { mux.Handle("/nil", nil) },
		"nil function": func() { mux.HandleFunc("/nil", nil) },
		"nil as both":  func() { mux.Handle("/nil", http.HandlerFunc(nil)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic, want that of ServeMux", name)
				}
			}()
			register()
		}()
	}
}

// The methods have the signatures of ServeMux, so that routers generated for it take a Mux.
var _ interface {
	Handle(string, http.Handler)
	HandleFunc(string, func(http.ResponseWriter, *http.Request))
	Handler(*http.Request) (http.Handler, string)
	http.Handler
} = (*slihttp.Mux)(nil)

func TestNestedMux(t *testing.T) {
	t.Parallel()
	withContext := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
	}
	tests := map[string]struct {
		target  string
		prefix  string
		mount   func(http.Handler) http.Handler
		want    map[slihttp.Labels]otelsli.Counts
		pattern string // left in the request
	}{
		"direct": {
			target: "/api/orders/7", mount: func(h http.Handler) http.Handler { return h },
			want: map[slihttp.Labels]otelsli.Counts{get("/api/orders/{id}"): one}, pattern: "GET /api/orders/{id}",
		},
		"copied request": {
			target: "/api/orders/7", mount: withContext,
			want: map[slihttp.Labels]otelsli.Counts{get("/api/orders/{id}"): one}, pattern: "GET /api/orders/{id}",
		},
		"StripPrefix": {
			target: "/strip/api/orders/7", mount: func(h http.Handler) http.Handler { return http.StripPrefix("/strip", h) },
			want: map[slihttp.Labels]otelsli.Counts{get("/api/orders/{id}"): one}, pattern: "GET /api/orders/{id}",
		},
		"StripPrefix with the prefix": {
			target: "/strip/api/orders/7", prefix: "/strip/",
			mount: func(h http.Handler) http.Handler { return http.StripPrefix("/strip", h) },
			want:  map[slihttp.Labels]otelsli.Counts{get("/strip/api/orders/{id}"): one}, pattern: "GET /strip/api/orders/{id}",
		},
		"unmatched inside": {
			target: "/api/nowhere", mount: withContext,
			want: map[slihttp.Labels]otelsli.Counts{get("unmatched"): ignored}, pattern: "",
		},
		"redirect inside": {
			target: "/api/orders//7", mount: func(h http.Handler) http.Handler { return h },
			want: map[slihttp.Labels]otelsli.Counts{get("/"): one}, pattern: "/",
		},
		"excluded inside": {
			target: "/api/healthz", mount: withContext, want: map[slihttp.Labels]otelsli.Counts{}, pattern: "/",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCatalog()
			outer := newMux(t, slihttp.WithCatalog(c))
			inner := newMux(t, slihttp.WithCatalog(c), slihttp.WithRoutePrefix(tt.prefix))
			inner.HandleFunc("GET /api/orders/{id}", ok)
			inner.With(slihttp.RouteExcluded()).HandleFunc("GET /api/healthz", ok)
			outer.Handle("/", tt.mount(inner))
			r := httptest.NewRequest("GET", tt.target, nil)
			outer.ServeHTTP(httptest.NewRecorder(), r)
			expect(t, c, tt.want)
			if r.Pattern != tt.pattern {
				t.Errorf("the request is left with pattern %q, want %q", r.Pattern, tt.pattern)
			}
		})
	}
}

// The outermost mux measures: what is between it and the inner one counts too.
func TestNestedMuxIsMeasuredOutside(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	outer, inner := newMux(t, slihttp.WithCatalog(c)), newMux(t, slihttp.WithCatalog(c))
	inner.With(slihttp.RouteThreshold(time.Hour)).HandleFunc("GET /api/x", func(http.ResponseWriter, *http.Request) { panic("boom") })
	outer.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover(); w.WriteHeader(http.StatusTooManyRequests) }()
		inner.ServeHTTP(w, r)
	})
	do(outer, "GET", "/api/x")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/api/x"): failed})
}

func TestNestedMuxOfAnotherSLI(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	outer := newMux(t, slihttp.WithCatalog(c))
	inner := newMux(t, slihttp.WithCatalog(c), slihttp.WithSpec(otelsli.Spec{Name: "orders_api"}))
	inner.HandleFunc("GET /api/x", ok)
	outer.Handle("/api/", inner)
	do(outer, "GET", "/api/x")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/api/"): one})
	if diff := cmp.Diff(map[slihttp.Labels]otelsli.Counts{get("/api/x"): one}, counted(t, c, "orders_api")); diff != "" {
		t.Errorf("inner SLI (-want +got):\n%s", diff)
	}
}

// http.TimeoutHandler hides the writer of the outer mux: its route is excluded, for the inner one
// to count.
func TestNestedMuxBehindTimeoutHandler(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	outer, inner := newMux(t, unhurried, slihttp.WithCatalog(c)), newMux(t, unhurried, slihttp.WithCatalog(c))
	inner.HandleFunc("GET /api/x", ok)
	outer.With(slihttp.RouteExcluded()).Handle("/api/", http.TimeoutHandler(inner, time.Minute, ""))
	do(outer, "GET", "/api/x")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/api/x"): one})
}

func TestTimeoutHandlerInside(t *testing.T) {
	t.Parallel()
	mux := newMux(t, unhurried)
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	mux.Handle("GET /hang", http.TimeoutHandler(http.HandlerFunc(hang), time.Millisecond, "too late"))
	mux.Handle("GET /quick", http.TimeoutHandler(http.HandlerFunc(ok), time.Minute, "too late"))
	do(mux, "GET", "/hang")
	do(mux, "GET", "/quick")
	got := counts(mux.SLI(), get("/hang"), get("/quick"))
	if diff := cmp.Diff(map[slihttp.Labels]otelsli.Counts{get("/hang"): failed, get("/quick"): one}, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func TestExclude(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c), slihttp.WithExclude(func(r *http.Request) bool {
		if r.URL.Path == "/panic" {
			panic("boom")
		}
		return strings.HasPrefix(r.UserAgent(), "kube-probe/")
	}))
	var seen http.ResponseWriter
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { seen = w })
	mux.With(slihttp.RouteExcluded()).HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { seen = w })

	probe := httptest.NewRequest("GET", "/", nil)
	probe.Header.Set("User-Agent", "kube-probe/1.33")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, probe)
	if seen != http.ResponseWriter(w) {
		t.Errorf("an excluded request has the writer %T, want the original", seen)
	}
	if w := do(mux, "GET", "/healthz"); seen != http.ResponseWriter(w) {
		t.Errorf("an excluded route has the writer %T, want the original", seen)
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{})
	do(mux, "GET", "/panic")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/"): one})
}

func TestRegisterWhileServing(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	const routes, requests = 50, 200
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			for i := range routes {
				mux.With(slihttp.RouteThreshold(time.Hour)).HandleFunc(fmt.Sprintf("GET /r%d/%d", g, i), ok)
			}
		})
		wg.Go(func() {
			for i := range requests {
				do(mux, "GET", fmt.Sprintf("/r%d/%d", g, i%routes))
				collected(t, c, "http_server")
			}
		})
	}
	wg.Wait()
	sum, series := int64(0), 0
	for l, n := range collected(t, c, "http_server") {
		sum += n.Total() + n[otelsli.Ignored]
		if strings.HasPrefix(l.Route, "/r") {
			series++
		}
	}
	if sum != 2*requests || series != 2*routes {
		t.Errorf("%d events in %d routes, want %d in %d", sum, series, 2*requests, 2*routes)
	}
}

// A request that is quicker than the rest of the registration finds the route as it was registered.
func TestRequestDuringTheRegistrationOfItsRoute(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	const routes = 500
	for i := range routes {
		path := fmt.Sprintf("/r%d", i)
		ctx, cancel := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		running := make(chan struct{})
		clients.Go(func() {
			close(running)
			for ctx.Err() == nil {
				do(mux, "GET", path)
			}
		})
		<-running
		mux.With(slihttp.RouteThreshold(time.Hour)).HandleFunc("GET "+path, ok)
		cancel()
		clients.Wait()
	}
	declared := 0
	for _, b := range c.Series() {
		labels := maps.Collect(b.Labels())
		if labels["route"] == slihttp.Unmatched {
			continue
		}
		declared++
		if !b.Declared() || b.Threshold() != time.Hour {
			t.Errorf("%v: declared %t, threshold %v", labels, b.Declared(), b.Threshold())
		}
	}
	if declared != routes {
		t.Errorf("%d series of routes, want %d", declared, routes)
	}
}
