package sliprom

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otelsli/otelsli-go/otelsli"
)

// While some record and others declare, no scrape of any format shows more errors than events.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	app := prometheus.NewCounter(prometheus.CounterOpts{Name: "app_total", Help: "Events of the application."})
	registry := prometheus.NewRegistry()
	registry.MustRegister(app)
	e := open(t, s.catalog, WithGatherers(registry))
	const recorders, events, scrapers = 4, 20_000, 3

	var recording, others sync.WaitGroup
	stop := make(chan struct{})
	for r := range recorders {
		recording.Go(func() {
			for i := range events {
				s.place.Record(t.Context(), webGold, otelsli.Outcome(i%4))
				s.pay.Record(t.Context(), struct{}{}, otelsli.Failed)
				if i%500 == 0 {
					s.place.Record(t.Context(), orderLabels{"late-" + strconv.Itoa(r), strconv.Itoa(i)}, otelsli.Success)
				}
				app.Inc()
			}
		})
	}
	recording.Go(func() {
		for i := range 200 {
			if err := s.place.Declare(orderLabels{"declared", strconv.Itoa(i)}); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range scrapers {
		others.Go(func() {
			last := samples{}
			for n := 0; ; n++ {
				var got samples
				switch (n + i) % 3 {
				case 0:
					got = scraped(t, e.Handler())
				case 1:
					got = flatten(decode(t, get(t, e.Handler(), acceptProtobuf)))
				default:
					got = gathered(t, e)
				}
				consistent(t, got, last)
				last = got
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	recording.Wait()
	close(stop)
	others.Wait()

	got := scraped(t, e.Handler())
	got.want(t, samples{payTotal: recorders * events, goldTotal: recorders * events * 3 / 4, goldError: recorders * events / 4, "app_total{}": recorders * events})
	if n := len(got.only(`sli_place_order_total{channel="declared"`)); n != 200 {
		t.Errorf("%d declared series, want 200", n)
	}
}

// consistent checks one scrape in itself and against the one before.
func consistent(t *testing.T, got, last samples) {
	t.Helper()
	atMost := func(name, part, whole string) {
		if rest, ok := strings.CutPrefix(name, part); ok && got[name] > got[whole+rest] {
			t.Errorf("%s = %v exceeds %s%s = %v", name, got[name], whole, rest, got[whole+rest])
		}
	}
	for name, value := range got {
		atMost(name, "sli_place_order_error_total", "sli_place_order_total")
		atMost(name, "sli_pay_error_total", "sli_pay_total")
		atMost(name, "sli_place_order_apdex_success_total", "sli_place_order_apdex_total")
		atMost(name, "sli_place_order_slow_total", "sli_place_order_apdex_total")
		if value < last[name] {
			t.Errorf("%s fell from %v to %v", name, last[name], value)
		}
	}
	for name := range last {
		if _, ok := got[name]; !ok {
			t.Errorf("%s has vanished", name)
		}
	}
}
