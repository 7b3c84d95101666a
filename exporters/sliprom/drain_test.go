package sliprom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scrapeFrom is one scrape of a Prometheus at that address.
func scrapeFrom(e *Exporter, address string) {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.RemoteAddr = address
	r.Header.Set(scrapeTimeoutHeader, "10")
	e.Handler().ServeHTTP(httptest.NewRecorder(), r)
}

// drain calls Drain in the background.
func drain(ctx context.Context, e *Exporter, scrapers int) <-chan error {
	result := make(chan error, 1)
	go func() { result <- e.Drain(ctx, scrapers) }()
	return result
}

func TestDrainWaitsForDistinctScrapers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := open(t, newShop(t).catalog)
		scrapeFrom(e, "10.0.0.1:1000") // before the drain
		result := drain(t.Context(), e, 2)
		synctest.Wait()

		undecided := func(why string) {
			t.Helper()
			synctest.Wait()
			select {
			case err := <-result:
				t.Fatalf("drained by %s: %v", why, err)
			default:
			}
		}
		undecided("what came before")
		get(t, e.Handler(), acceptText)
		get(t, e.Handler(), acceptText)
		undecided("clients that are no scrapers")
		r := httptest.NewRequest(http.MethodHead, "/metrics", nil)
		r.Header.Set(scrapeTimeoutHeader, "10")
		e.Handler().ServeHTTP(httptest.NewRecorder(), r)
		undecided("a HEAD")
		broken := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		broken.Header.Set(scrapeTimeoutHeader, "10")
		e.Handler().ServeHTTP(&brokenWriter{flush: errors.New("connection reset")}, broken)
		undecided("a scrape that was not written out")
		scrapeFrom(e, "10.0.0.1:1000")
		scrapeFrom(e, "10.0.0.1:1000")
		undecided("one scraper twice")
		scrapeFrom(e, "10.0.0.1:1001")
		if err := <-result; err != nil {
			t.Error(err)
		}
		scrapeFrom(e, "10.0.0.1:1002") // nobody waits
	})
}

func TestDrainDoesNotCountScrapesUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{letGo: make(chan struct{})}
		e := open(t, newShop(t).catalog, WithGatherers(h))
		finished := make(chan struct{}, 2)
		scrape := func(address string) { scrapeFrom(e, address); finished <- struct{}{} }
		go scrape("10.0.0.1:1000")
		synctest.Wait()
		result := drain(t.Context(), e, 1)
		synctest.Wait()
		go scrape("10.0.0.2:1000")
		synctest.Wait()
		if n := h.running.Load(); n != 2 {
			t.Errorf("%d calls of the gatherer: want one for the scrape of the drain", n)
		}
		close(h.letGo)
		<-finished
		<-finished
		if err := <-result; err != nil {
			t.Error(err)
		}
	})
}

func TestDrainDoesNotCountAScrapeFromBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{letGo: make(chan struct{})}
		e := open(t, newShop(t).catalog, WithGatherers(h))
		go scrapeFrom(e, "10.0.0.1:1000")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		result := drain(ctx, e, 1)
		synctest.Wait()
		close(h.letGo) // the scrape completes
		if err := <-result; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drained: %v", err)
		}
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("no time left")
	result := drain(ctx, e, 2)
	waitFor(t, "the drain", func() bool { return e.drains.now() == 1 })
	scrapeFrom(e, "10.0.0.1:1")
	cancel(cause)
	err := <-result
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "1 of 2 scrapers") {
		t.Errorf("error %v", err)
	}
	if len(e.drains.waiting) != 0 {
		t.Error("the drain is not forgotten")
	}
}

// A scraper may come again, and others too, before the drain that is over is forgotten.
func TestDrainCountsOn(t *testing.T) {
	t.Parallel()
	var d drains
	w := d.wait(2)
	for _, scraper := range []string{"a", "b", "b", "a", "c"} {
		d.scraped(d.now(), scraper)
	}
	<-w.done
	if n := d.count(w); n != 3 {
		t.Errorf("%d scrapers, want 3", n)
	}
}

func TestDrainTwice(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	one, two := drain(t.Context(), e, 1), drain(t.Context(), e, 2)
	waitFor(t, "both", func() bool { return e.drains.now() == 2 })
	scrapeFrom(e, "10.0.0.1:1")
	if err := <-one; err != nil {
		t.Error(err)
	}
	scrapeFrom(e, "10.0.0.1:2")
	if err := <-two; err != nil {
		t.Error(err)
	}
}

// Over a real connection, which a scraper keeps.
func TestDrainOverHTTP(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog, WithHold(time.Hour))
	server := serve(t, e.Mux())
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	scrape := func() string {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/metrics", nil)
		r.Header.Set(scrapeTimeoutHeader, "10")
		resp, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	s.sell(t)
	if body := scrape(); !strings.Contains(body, goldTotal+" 0\n") {
		t.Errorf("not held:\n%s", body)
	}
	result := drain(t.Context(), e, 1)
	waitFor(t, "the drain", func() bool { return e.drains.now() == 1 })
	if body := scrape(); !strings.Contains(body, fmt.Sprintf("%s %d\n", goldTotal, 10)) {
		t.Errorf("not true:\n%s", body)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
}
