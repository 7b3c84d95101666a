package sliprom

import (
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
		{"GET", "/", 200, "text/html", `href="/slis.json"`},
		{"GET", "/metrics/", 404, "", ""},
		{"GET", "/favicon.ico", 404, "", ""},
		{"POST", "/metrics", 405, "", ""},
		{"PUT", "/slis.json", 405, "", ""},
		{"DELETE", "/healthz", 405, "", ""},
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
