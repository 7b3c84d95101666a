package sliprom

import (
	"context"
	"log/slog"
	"strings"
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

func TestHoldIsByTimeForTwoScrapers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.sell(t)
		time.Sleep(time.Hour) // what happens before the door opens counts as well
		e, err := New(s.catalog, WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		held := samples{goldTotal: 0, goldError: 0, faxTotal: 0, payTotal: 0, `sli_undeclared_total{series="kept",sli="place_order"}`: 0}
		for range 5 { // scrapers come at 3, 6, 9, 12 and 14.999 s
			time.Sleep(3*time.Second - time.Millisecond/5)
			scraped(t, e.Handler()).want(t, held)
		}
		time.Sleep(time.Millisecond)
		scraped(t, e.Handler()).want(t, samples{
			goldTotal: 10, goldError: 2, faxTotal: 1, faxError: 1, payTotal: 10,
			`sli_undeclared_total{series="kept",sli="place_order"}`: 1,
		})
	})
}

func TestHoldOfALateSeriesHoldsAllItsCountersAndNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		e := reopen(t, s.catalog, 10*time.Second)
		time.Sleep(time.Minute)
		s.sell(t)
		for range 2 {
			got := scraped(t, e.Handler())
			got.want(t, samples{goldTotal: 10, goldError: 2, faxTotal: 0, faxError: 0})
			for name, value := range got.only("sli_place_order") {
				if strings.Contains(name, "fax") && value != 0 {
					t.Errorf("%s = %v during the hold", name, value)
				}
			}
			time.Sleep(9 * time.Second)
		}
		time.Sleep(2 * time.Second)
		scraped(t, e.Handler()).want(t, samples{faxTotal: 1, faxError: 1})
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
			time.Sleep(15 * time.Second)
			gathered(t, e)
		}},
		{"without hold", func(t *testing.T, s shop) { gathered(t, reopen(t, s.catalog, 0)) }},
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
