package sliprom

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func request(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestMux(t *testing.T) {
	t.Parallel()
	mux := open(t, newShop(t).catalog).Mux()
	for _, test := range []struct {
		method, path string
		status       int
		contentType  string
		body         string
	}{
		{"GET", "/metrics", 200, "text/plain; version=0.0.4", "sli_pay_total 0\n"},
		{"HEAD", "/metrics", 200, "text/plain; version=0.0.4", ""},
		{"GET", "/slis.json", 200, "application/json", `"place_order"`},
		{"GET", "/healthz", 200, "text/plain", "ok\n"},
		{"HEAD", "/healthz", 200, "text/plain", ""},
		{"GET", "/readyz", 200, "text/plain", "ready\n"},
		{"HEAD", "/readyz", 200, "text/plain", ""},
		{"GET", "/health.json", 404, "", ""},
		{"GET", "/", 200, "text/html", `href="/slis.json"`},
		{"GET", "/metrics/", 404, "", ""},
		{"GET", "/favicon.ico", 404, "", ""},
		{"POST", "/metrics", 405, "", ""},
		{"PUT", "/slis.json", 405, "", ""},
		{"DELETE", "/healthz", 405, "", ""},
		{"POST", "/readyz", 405, "", ""},
		{"POST", "/", 405, "", ""},
	} {
		w := request(mux, test.method, test.path)
		if w.Code != test.status || !strings.HasPrefix(w.Header().Get("Content-Type"), test.contentType) || !strings.Contains(w.Body.String(), test.body) {
			t.Errorf("%s %s: status %d, header %v:\n%s", test.method, test.path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestCatalogAsJSON(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	mux := open(t, s.catalog).Mux()
	first := request(mux, "GET", "/slis.json")
	got, err := otelsli.ParseDescription(first.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.catalog.Describe(), got); diff != "" {
		t.Errorf("description (-catalog +served):\n%s", diff)
	}
	tag := first.Header().Get("ETag")
	if again := request(mux, "GET", "/slis.json", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("unchanged: status %d", again.Code)
	}
	if err := s.place.Declare(orderLabels{"fax", "free"}); err != nil {
		t.Fatal(err)
	}
	changed := request(mux, "GET", "/slis.json", "If-None-Match", tag)
	if changed.Code != http.StatusOK || changed.Header().Get("ETag") == tag || !strings.Contains(changed.Body.String(), "fax") {
		t.Errorf("changed: status %d, ETag %s", changed.Code, changed.Header().Get("ETag"))
	}
	if got := changed.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestReadinessOfMux(t *testing.T) {
	t.Parallel()
	var unready error
	mux := open(t, newShop(t).catalog).Mux(WithReadiness(func() error { return unready }), nil)
	for _, test := range []struct {
		unready error
		method  string
		status  int
		body    string
	}{
		{nil, "GET", 200, "ready\n"},
		{errors.New("warming up"), "GET", 503, "warming up\n"},
		{errors.New("warming up"), "HEAD", 503, ""},
		{nil, "GET", 200, "ready\n"},
	} {
		unready = test.unready
		w := request(mux, test.method, ReadyPath)
		if w.Code != test.status || w.Body.String() != test.body || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v: status %d, header %v, body %q", test.unready, w.Code, w.Header(), w.Body)
		}
	}
	if w := request(open(t, newShop(t).catalog).Mux(WithReadiness(nil)), "GET", ReadyPath); w.Code != 200 {
		t.Errorf("status %d with a nil func, want 200", w.Code)
	}
}

func TestHealthReportOfMux(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	mux := e.Mux(WithHealthReport(func() any { return map[string]int{"exports": 7} }))
	w := request(mux, "GET", "/health.json")
	if w.Code != 200 || w.Body.String() != "{\n  \"exports\": 7\n}\n" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, header %v:\n%s", w.Code, w.Header(), w.Body)
	}
	if !strings.Contains(request(mux, "GET", "/").Body.String(), `href="/health.json"`) {
		t.Error("the index does not name the report")
	}
	if strings.Contains(request(e.Mux(), "GET", "/").Body.String(), "health.json") {
		t.Error("the index names a report that is not there")
	}
	broken := request(e.Mux(WithHealthReport(func() any { return func() {} })), "GET", "/health.json")
	if broken.Code != http.StatusInternalServerError || broken.Body.String() != "internal error\n" || broken.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a report that is no JSON: status %d: %s", broken.Code, broken.Body)
	}
}
