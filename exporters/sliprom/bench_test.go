package sliprom

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

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
				s.collect(asLinesWithExemplars, true, DefaultSiblingTimeout)
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

// A request of each kind, by its name.
var kinds = map[string]http.Header{
	"text":        {"Accept": {acceptText}},
	"openmetrics": {"Accept": {acceptOpenMetrics}},
	"protobuf":    {"Accept": {acceptProtobuf}},
	"gzip":        {"Accept": {acceptText}, "Accept-Encoding": {"gzip"}},
}

func BenchmarkScrape(b *testing.B) {
	for _, n := range sizes {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			for _, rival := range []struct {
				name string
				make func() http.Handler
			}{
				{"sliprom", func() http.Handler { return open(b, manySeries(b, n)).Handler() }},
				{"client_golang", func() http.Handler {
					return promhttp.HandlerFor(counterVecs(n), promhttp.HandlerOpts{EnableOpenMetrics: true})
				}},
			} {
				b.Run(fmt.Sprintf("%s/series=%d/by=%s", kind, n, rival.name), func(b *testing.B) {
					h, r := rival.make(), scrapeRequest(kinds[kind])
					h.ServeHTTP(&discard{header: make(http.Header)}, r)
					b.ReportAllocs()
					for b.Loop() {
						h.ServeHTTP(&discard{header: make(http.Header)}, r)
					}
				})
			}
		}
	}
}

// discard is a client that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// What a collection and a whole scrape allocate does not depend on the number of series.
func TestAllocationsDoNotGrow(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	if raceEnabled {
		t.Skip("pools forget on purpose")
	}
	for _, n := range []int{30, 3_000} {
		e := open(t, manySeries(t, n))
		for _, f := range []form{asFamilies, asLines, asLinesWithExemplars} {
			limitAllocations(t, fmt.Sprintf("%d series, form %d", n, f), 12, func() {
				s := e.lease()
				s.collect(f, true, DefaultSiblingTimeout)
				e.release(s)
			})
		}
		for kind, most := range map[string]float64{"text": 80, "openmetrics": 70, "gzip": 90, "protobuf": 200} {
			h, r := e.Handler(), scrapeRequest(kinds[kind])
			limitAllocations(t, fmt.Sprintf("%d series, %s", n, kind), most, func() {
				h.ServeHTTP(&discard{header: make(http.Header)}, r)
			})
		}
	}
}

// limitAllocations checks f in its steady state: what it keeps for the next time is not counted.
func limitAllocations(t *testing.T, what string, most float64, f func()) {
	t.Helper()
	f()
	f()
	if got := testing.AllocsPerRun(50, f); got > most {
		t.Errorf("%s: %v allocations, want %v at most", what, got, most)
	}
}

// A scrape costs a small part of what expfmt takes for the encoding alone. The limits are several
// times what was measured, and of many attempts the best one counts: what fails this is slower,
// however busy the machine is.
func TestScrapeIsFasterThanExpfmt(t *testing.T) { //nolint:paralleltest // measures time
	if raceEnabled || testing.CoverMode() != "" {
		t.Skip("instrumented code has other costs")
	}
	e := open(t, manySeries(t, 3_000))
	families, err := e.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"text", "openmetrics"} {
		h, r := e.Handler(), scrapeRequest(kinds[kind])
		best := math.Inf(1)
		for range 50 {
			ours := took(func() { h.ServeHTTP(&discard{header: make(http.Header)}, r) })
			theirs := took(func() { expfmtBody(t, e, families, r.Header) })
			best = min(best, float64(ours)/float64(theirs))
			if best <= 0.4 {
				break
			}
		}
		if best > 0.4 {
			t.Errorf("%s: a scrape takes %.2f of what expfmt does, want 0.4 at most", kind, best)
		}
	}
}

func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
