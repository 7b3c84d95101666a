package sliprom

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func TestScrapeObserver(t *testing.T) {
	t.Parallel()
	var seen []Scrape
	e := open(t, newShop(t).catalog, WithConcurrentScrapes(1), WithScrapeObserver(func(s Scrape) { seen = append(seen, s) }))
	last := func(want Scrape) {
		t.Helper()
		if len(seen) != 1 {
			t.Fatalf("told of %d scrapes, want one", len(seen))
		}
		got := seen[0]
		seen = nil
		if answered := got.Status == http.StatusOK; answered != (got.Duration > 0) {
			t.Errorf("duration %v of status %d", got.Duration, got.Status)
		}
		got.Duration = 0
		if got != want {
			t.Errorf("told of %+v, want %+v", got, want)
		}
	}

	series := len(gathered(t, e).only("sli_"))
	for _, accept := range []string{acceptText, acceptOpenMetrics, acceptProtobuf} {
		get(t, e.Handler(), accept)
		last(Scrape{Status: http.StatusOK, Series: series})
	}
	do(t, e.Handler(), http.Header{scrapeTimeoutHeader: {"10"}})
	last(Scrape{Status: http.StatusOK, Scraper: true, Series: series})

	r := httptest.NewRequest(http.MethodPost, "/metrics", nil)
	e.Handler().ServeHTTP(httptest.NewRecorder(), r)
	last(Scrape{Status: http.StatusMethodNotAllowed})

	e.slots <- struct{}{}
	e.Handler().ServeHTTP(httptest.NewRecorder(), scrapeRequest(http.Header{scrapeTimeoutHeader: {"10"}}))
	last(Scrape{Status: http.StatusServiceUnavailable, Scraper: true})
	<-e.slots

	broken := errors.New("broken")
	e.Handler().ServeHTTP(&brokenWriter{write: broken}, scrapeRequest(nil))
	if len(seen) != 1 || !errors.Is(seen[0].Err, broken) || seen[0].Status != http.StatusOK {
		t.Errorf("a client that has gone: told of %+v", seen)
	}
}

// The wait for siblings is part of the duration, the time that the client takes is not.
func TestObservedDuration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			time.Sleep(time.Second)
			return nil, nil
		})
		var seen Scrape
		e := open(t, newShop(t).catalog, WithGatherers(slow), WithScrapeObserver(func(s Scrape) { seen = s }))
		e.Handler().ServeHTTP(&slowWriter{discard{make(http.Header)}}, scrapeRequest(nil))
		if seen.Duration != time.Second {
			t.Errorf("duration %v, want 1s", seen.Duration)
		}
	})
}

// slowWriter is a client that takes a minute.
type slowWriter struct{ discard }

func (w *slowWriter) Write(b []byte) (int, error) {
	time.Sleep(time.Minute)
	return len(b), nil
}

// Whoever asks to be told is told, whoever else does too.
func TestScrapeObserversAddUp(t *testing.T) {
	t.Parallel()
	var told []string
	observer := func(name string) Option {
		return WithScrapeObserver(func(Scrape) { told = append(told, name) })
	}
	e := open(t, newShop(t).catalog, observer("first"), WithScrapeObserver(nil), observer("second"))
	scraped(t, e.Handler())
	if got := strings.Join(told, ", "); got != "first, second" {
		t.Errorf("told: %s", got)
	}
}

// A panic of an observer costs its request, as net/http has it, and nothing else.
func TestObserverPanics(t *testing.T) {
	t.Parallel()
	fail := true
	e := open(t, newShop(t).catalog, WithConcurrentScrapes(1), WithScrapeObserver(func(Scrape) {
		if fail {
			panic("observer")
		}
	}))
	func() {
		defer func() { _ = recover() }()
		get(t, e.Handler(), acceptText)
	}()
	fail = false
	scraped(t, e.Handler())
}
