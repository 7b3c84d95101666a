package guard_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
)

func TestRateIsPerIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newGuard(t, guard.WithBearerTokens("greedy", "modest"), guard.WithRateLimit(2, 5)).Wrap(hello)
		for range 100 { // strangers count for nobody
			if w := ask(h, "Authorization", "Bearer guess"); w.Code != 401 {
				t.Fatalf("a guess: status %d", w.Code)
			}
		}
		codes := map[int]int{}
		for range 20 {
			codes[ask(h, "Authorization", "Bearer greedy").Code]++
		}
		if codes[200] != 5 || codes[429] != 15 {
			t.Errorf("of 20 at once: %v, want a burst of 5", codes)
		}
		w := ask(h, "Authorization", "Bearer greedy")
		if got := w.Header().Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q, want the half second rounded up", got)
		}
		if w := ask(h, "Authorization", "Bearer modest"); w.Code != 200 {
			t.Errorf("another identity: status %d", w.Code)
		}
		time.Sleep(time.Second)
		codes = map[int]int{}
		for range 5 {
			codes[ask(h, "Authorization", "Bearer greedy").Code]++
		}
		if codes[200] != 2 {
			t.Errorf("a second later: %v, want 2 more", codes)
		}
	})
}

func TestRateIsPerAddressWithoutAuthentication(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newGuard(t, guard.WithRateLimit(1, 3)).Wrap(hello)
		from := func(remote string) int {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = remote
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		for port := range 10 {
			from(fmt.Sprintf("192.0.2.1:%d", 1000+port))
			from(fmt.Sprintf("[2001:db8::%d]:1", port)) // one network of 64 bits
		}
		for remote, want := range map[string]int{
			"192.0.2.1:1":          429,
			"[::ffff:192.0.2.1]:1": 429,
			"192.0.2.2:1":          200,
			"[2001:db8::ffff]:1":   429,
			"[2001:db8:0:1::1]:1":  200,
			"@":                    200, // a Unix socket
		} {
			if got := from(remote); got != want {
				t.Errorf("%s: status %d, want %d", remote, got, want)
			}
		}
	})
}

func TestWithoutRateLimit(t *testing.T) {
	t.Parallel()
	h := newGuard(t, guard.WithBearerTokens("t"), guard.WithoutRateLimit()).Wrap(hello)
	for i := range 1000 {
		if w := ask(h, "Authorization", "Bearer t"); w.Code != 200 {
			t.Fatalf("request %d: status %d", i, w.Code)
		}
	}
}

func TestConcurrencyIsPerIdentity(t *testing.T) {
	t.Parallel()
	release, entered := make(chan struct{}), make(chan struct{}, 2)
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Slow") != "" {
			entered <- struct{}{}
			<-release
		}
		io.WriteString(w, "done")
	})
	h := newGuard(t, guard.WithBearerTokens("a", "b"), guard.WithConcurrency(2)).Wrap(slow)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { ask(h, "Authorization", "Bearer a", "Slow", "1") })
	}
	<-entered
	<-entered
	w := ask(h, "Authorization", "Bearer a")
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a third one: status %d, header %v", w.Code, w.Header())
	}
	if w := ask(h, "Authorization", "Bearer b"); w.Code != 200 {
		t.Errorf("another identity: status %d", w.Code)
	}
	if w := ask(h, "Authorization", "Bearer c"); w.Code != 401 {
		t.Errorf("a stranger: status %d", w.Code)
	}
	close(release)
	wg.Wait()
	if w := ask(h, "Authorization", "Bearer a"); w.Code != 200 {
		t.Errorf("afterwards: status %d", w.Code)
	}
}

func TestPanicLeavesItsPlace(t *testing.T) {
	t.Parallel()
	h := newGuard(t, guard.WithBearerTokens("a"), guard.WithConcurrency(1)).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Panic") != "" {
			panic("broken")
		}
	}))
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			ask(h, "Authorization", "Bearer a", "Panic", "1")
		}()
	}
	if w := ask(h, "Authorization", "Bearer a"); w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}
