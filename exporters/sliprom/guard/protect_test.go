package guard_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
)

// talk sends bytes and returns all that comes back until the server closes.
func talk(t testing.TB, addr, text string) string {
	t.Helper()
	c := dial(t, addr)
	fmt.Fprint(c, text)
	answer, err := io.ReadAll(c)
	if err != nil && len(answer) == 0 {
		return "error: " + err.Error()
	}
	return string(answer)
}

func TestProtectedServer(t *testing.T) {
	t.Parallel()
	s := protect(t, newGuard(t, guard.WithBearerTokens("token")), hello, nil, "/healthz")
	for _, test := range []struct {
		name, request string
		want          string // how the answer begins
	}{
		{"stranger", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"stranger, public", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200"},
		{"public under another spelling", "GET /%68ealthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"public from below", "GET /metrics/../healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"public with a slash", "GET /healthz/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"public with two slashes", "GET //healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"public in the query", "GET /metrics?/healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"public as host", "GET http://healthz/metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"options of the server", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401"},
		{"a body that never comes", "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "HTTP/1.1 401"},
		{"a body upon request", "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", "HTTP/1.1 401"},
		{"a chunked body", "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", "HTTP/1.1 401"},
		{"two requests at once", strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 2), "HTTP/1.1 401"},
		{"a header of 16 KiB", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 16<<10) + "\r\n\r\n", "HTTP/1.1 431"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 401"},
		{"HTTP/2 by upgrade", "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n", "HTTP/1.1 401"},
		{"no HTTP", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", "HTTP/1.1 400"},
	} {
		began := time.Now()
		got := talk(t, s.addr, test.request)
		if !strings.HasPrefix(got, test.want) || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("%s: %.200q, want %s and no more", test.name, got, test.want)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: the connection was open for %v", test.name, took)
		}
		for _, internal := range []string{"exporters", "guard", "goroutine", ".go:"} {
			if strings.Contains(got, internal) {
				t.Errorf("%s: tells %q: %s", test.name, internal, got)
			}
		}
	}
}

// A path that reads like a public one after its escapes are resolved is another one to the handler.
func TestEscapedPathIsNotPublic(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle("/live/z", hello)
	mux.HandleFunc("/{tenant}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") })
	s := protect(t, newGuard(t, guard.WithBearerTokens("token")), mux, nil, "/live/z")
	for path, want := range map[string]string{
		"/live/z":     "HTTP/1.1 200",
		"/live%2Fz":   "HTTP/1.1 401",
		"/live%2fz":   "HTTP/1.1 401",
		"/%6Cive/z":   "HTTP/1.1 401",
		"/live/z?%2F": "HTTP/1.1 200",
	} {
		got := talk(t, s.addr, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if !strings.HasPrefix(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %.300q, want %s", path, got, want)
		}
	}
}

func TestScraperKeepsItsConnection(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	s := protect(t, newGuard(t, guard.WithBearerTokens("token"), guard.WithConnections(3, 3)), hello, func(s *http.Server) {
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
	})
	scraper := client(t, nil)
	wantStatus(t, 200, scraper, "http://"+s.addr, "Authorization", "Bearer token")
	var strangers []net.Conn
	for range 10 {
		strangers = append(strangers, dial(t, s.addr))
	}
	for i, c := range strangers {
		if got, want := closed(c, time.Second), i < 7; got != want {
			t.Errorf("stranger %d: closed %t", i, got)
		}
	}
	before := opened.Load()
	wantStatus(t, 401, scraper, "http://"+s.addr, "Authorization", "Bearer wrong") // a proxy, say
	wantStatus(t, 200, scraper, "http://"+s.addr, "Authorization", "Bearer token")
	if got := opened.Load(); got != before {
		t.Errorf("the scraper opened %d more connections", got-before)
	}
}

func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, g := range map[string]*guard.Guard{"plain": newGuard(t), "TLS": newGuard(t, newFiles(t, a, "server").option())} {
		s := protect(t, g, hello, func(s *http.Server) { s.ReadHeaderTimeout = 200 * time.Millisecond })
		for what, first := range map[string]string{"nothing": "", "half a header": "GET / HTTP/1.1\r\nHost:", "half a handshake": "\x16\x03\x01\x00\xa5"} {
			c := dial(t, s.addr)
			fmt.Fprint(c, first)
			began := time.Now()
			io.ReadAll(c)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s, %s: open for %v", name, what, took)
			}
		}
	}
}

// The usual server gives each connection without a request 5 seconds before it shuts down.
func TestStrangersDoNotDelayShutdown(t *testing.T) {
	t.Parallel()
	s := protect(t, newGuard(t, guard.WithBearerTokens("token")), hello, nil)
	wantStatus(t, 200, client(t, nil), "http://"+s.addr, "Authorization", "Bearer token")
	for range 20 {
		fmt.Fprint(dial(t, s.addr), "GET / HTTP/1.1\r\n")
	}
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	began := time.Now()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Shutdown took %v", took)
	}
}

func TestProtectKeepsWhatIsSet(t *testing.T) {
	t.Parallel()
	type key struct{}
	var entered, closed atomic.Int32
	seen := make(chan any, 1)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Context().Value(key{}) })
	s := protect(t, newGuard(t), h, func(s *http.Server) {
		s.IdleTimeout, s.MaxHeaderBytes = time.Second, 1<<10
		s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
			entered.Add(1)
			return context.WithValue(ctx, key{}, "theirs")
		}
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				closed.Add(1)
			}
		}
	})
	c := client(t, nil)
	wantStatus(t, 200, c, "http://"+s.addr)
	if got := <-seen; got != "theirs" || entered.Load() != 1 {
		t.Errorf("context %v, entered %d", got, entered.Load())
	}
	c.CloseIdleConnections()
	eventually(t, "the connection closed", func() bool { return closed.Load() == 1 })
	if s.server.IdleTimeout != time.Second || s.server.MaxHeaderBytes != 1<<10 || s.server.ReadHeaderTimeout == 0 {
		t.Errorf("idle %v, header %d bytes, %v", s.server.IdleTimeout, s.server.MaxHeaderBytes, s.server.ReadHeaderTimeout)
	}
}

func TestNilHandlerIsNotFound(t *testing.T) {
	t.Parallel()
	s := protect(t, newGuard(t), nil, nil)
	wantStatus(t, 404, client(t, nil), "http://"+s.addr+"/debug/pprof/")
}

// Strangers decide how often a handshake fails, but not how much of it is logged; a panic is not lost
// in it.
func TestServerLogIsThrottled(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	a := newAuthority(t)
	g := newGuard(t, logTo(&log), newFiles(t, a, "server").option())
	s := protect(t, g, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler is broken") }), nil)
	for range 50 {
		talk(t, s.addr, "no handshake")
	}
	wantStatus(t, 0, client(t, a.trust()), "https://"+s.addr)
	eventually(t, "the panic in the log", func() bool { return strings.Contains(log.String(), "handler is broken") })
	if n := strings.Count(log.String(), "TLS handshake error"); n != 1 {
		t.Errorf("%d handshakes logged:\n%s", n, log.String())
	}
}

//nolint:paralleltest // it counts all goroutines
func TestGoroutinesAreBounded(t *testing.T) {
	const bound = guard.DefaultStrangers
	s := protect(t, newGuard(t, guard.WithBearerTokens("token")), hello, nil)
	before := runtime.NumGoroutine()
	for range 3 * bound {
		fmt.Fprint(dial(t, s.addr), "GET / HTTP/1.1\r\n")
	}
	wantStatus(t, 200, client(t, nil), "http://"+s.addr, "Authorization", "Bearer token")
	n := 0
	eventually(t, "few goroutines", func() bool { n = runtime.NumGoroutine() - before; return n <= bound+10 })
	if n < bound/2 {
		t.Errorf("%d goroutines for %d connections: nothing was bounded", n, 3*bound)
	}
}
