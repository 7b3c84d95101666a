package guard_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
)

// A nowhere is a response that nobody reads.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

func (n nowhere) WriteString(s string) (int, error) { return len(s), nil }

func handlers(t testing.TB) map[string]func() {
	a := newAuthority(t)
	pair := a.client(t, "scraper")
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	bare := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	request := func(authorization string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Authorization", authorization)
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
		return r
	}
	secrets := newGuard(t, guard.WithBearerTokens("one", "two"), guard.WithUser("prom", "password"), guard.WithoutRateLimit()).Wrap(bare)
	limited := newGuard(t, guard.WithBearerTokens("one"), guard.WithRateLimit(1e9, 1e9)).Wrap(bare)
	certified := newGuard(t, guard.WithClientCertificates(tempFile(t, a.pem)), guard.WithoutRateLimit()).Wrap(bare)
	call := func(h http.Handler, r *http.Request) func() {
		w := nowhere{make(http.Header)}
		return func() { h.ServeHTTP(w, r) }
	}
	return map[string]func(){
		"bare":        call(bare, request("")),
		"open":        call(newGuard(t, guard.WithoutRateLimit()).Wrap(bare), request("")),
		"token":       call(secrets, request("Bearer two")),
		"password":    call(secrets, request(userpass("prom", "password"))),
		"rate":        call(limited, request("Bearer one")),
		"certificate": call(certified, request("")),
		"refused":     call(secrets, request("Bearer wrong")),
	}
}

func BenchmarkWrap(b *testing.B) {
	for name, f := range handlers(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

//nolint:paralleltest // it counts allocations
func TestAllocations(t *testing.T) {
	ceilings := map[string]float64{"bare": 0, "open": 1, "token": 0, "password": 2, "rate": 0, "refused": 0}
	all := handlers(t)
	for name, want := range ceilings {
		f := all[name]
		f()
		if got := testing.AllocsPerRun(100, f); got > want {
			t.Errorf("%s: %v allocations, want at most %v", name, got, want)
		}
	}
}
