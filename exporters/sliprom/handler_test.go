package sliprom

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	server := httptest.NewServer(open(t, s.catalog).Handler())
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	for _, test := range []struct{ accept, encoding, contentType, contentEncoding string }{
		{"", "", "text/plain; version=0.0.4", ""},
		{acceptText, "identity", "text/plain; version=0.0.4", ""},
		{acceptText, "gzip", "text/plain; version=0.0.4", "gzip"},
		{acceptOpenMetrics, "gzip", "application/openmetrics-text; version=1.0.0", "gzip"},
		{acceptProtobuf, "gzip, deflate", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", "gzip"},
		{"application/json", "br", "text/plain; version=0.0.4", ""},
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		r.Header.Set("Accept", test.accept)
		r.Header.Set("Accept-Encoding", test.encoding)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || int64(len(body)) != resp.ContentLength {
			t.Errorf("%s: %d bytes of %d: %v", test.accept, len(body), resp.ContentLength, err)
		}
		if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, test.contentType) {
			t.Errorf("%s: content type %q, want %q", test.accept, got, test.contentType)
		}
		if got := resp.Header.Get("Content-Encoding"); got != test.contentEncoding {
			t.Errorf("%s: content encoding %q, want %q", test.encoding, got, test.contentEncoding)
		}
		if test.contentEncoding == "gzip" {
			unzip, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(unzip); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Contains(body, []byte("sli_pay_total")) && !bytes.Contains(body, []byte("sli_pay counter")) {
			t.Errorf("%s: %s", test.accept, body)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h := open(t, newShop(t).catalog).Handler()
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 405} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", method, w.Code, want)
		}
		if want == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: allow %q", method, w.Header().Get("Allow"))
		}
	}
}

// serve runs a server of h until the end of the test.
func serve(t *testing.T, h http.Handler) *Server {
	t.Helper()
	s, err := NewServer("127.0.0.1:0", h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = s.Shutdown(ctx) // a client that never reads keeps it from ending in peace
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

// dial connects with a receive buffer so small that a large response gets stuck.
func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	tcp := conn.(*net.TCPConn)
	if err := tcp.SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	return tcp
}

// Clients that never read neither hold up others nor stay forever.
func TestClientsThatNeverRead(t *testing.T) {
	t.Parallel()
	catalog := manySeries(t, 20_000)
	e := open(t, catalog, WithWriteTimeout(4*time.Second), WithConcurrentScrapes(4))
	server := serve(t, e.Handler())
	for range 3 { // each asks for more than the buffers of the system take
		fmt.Fprint(dial(t, server.Addr()), strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 20))
	}
	stuck := 0 // for so many looks in a row
	waitFor(t, "all to be stuck", func() bool {
		stuck++
		if len(e.slots) != 3 {
			stuck = 0
		}
		return stuck == 30
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	begin := time.Now()
	resp, err := client.Get("http://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if err != nil || n < 1_000_000 || resp.StatusCode != http.StatusOK {
		t.Errorf("status %d, %d bytes: %v", resp.StatusCode, n, err)
	}
	t.Logf("took %v beside 3 stuck ones", time.Since(begin))
	waitFor(t, "the deadline to free the slots", func() bool { return len(e.slots) == 0 })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestTooManyScrapes(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog, WithConcurrentScrapes(1))
	e.slots <- struct{}{}
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
	<-e.slots
	get(t, e.Handler(), acceptText)
}
