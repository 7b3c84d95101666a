package sliprom

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	goldTotal = `sli_place_order_total{channel="web",tier="gold"}`
	goldError = `sli_place_order_error_total{channel="web",tier="gold"}`
	faxTotal  = `sli_place_order_total{channel="fax",tier="gold"}`
	faxError  = `sli_place_order_error_total{channel="fax",tier="gold"}`
	payTotal  = `sli_pay_total{}`
)

// reopen makes an exporter as a second start of the pipelines in one process does.
func reopen(t *testing.T, catalog *otelsli.Catalog, hold time.Duration) *Exporter {
	t.Helper()
	return open(t, catalog, WithHold(hold))
}

// keptTotal counts the events of the combination fax/gold, which is not declared.
const keptTotal = `sli_undeclared_total{series="kept",sli="place_order"}`

var (
	soldHeld = samples{goldTotal: 0, goldError: 0, faxTotal: 0, faxError: 0, payTotal: 0, keptTotal: 0}
	soldTrue = samples{goldTotal: 10, goldError: 2, faxTotal: 1, faxError: 1, payTotal: 10, keptTotal: 1}
)

// However late the first scraper comes: the hold runs from its first scrape, so that the second one of
// a pair sees the 0 too.
func TestHoldRunsFromTheFirstScrape(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		e := reopen(t, s.catalog, 25*time.Second)
		time.Sleep(time.Hour)
		scraped(t, e.Handler()).want(t, soldHeld) // the first of the pair
		time.Sleep(9 * time.Second)
		scraped(t, e.Handler()).want(t, soldHeld) // the second
		time.Sleep(6 * time.Second)
		scraped(t, e.Handler()).want(t, soldHeld) // the first again
		time.Sleep(10*time.Second - 1)
		scraped(t, e.Handler()).want(t, soldHeld)
		time.Sleep(time.Nanosecond)
		scraped(t, e.Handler()).want(t, soldTrue)
	})
}

// Each series has its own first scrape, those of one SLI too.
func TestHoldOfLateSeries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := reopen(t, s.catalog, 20*time.Second)
		record := func(channel string) {
			s.place.Record(t.Context(), orderLabels{channel, "gold"}, otelsli.Failed)
		}
		want := func(fax, phone float64) {
			t.Helper()
			got := scraped(t, e.Handler())
			got.want(t, samples{faxTotal: fax, faxError: fax})
			if got[`sli_place_order_total{channel="phone",tier="gold"}`] != phone {
				t.Errorf("phone: %v, want %v", got, phone)
			}
		}
		scraped(t, e.Handler())
		time.Sleep(time.Minute)
		s.sell(t) // fax is born
		scraped(t, e.Handler()).want(t, samples{goldTotal: 10, goldError: 2, faxTotal: 0, faxError: 0})
		time.Sleep(10 * time.Second)
		record("phone")
		time.Sleep(2 * time.Second)
		want(0, 0)
		time.Sleep(8 * time.Second)
		want(1, 0)
		time.Sleep(11 * time.Second)
		want(1, 0) // phone was born 21 s ago, but first seen 19 s ago
		time.Sleep(time.Second)
		want(1, 1)
		record("new") // nobody comes for a long time
		time.Sleep(time.Hour)
		scraped(t, e.Handler()).want(t, samples{`sli_place_order_total{channel="new",tier="gold"}`: 0})
	})
}

func TestHoldIsByTimeForOtherClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		time.Sleep(time.Hour) // what happens before the door opens counts as well
		e, err := New(s.catalog, WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // at 6, 12, 18, 24 and 29.999… s
			time.Sleep(6*time.Second - time.Millisecond/5)
			fetched(t, e.Handler()).want(t, soldHeld)
			gathered(t, e).want(t, soldHeld)
		}
		time.Sleep(time.Millisecond)
		fetched(t, e.Handler()).want(t, soldTrue)
		gathered(t, e).want(t, soldTrue)
		s.place.Record(t.Context(), orderLabels{"new", "gold"}, otelsli.Failed)
		newTotal := `sli_place_order_total{channel="new",tier="gold"}`
		time.Sleep(DefaultHold - 1)
		fetched(t, e.Handler()).want(t, samples{faxTotal: 1, newTotal: 0})
		time.Sleep(time.Nanosecond)
		fetched(t, e.Handler()).want(t, samples{faxTotal: 1, newTotal: 1})
	})
}

// What a curl in between has seen takes nothing from the scrapers. What scrapers have seen is there
// for all.
func TestScrapersAndOthersAtOneDoor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		e := reopen(t, s.catalog, 20*time.Second)
		time.Sleep(20 * time.Second)
		fetched(t, e.Handler()).want(t, soldTrue) // by time
		scraped(t, e.Handler()).want(t, soldHeld) // and in the same buffers, which are used again
		fetched(t, e.Handler()).want(t, soldTrue)
		time.Sleep(20 * time.Second)
		scraped(t, e.Handler()).want(t, soldTrue)

		next := reopen(t, s.catalog, time.Hour)
		fetched(t, next.Handler()).want(t, soldTrue)
		scraped(t, next.Handler()).want(t, soldTrue)
	})
}

// What only others have seen, the scrapers of the next door have not.
func TestShownToOthersOnly(t *testing.T) {
	t.Parallel()
	for _, hold := range []time.Duration{0, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newShop(t)
			s.sell(t)
			first := reopen(t, s.catalog, hold)
			time.Sleep(time.Minute)
			fetched(t, first.Handler()).want(t, soldTrue)
			time.Sleep(time.Nanosecond)
			second := reopen(t, s.catalog, 10*time.Second)
			scraped(t, second.Handler()).want(t, soldHeld)
			fetched(t, second.Handler()).want(t, soldTrue)
			time.Sleep(10 * time.Second)
			scraped(t, second.Handler()).want(t, soldTrue)
		})
	}
}

// A scrape that did not arrive has shown the scraper nothing.
func TestHoldDoesNotRunFromAScrapeThatFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		e := reopen(t, s.catalog, 20*time.Second)
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set(scrapeTimeoutHeader, "10")
		e.Handler().ServeHTTP(&brokenWriter{flush: errors.New("connection reset")}, r)
		time.Sleep(15 * time.Second)
		scraped(t, e.Handler()).want(t, soldHeld)
		time.Sleep(15 * time.Second)
		scraped(t, e.Handler()).want(t, soldHeld)
		time.Sleep(15 * time.Second)
		scraped(t, e.Handler()).want(t, soldTrue)
	})
}

// A scraper that wants other metrics alone has seen no series, and its scrape begins no hold.
func TestHoldDoesNotRunFromAScrapeWithoutSLIs(t *testing.T) {
	t.Parallel()
	for name, accept := range map[string]string{"text": acceptText, "OpenMetrics": acceptOpenMetrics, "protobuf": acceptProtobuf} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.sell(t)
				e := reopen(t, s.catalog, 25*time.Second)
				filtered := func(name string) {
					r := httptest.NewRequest(http.MethodGet, "/metrics?name[]="+name, nil)
					r.Header = http.Header{"Accept": {accept}, scrapeTimeoutHeader: {"10"}}
					e.Handler().ServeHTTP(httptest.NewRecorder(), r)
				}
				filtered("go_goroutines")
				time.Sleep(time.Minute)
				scraped(t, e.Handler()).want(t, soldHeld)

				another := newShop(t)
				another.sell(t)
				e = reopen(t, another.catalog, 25*time.Second)
				filtered("sli_pay_total")
				time.Sleep(time.Minute)
				scraped(t, e.Handler()).want(t, samples{payTotal: 10})
			})
		})
	}
}

// Once everything is released a door keeps nothing, however often it is scraped.
func TestHoldKeepsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		e := reopen(t, s.catalog, 20*time.Second)
		for range 100 {
			scraped(t, e.Handler())
		}
		if n := len(e.door.scrapes); n != 1 {
			t.Errorf("%d scrapes are kept, want the first one alone", n)
		}
		time.Sleep(20 * time.Second)
		scraped(t, e.Handler()).want(t, soldTrue)
		if n := len(e.door.scrapes); n != 0 {
			t.Errorf("%d scrapes are kept, want none", n)
		}
	})
}

func TestGaugesAreNotHeld(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := reopen(t, s.catalog, time.Hour)
	scraped(t, e.Handler()).want(t, samples{
		`sli_objective_ratio{sli="place_order",slo="apdex"}`:         0.99,
		`sli_objective_window_seconds{sli="pay",slo="availability"}`: 604800,
	})
}

func TestHoldOff(t *testing.T) {
	t.Parallel()
	for _, hold := range []time.Duration{0, -time.Second} {
		s := newShop(t)
		s.sell(t)
		e := reopen(t, s.catalog, hold)
		scraped(t, e.Handler()).want(t, samples{goldTotal: 10, faxTotal: 1})
	}
}

// Whatever ends and starts again, what was shown once stays shown.
func TestShownOnceIsNeverHeldAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		show func(t *testing.T, s shop)
	}{
		{"by the end of the hold", func(t *testing.T, s shop) {
			e := reopen(t, s.catalog, 15*time.Second)
			scraped(t, e.Handler())
			time.Sleep(15 * time.Second)
			scraped(t, e.Handler())
		}},
		{"without hold", func(t *testing.T, s shop) { scraped(t, reopen(t, s.catalog, 0).Handler()) }},
		{"by a drain", func(t *testing.T, s shop) {
			e := reopen(t, s.catalog, time.Hour)
			if err := e.Drain(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				s.sell(t)
				test.show(t, s)
				time.Sleep(time.Nanosecond)
				s.place.Record(t.Context(), orderLabels{"new", "gold"}, otelsli.Failed)
				e := reopen(t, s.catalog, time.Hour)
				newTotal := `sli_place_order_total{channel="new",tier="gold"}`
				scraped(t, e.Handler()).want(t, samples{goldTotal: 10, faxTotal: 1, payTotal: 10, newTotal: 0})
				fetched(t, e.Handler()).want(t, samples{goldTotal: 10, faxTotal: 1, payTotal: 10, newTotal: 0})
				time.Sleep(time.Hour)
				scraped(t, e.Handler()).want(t, samples{goldTotal: 10, faxTotal: 1, newTotal: 1})
			})
		})
	}
}

func TestNeverShownIsHeldByTheNextDoor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		first := reopen(t, s.catalog, 15*time.Second)
		scraped(t, first.Handler()).want(t, samples{goldTotal: 0})
		time.Sleep(time.Hour) // nobody scrapes
		second := reopen(t, s.catalog, 15*time.Second)
		scraped(t, second.Handler()).want(t, samples{goldTotal: 0})
		time.Sleep(15 * time.Second)
		scraped(t, second.Handler()).want(t, samples{goldTotal: 10})
	})
}

func TestDrainEndsTheHoldForSeriesToComeToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := reopen(t, s.catalog, time.Hour)
		if err := e.Drain(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.sell(t)
		scraped(t, e.Handler()).want(t, samples{goldTotal: 10, faxTotal: 1})
		scraped(t, reopen(t, s.catalog, time.Hour).Handler()).want(t, samples{goldTotal: 10, faxTotal: 1})
	})
}
