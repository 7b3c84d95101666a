package sliprom

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/otelsli/otelsli-go/otelsli"
)

// manySeries makes a catalog that is exported as at least n series: three for each combination.
func manySeries(t testing.TB, n int) *otelsli.Catalog {
	t.Helper()
	catalog := otelsli.NewCatalog()
	var combinations []orderLabels
	for i := range (n + 2) / 3 {
		combinations = append(combinations, orderLabels{"channel-" + strconv.Itoa(i%100), "tier-" + strconv.Itoa(i/100)})
	}
	sli, err := otelsli.New(otelsli.Spec{Name: "place_order", Description: "A customer places an order."}, combinations,
		otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range combinations {
		for range i % 7 {
			sli.Record(t.Context(), l, otelsli.Outcome(i%4))
		}
	}
	return catalog
}

// counterVecs is the same in counters of client_golang.
func counterVecs(n int) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	for _, name := range []string{"sli_place_order_total", "sli_place_order_error_total", "sli_place_order_ignored_total"} {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: "A customer places an order."}, []string{"channel", "tier"})
		registry.MustRegister(vec)
		for i := range (n + 2) / 3 {
			vec.WithLabelValues("channel-"+strconv.Itoa(i%100), "tier-"+strconv.Itoa(i/100)).Add(float64(i % 7))
		}
	}
	return registry
}

var sizes = []int{1_000, 10_000, 100_000}

func BenchmarkCollect(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("series=%d/by=sliprom", n), func(b *testing.B) {
			e := open(b, manySeries(b, n))
			collect := func() {
				s := e.lease()
				s.collect(true, DefaultSiblingTimeout)
				e.release(s)
			}
			collect() // the steady state is what matters
			b.ReportAllocs()
			for b.Loop() {
				collect()
			}
		})
		b.Run(fmt.Sprintf("series=%d/by=sliprom.Gather", n), func(b *testing.B) {
			e := open(b, manySeries(b, n))
			b.ReportAllocs()
			for b.Loop() {
				e.Gather()
			}
		})
		b.Run(fmt.Sprintf("series=%d/by=client_golang", n), func(b *testing.B) {
			g := counterVecs(n)
			b.ReportAllocs()
			for b.Loop() {
				g.Gather()
			}
		})
	}
}

func BenchmarkScrape(b *testing.B) {
	for _, n := range sizes {
		for _, rival := range []struct {
			name string
			make func() http.Handler
		}{
			{"sliprom", func() http.Handler { return open(b, manySeries(b, n)).Handler() }},
			{"client_golang", func() http.Handler { return promhttp.HandlerFor(counterVecs(n), promhttp.HandlerOpts{}) }},
		} {
			b.Run(fmt.Sprintf("series=%d/by=%s", n, rival.name), func(b *testing.B) {
				h := rival.make()
				r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
				h.ServeHTTP(&discard{header: make(http.Header)}, r)
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(&discard{header: make(http.Header)}, r)
				}
			})
		}
	}
}

// discard is a client that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// What a collection allocates does not depend on the number of series.
func TestCollectAllocatesNextToNothing(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	for _, n := range []int{30, 3_000} {
		e := open(t, manySeries(t, n))
		collect := func() {
			s := e.lease()
			s.collect(true, DefaultSiblingTimeout)
			e.release(s)
		}
		collect()
		if allocs := testing.AllocsPerRun(50, collect); allocs > 12 {
			t.Errorf("%d series: %v allocations, want 12 at most", n, allocs)
		}
	}
}
