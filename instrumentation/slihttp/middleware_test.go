package slihttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"

	"github.com/otelsli/otelsli-go/instrumentation/slihttp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// router is a ServeMux with a few routes, as a stand-in for any that sets the Pattern.
func router() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", ok)
	mux.HandleFunc("GET /undeclared/{id}", ok)
	mux.HandleFunc("GET /healthz", ok)
	mux.HandleFunc("/any", ok)
	mux.HandleFunc("/wild/{x}/", ok)
	return mux
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target string
		want           map[slihttp.Labels]otelsli.Counts
	}{
		{"GET", "/orders/7", map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one}},
		{"HEAD", "/orders/7", map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one}},
		{"PUT", "/orders/7", map[slihttp.Labels]otelsli.Counts{{Method: "PUT", Route: "unmatched"}: ignored}},
		{"GET", "/nowhere", map[slihttp.Labels]otelsli.Counts{get("unmatched"): ignored}},
		{"GET", "/undeclared/7", map[slihttp.Labels]otelsli.Counts{get("/undeclared/{id}"): one}},
		{"POST", "/any", map[slihttp.Labels]otelsli.Counts{{Method: "POST", Route: "/any"}: one}},
		{"BREW", "/any", map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "/any"}: one}},
		{"CONNECT", "/wild/raw", map[slihttp.Labels]otelsli.Counts{{Method: "_OTHER", Route: "unmatched"}: one}},
		{"GET", "/healthz", map[slihttp.Labels]otelsli.Counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			c := newCatalog()
			rec := newRecorder(t, slihttp.WithCatalog(c))
			for pattern, options := range map[string][]slihttp.RouteOption{
				"GET /orders/{id}": nil, "/any": nil, "GET /healthz": {slihttp.RouteExcluded()},
			} {
				if err := rec.Declare(pattern, options...); err != nil {
					t.Fatal(err)
				}
			}
			do(rec.Middleware(router()), tt.method, tt.target)
			expect(t, c, tt.want)
		})
	}
}

func TestDeclareBearsAtZero(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithMethods("GET"))
	if err := errors.Join(rec.Declare("GET /a"), rec.Declare("/b", slihttp.RouteThreshold(time.Hour))); err != nil {
		t.Fatal(err)
	}
	want := map[slihttp.Labels]otelsli.Counts{
		get("unmatched"): none, {Method: "_OTHER", Route: "unmatched"}: none,
		get("/a"): none, get("/b"): none, {Method: "_OTHER", Route: "/b"}: none,
	}
	if diff := cmp.Diff(want, collected(t, c, "http_server")); diff != "" {
		t.Errorf("series before the first request (-want +got):\n%s", diff)
	}
	if got := rec.SLI().With(get("/b")).Threshold(); got != time.Hour {
		t.Errorf("threshold of /b is %v, want 1h", got)
	}
}

func TestDeclareErrors(t *testing.T) {
	t.Parallel()
	rec := newRecorder(t)
	for pattern, want := range map[string]string{
		"":                                 "want a value",
		"GET ":                             "want a value",
		"GET /" + strings.Repeat("x", 300): "at most 256 bytes",
		"GET /\xff":                        "valid UTF-8",
	} {
		err := rec.Declare(pattern)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Declare(%.20q) gives %v, want it to say %q", pattern, err, want)
		}
	}
	if err := errors.Join(rec.Declare("GET /a", slihttp.RouteThreshold(time.Second)), rec.Declare("GET /a")); err != nil {
		t.Errorf("declared again: %v", err)
	}
	err := rec.Declare("GET /a", slihttp.RouteThreshold(time.Hour))
	if field, ok := errors.AsType[*otelsli.FieldError](err); !ok || field.Value != "1h0m0s" {
		t.Errorf("another threshold gives %v, want a FieldError", err)
	}
	// The method's own pattern goes before the general one.
	if err := rec.Declare("/a", slihttp.RouteThreshold(time.Minute)); err != nil {
		t.Errorf("general pattern: %v", err)
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	for want, options := range map[string][]slihttp.Option{
		"WithMethods":                {slihttp.WithMethods("GET", "NO GOOD")},
		"WithRoutePrefix":            {slihttp.WithRoutePrefix("api")},
		"lower snake case":           {slihttp.WithSpec(otelsli.Spec{Name: "HTTP"})},
		"Objective.Window":           {slihttp.WithSpec(otelsli.Spec{Objective: otelsli.Objective{Availability: 0.9, Window: time.Hour}})},
		"Threshold":                  {slihttp.WithSpec(otelsli.Spec{Threshold: -1}), slihttp.WithMethods("")},
		`is "": want methods`:        {slihttp.WithSpec(otelsli.Spec{Threshold: -1}), slihttp.WithMethods("")},
		`"http://shop": want a host`: {slihttp.WithOTelHTTP("http://shop")},
		`"shop:https"`:               {slihttp.WithOTelHTTP("shop:https")},
		`"shop:99999"`:               {slihttp.WithOTelHTTP("shop:99999")},
	} {
		for _, construct := range []func(...slihttp.Option) error{
			func(o ...slihttp.Option) error { _, err := slihttp.New(o...); return err },
			func(o ...slihttp.Option) error { _, err := slihttp.NewMux(o...); return err },
		} {
			err := construct(append(options, slihttp.WithCatalog(c))...)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want it to say %q", err, want)
			}
		}
	}
	if n := len(c.Describe().SLIs); n != 0 {
		t.Errorf("%d SLIs are registered after errors", n)
	}
}

// An SLI of the kind ErrorRate has no thresholds, and says so of a route that has one.
func TestErrorRateAlone(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithSpec(otelsli.Spec{
		Kind: otelsli.ErrorRate, Objective: otelsli.Objective{Availability: 0.999},
	}))
	if got := c.Describe().SLIs[0].Kind; got != otelsli.ErrorRate {
		t.Errorf("the SLI is of the kind %v", got)
	}
	if err := rec.Declare("GET /a", slihttp.RouteThreshold(-1)); err != nil {
		t.Errorf("a route without latency: %v", err)
	}
	err := rec.Declare("GET /b", slihttp.RouteThreshold(time.Second))
	if want := "want none, for the kind is error_rate"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestSharedSLI(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	first, second := newMux(t, slihttp.WithCatalog(c)), newMux(t, slihttp.WithCatalog(c))
	first.HandleFunc("GET /a", ok)
	second.With(slihttp.RouteThreshold(time.Hour)).HandleFunc("GET /b", ok)
	if first.SLI() != second.SLI() {
		t.Fatal("two muxes with one spec have two SLIs")
	}
	if got := first.SLI().With(get("/b")).Threshold(); got != time.Hour {
		t.Errorf("threshold set at the second mux is %v, want 1h", got)
	}
	_, err := slihttp.New(slihttp.WithCatalog(c), slihttp.WithSpec(otelsli.Spec{Name: "http_server", Threshold: time.Hour}))
	if err == nil {
		t.Error("another spec of the same name is no error")
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec, err := slihttp.New(slihttp.WithCatalog(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := c.Describe().SLIs[0]
	if rec.SLI().Name() != slihttp.DefaultName || d.Name != slihttp.DefaultName || d.Description == "" || d.Threshold != 0 {
		t.Errorf("unexpected defaults: %+v", d)
	}
}

type routeKey struct{}

// WithRoute serves routers that keep the route elsewhere, as chi does in the context.
func TestWithRoute(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithRoute(func(r *http.Request) string {
		if r.URL.Path == "/panic" {
			panic("boom")
		}
		found, _ := r.Context().Value(routeKey{}).(*string)
		return *found
	}))
	if err := errors.Join(rec.Declare("GET /orders/{id}"), rec.Declare("PROPFIND /dav")); err != nil {
		t.Fatal(err)
	}
	h := rec.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if route, _, ok := strings.Cut(r.URL.Path, "/7"); ok {
			*r.Context().Value(routeKey{}).(*string) = route + "/{id}"
		} else if r.URL.Path == "/dav" {
			*r.Context().Value(routeKey{}).(*string) = "/dav"
		}
	}))
	serve := func(method, path string) {
		route := ""
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), routeKey{}, &route), method, path, nil)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if path == "/orders/7" && !strings.HasSuffix(r.Pattern, "/orders/{id}") {
			t.Errorf("the request is left with pattern %q", r.Pattern)
		}
	}
	serve("GET", "/orders/7")
	serve("HEAD", "/orders/7")
	serve("POST", "/orders/7")
	serve("PROPFIND", "/dav")
	serve("GET", "/nowhere")
	serve("GET", "/panic")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{
		get("/orders/{id}"):                     {otelsli.Success: 2},
		{Method: "POST", Route: "/orders/{id}"}: one,
		{Method: "PROPFIND", Route: "/dav"}:     one,
		get("unmatched"):                        {otelsli.Success: 1, otelsli.Failed: 1},
	})
}

func TestRoutePrefix(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithRoutePrefix("/api/"))
	if err := rec.Declare("GET /orders/{id}"); err != nil {
		t.Fatal(err)
	}
	routes := router()
	routes.HandleFunc("GET example.com/host", ok)
	h := http.StripPrefix("/api", rec.Middleware(routes))
	do(h, "GET", "/api/orders/7")
	do(h, "GET", "/api/undeclared/7")
	do(h, "GET", "http://example.com/api/host")
	do(h, "GET", "/api/nowhere")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{
		get("/api/orders/{id}"): one, get("/api/undeclared/{id}"): one, get("example.com/api/host"): one, get("unmatched"): ignored,
	})
}

func TestNilRecorder(t *testing.T) {
	t.Parallel()
	var rec *slihttp.Recorder
	if err := rec.Declare("GET /x"); err != nil || rec.SLI().Name() != "" {
		t.Errorf("a nil recorder gives %v and the SLI %q", err, rec.SLI().Name())
	}
	if w := do(rec.Middleware(http.HandlerFunc(ok)), "GET", "/"); w.Code != 200 || w.Body.String() != "ok" {
		t.Errorf("answered with %d %q", w.Code, w.Body)
	}
}

func TestDeclareWhileServing(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c))
	h := rec.Middleware(router())
	var wg sync.WaitGroup
	for _, pattern := range []string{"GET /orders/{id}", "/any"} {
		wg.Go(func() {
			for range 50 {
				if err := rec.Declare(pattern); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 200 {
				do(h, "GET", "/orders/7")
			}
		})
	}
	wg.Wait()
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): {otelsli.Success: 400}})
}

// A reverse proxy aborts its handler when the backend breaks off: that is a failure.
func TestReverseProxy(t *testing.T) {
	t.Parallel()
	backend := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write([]byte("half"))
		w.(http.Flusher).Flush()
		if r.URL.Path == "/broken" {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte("-whole"))
	}))
	target, _ := url.Parse(backend.URL)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	mux := newMux(t, unhurried)
	mux.Handle("POST /{page}", proxy)
	srv := start(t, mux)
	for path, want := range map[string]bool{"/broken": false, "/fine": true} {
		resp, err := srv.Client().Post(srv.URL+path, "", nil)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: the client reads with error %v", path, err)
		}
	}
	page := slihttp.Labels{Method: "POST", Route: "/{page}"}
	eventually(t, "both are counted", func() bool {
		return mux.SLI().With(page).Counts() == otelsli.Counts{otelsli.Success: 1, otelsli.Failed: 1}
	})
}

// A route function that returns what clients choose is bounded by the SLI.
func TestHostileRoutes(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithRoute(func(r *http.Request) string { return r.URL.Path }))
	h := rec.Middleware(http.HandlerFunc(ok))
	for i := range 1000 {
		do(h, "GET", fmt.Sprintf("/%d", i))
	}
	if n := len(collected(t, c, "http_server")); n > 7+otelsli.DefaultUndeclaredLimit+1 {
		t.Errorf("%d series", n)
	}
}

func TestNestedMiddleware(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux, rec := newMux(t, slihttp.WithCatalog(c)), newRecorder(t, slihttp.WithCatalog(c))
	withContext := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
	}
	mux.Handle("/", rec.Middleware(rec.Middleware(withContext(rec.Middleware(router())))))
	do(mux, "GET", "/orders/7")
	do(mux, "GET", "/nowhere")
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/orders/{id}"): one, get("/"): ignored})
}

// A WithRoute that panics does not cost a nested request, nor take the place of the handler's panic.
func TestNestedRoutePanics(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	rec := newRecorder(t, slihttp.WithCatalog(c), slihttp.WithRoute(func(*http.Request) string { panic("route") }))
	mux.Handle("GET /fine", rec.Middleware(http.HandlerFunc(ok)))
	mux.Handle("GET /broken", rec.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler") })))
	for path, want := range map[string]any{"/fine": nil, "/broken": "handler"} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("%s panics with %v, want %v", path, got, want)
				}
			}()
			do(mux, "GET", path)
		}()
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get("/fine"): one, get("/broken"): failed})
}

// errorHandler collects what goes to otel.Handle.
type errorHandler struct {
	mu   sync.Mutex
	errs []string
}

func (h *errorHandler) Handle(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs = append(h.errs, err.Error())
}

func (h *errorHandler) count(text string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.errs {
		if strings.Contains(e, text) {
			n++
		}
	}
	return n
}

var handled errorHandler

func TestMain(m *testing.M) {
	otel.SetErrorHandler(&handled)
	m.Run()
}

// A middleware that copies the request hides the route; that is said once.
func TestHiddenPatternIsReportedOnce(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	rec := newRecorder(t, slihttp.WithCatalog(c))
	h := rec.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		router().ServeHTTP(w, r.WithContext(r.Context()))
	}))
	before := handled.count("no route is known")
	do(h, "OPTIONS", "/any")
	do(h, "GET", "/nowhere")
	if n := handled.count("no route is known") - before; n != 0 {
		t.Errorf("reported %d times for a preflight and a 404", n)
	}
	do(h, "GET", "/any")
	do(h, "GET", "/any")
	if n := handled.count("no route is known") - before; n != 1 {
		t.Errorf("reported %d times, want once", n)
	}
}

func TestMuxReportsBadRoutes(t *testing.T) {
	t.Parallel()
	c := newCatalog()
	mux := newMux(t, slihttp.WithCatalog(c))
	long := "/" + strings.Repeat("y", 300)
	before := handled.count(long[:50])
	mux.HandleFunc("GET "+long, ok)
	if handled.count(long[:50])-before != 1 {
		t.Error("a route that cannot be a label is not reported")
	}
	if w := do(mux, "GET", long); w.Code != 200 {
		t.Errorf("it is answered with %d, want 200", w.Code)
	}
	expect(t, c, map[slihttp.Labels]otelsli.Counts{get(long[:256]): one})
}
