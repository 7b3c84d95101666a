package contract

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Door exports c in one way. The function that it returns makes one collection and may be called
// concurrently. The door stays open until the test ends.
type Door func(t testing.TB, c *otelsli.Catalog) func() Samples

type labels struct{ Channel, Tier string }

func combinations() []labels {
	return otelsli.Product2([]string{"web", "app"}, []string{"gold", "free"},
		func(c, t string) labels { return labels{c, t} })
}

func spec(name string) otelsli.Spec {
	return otelsli.Spec{
		Name:        name,
		Description: "A customer places an order.",
		Threshold:   300 * time.Millisecond,
		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}
}

// Test tests a door against the contract.
func Test(t *testing.T, open Door) {
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			catalog := func(t testing.TB) *otelsli.Catalog {
				c := otelsli.NewCatalog()
				if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
					t.Fatal(err)
				}
				return c
			}
			t.Run("zero from the first collection", func(t *testing.T) { testZero(t, catalog(t), open) })
			t.Run("same names, attributes and values", func(t *testing.T) { testSame(t, catalog(t), open) })
			t.Run("late declarations", func(t *testing.T) { testLate(t, catalog(t), open) })
			t.Run("hostile labels", func(t *testing.T) { testHostile(t, catalog(t), open) })
			t.Run("consistent under load", func(t *testing.T) { testConsistent(t, catalog(t), open) })
		})
	}
}

func declare(t testing.TB, c *otelsli.Catalog, name string) *otelsli.SLI[labels] {
	t.Helper()
	s, err := otelsli.New(spec(name), combinations(), otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testZero(t *testing.T, c *otelsli.Catalog, open Door) {
	declare(t, c, "order")
	collect := open(t, c)
	got := collect()
	if diff := cmp.Diff(FromCatalog(c), got); diff != "" {
		t.Errorf("first collection (-want +got):\n%s", diff)
	}
	counters := 0
	for series, v := range got {
		if strings.Contains(series, "_total{") {
			counters++
			if v != 0 {
				t.Errorf("%s = %v before anything was recorded", series, v)
			}
		}
	}
	if counters < 4*4 { // at least four counters for each of four combinations
		t.Errorf("%d counters in the first collection:\n%v", counters, got)
	}
}

func testSame(t *testing.T, c *otelsli.Catalog, open Door) {
	order, pay := declare(t, c, "order"), declare(t, c, "pay")
	collect := open(t, c)
	ctx := t.Context()
	for i, l := range combinations() {
		for o := range otelsli.Ignored + 1 {
			for range 1 + i + 10*int(o) {
				order.Record(ctx, l, o)
			}
		}
	}
	pay.Record(ctx, combinations()[0], otelsli.Failed)
	pay.Record(ctx, labels{"fax", "gold"}, otelsli.Slow) // undeclared
	if diff := cmp.Diff(FromCatalog(c), collect()); diff != "" {
		t.Errorf("collection (-want +got):\n%s", diff)
	}
}

func testLate(t *testing.T, c *otelsli.Catalog, open Door) {
	order := declare(t, c, "order")
	collect := open(t, c)
	collect()
	declare(t, c, "late")
	if err := order.Declare(labels{"kiosk", "free"}); err != nil {
		t.Fatal(err)
	}
	got := collect()
	if diff := cmp.Diff(FromCatalog(c), got); diff != "" {
		t.Errorf("collection after a late declaration (-want +got):\n%s", diff)
	}
}

func testHostile(t *testing.T, c *otelsli.Catalog, open Door) {
	order := declare(t, c, "order")
	collect := open(t, c)
	for _, value := range []string{`"`, "\n", "\\", "a\x00b", "\xff\xfe", strings.Repeat("x", 10_000), "", "}", "µ☃", otelsli.OverflowValue} {
		order.Record(t.Context(), labels{value, value}, otelsli.Failed)
	}
	for i := range 200 {
		order.Record(t.Context(), labels{fmt.Sprint(i), "gold"}, otelsli.Failed)
	}
	got := collect()
	if diff := cmp.Diff(FromCatalog(c), got); diff != "" {
		t.Errorf("collection (-want +got):\n%s", diff)
	}
	var failed float64
	for series, v := range got {
		if strings.Contains(series, "otel_metric_overflow") {
			t.Errorf("the SDK folded series: %s", series)
		}
		if strings.HasPrefix(series, "sli_order_error_total{") || strings.Contains(series, `outcome="failed"`) {
			failed += v
		}
	}
	if failed != 210 {
		t.Errorf("%v failures collected, 210 recorded", failed)
	}
}

// testConsistent records, declares and collects concurrently: no collection may show a part that
// exceeds its whole, no counter may decrease, and the last collection has everything.
func testConsistent(t *testing.T, c *otelsli.Catalog, open Door) {
	order := declare(t, c, "order")
	collect := open(t, c)
	const recorders, events = 4, 20_000
	ctx, cancel := context.WithCancel(t.Context())
	var recording, watching sync.WaitGroup
	for r := range recorders {
		recording.Go(func() {
			all := combinations()
			for i := range events {
				order.Record(ctx, all[(i+r)%len(all)], otelsli.Outcome(i%4))
				if i%(events/4) == 0 {
					_ = order.Declare(labels{fmt.Sprint("channel", r), fmt.Sprint(i)})
				}
			}
		})
	}
	for range 3 {
		watching.Go(func() {
			for last := Samples(nil); ctx.Err() == nil; {
				now := collect()
				CheckConsistent(t, last, now)
				last = now
			}
		})
	}
	recording.Wait()
	cancel()
	watching.Wait()
	got := collect()
	if diff := cmp.Diff(FromCatalog(c), got); diff != "" {
		t.Errorf("last collection (-want +got):\n%s", diff)
	}
	if total := got.Events("order"); total != recorders*events {
		t.Errorf("%v events collected, %d recorded", total, recorders*events)
	}
}

// Events returns the number of events of one SLI, in either layout.
func (s Samples) Events(sli string) (total float64) {
	for series, v := range s {
		switch {
		case strings.HasPrefix(series, "sli_"+sli+"_total{"), strings.HasPrefix(series, "sli_"+sli+"_ignored_total{"):
			total += v
		case strings.HasPrefix(series, "sli_events_total{") && strings.Contains(series, fmt.Sprintf("sli=%q", sli)):
			total += v
		}
	}
	return total
}

// parts maps, for the layout Counters, each counter to the one it is part of.
var parts = map[string]string{
	"_error_total{":         "_total{",
	"_apdex_success_total{": "_apdex_total{",
	"_slow_total{":          "_apdex_total{",
	"_apdex_total{":         "_total{",
}

// CheckConsistent reports counters that have decreased since the last collection, which is nil if
// there was none, and counters that exceed the one they are part of.
func CheckConsistent(t testing.TB, last, now Samples) {
	for series, v := range last {
		if now[series] < v {
			t.Errorf("%s fell from %v to %v", series, v, now[series])
		}
	}
	for series, v := range now {
		for part, whole := range parts {
			if !strings.Contains(series, part) || (part == "_apdex_total{" && strings.Contains(series, "_success_")) {
				continue
			}
			of := strings.Replace(series, part, whole, 1)
			if total, ok := now[of]; !ok || v > total {
				t.Errorf("%s = %v exceeds %s = %v", series, v, of, total)
			}
		}
	}
}
