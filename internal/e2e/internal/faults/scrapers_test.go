package faults_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
)

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for begin := time.Now(); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > soon {
			t.Fatalf("not within %v: %s", soon, what)
		}
	}
}

// A target serves a long response, and counts how that went.
type target struct {
	addr                       string
	began, complete, cut, mine atomic.Int64
}

func newTarget(t *testing.T, size int) *target {
	t.Helper()
	s := &target{}
	body := bytes.Repeat([]byte("x"), size)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.began.Add(1)
		if r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds") != "" {
			s.mine.Add(1)
		}
		if _, err := w.Write(body); err == nil {
			s.complete.Add(1)
		} else {
			s.cut.Add(1)
		}
	}))
	t.Cleanup(server.Close)
	s.addr = strings.TrimPrefix(server.URL, "http://")
	return s
}

func TestReadersHoldTheirResponses(t *testing.T) {
	t.Parallel()
	for name, rate := range map[string]int{"not at all": 0, "slowly": 500} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, 32<<20)
			readers := faults.NewReaders(t, s.addr, 3, rate)
			eventually(t, "3 requests", func() bool { return s.began.Load() == 3 })
			time.Sleep(never)
			if n := s.complete.Load() + s.cut.Load(); n != 0 || s.mine.Load() != 3 {
				t.Errorf("%d of 3 responses have ended, %d as a scraper's", n, s.mine.Load())
			}
			readers.Stop()
			eventually(t, "all are cut off", func() bool { return s.cut.Load() == 3 })
		})
	}
}

func TestAbortersBreakOffAndComeAgain(t *testing.T) {
	t.Parallel()
	s := newTarget(t, 32<<20)
	aborters := faults.NewAborters(t, s.addr, 2)
	eventually(t, "many scrapes that were cut off", func() bool { return s.cut.Load() > 6 })
	aborters.Stop()
	if n := s.complete.Load(); n > 0 {
		t.Errorf("%d scrapes are complete", n)
	}
}

func TestHesitantsSendHalfARequest(t *testing.T) {
	t.Parallel()
	sent := make(chan []byte, 4)
	addr := serve(t, func(conn net.Conn) {
		_ = conn.SetReadDeadline(time.Now().Add(never))
		text, err := io.ReadAll(conn)
		if err == nil || errors.Is(err, syscall.ECONNRESET) {
			text = nil // it has ended
		}
		sent <- text
		_, _ = io.Copy(io.Discard, conn)
	})
	hesitants := faults.NewHesitants(t, addr, 4)
	for range 4 {
		if text := <-sent; !bytes.HasPrefix(text, []byte("GET /metrics HTTP/1.1\r\n")) || bytes.Contains(text, []byte("\r\n\r\n")) {
			t.Errorf("%q, want half a request and no end", text)
		}
	}
	hesitants.Stop()
}

// While nobody listens they go on trying.
func TestScrapersWithoutATarget(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(t, newTarget(t, 10).addr)
	proxy.Set(faults.Refuse())
	faults.NewAborters(t, proxy.Addr(), 1)
	time.Sleep(never)
	proxy.Set(faults.None())
	eventually(t, "a connection", func() bool { return proxy.Accepted() > 0 })
}
