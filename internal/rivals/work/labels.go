package work

import (
	"strconv"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Labels are the labels of all series here.
type Labels struct{ Channel, Tier string }

// labelNames are the same for libraries that have them at run time.
var labelNames = []string{"channel", "tier"}

// combinations returns n different ones, 100 channels with as many tiers as it takes.
func combinations(n int) []Labels {
	all := make([]Labels, n)
	for i := range all {
		all[i] = Labels{Channel: "channel-" + strconv.Itoa(i%100), Tier: "tier-" + strconv.Itoa(i/100)}
	}
	return all
}

// spec declares the SLI. With its threshold it has six counters: see counterNames.
func spec() otelsli.Spec {
	return otelsli.Spec{
		Name:        "place_order",
		Description: description,
		Threshold:   300 * time.Millisecond,
	}
}

const description = "A customer places an order."

// counterNames are the Prometheus names of the counters that ours exports, of which each other
// library has one of its own, in alphabetical order.
var counterNames = [...]string{
	"sli_place_order_apdex_success_total",
	"sli_place_order_apdex_total",
	"sli_place_order_error_total",
	"sli_place_order_ignored_total",
	"sli_place_order_slow_total",
	"sli_place_order_total",
}

// counterValues are the values of counterNames that counts gives.
func counterValues(c otelsli.Counts) [len(counterNames)]int64 {
	success, slow, failed, ignored := c[otelsli.Success], c[otelsli.Slow], c[otelsli.Failed], c[otelsli.Ignored]
	return [...]int64{success, success + slow, failed, ignored, slow, success + slow + failed}
}

// countsOf is what combination i of a collection has counted: up to some thousand events, for small
// numbers are quicker to write.
func countsOf(i int) otelsli.Counts {
	return otelsli.Counts{
		otelsli.Success: int64(1000 + i*7919%1000),
		otelsli.Slow:    int64(i * 31 % 50),
		otelsli.Failed:  int64(i * 17 % 20),
		otelsli.Ignored: int64(i * 13 % 10),
	}
}

// combinationsFor is the number of combinations that are exported as at least n series.
func combinationsFor(n int) int { return (n + len(counterNames) - 1) / len(counterNames) }

// declared makes a catalog with the SLI and so many combinations.
func declared(n int) (*otelsli.Catalog, *otelsli.SLI[Labels]) {
	catalog := otelsli.NewCatalog()
	return catalog, must(otelsli.New(spec(), combinations(n), otelsli.WithCatalog(catalog)))
}

// counted makes one whose combinations have counted.
func counted(n int) *otelsli.Catalog {
	catalog, sli := declared(n)
	for i, l := range combinations(n) {
		bound := sli.With(l)
		for outcome, events := range countsOf(i) {
			for range events {
				bound.Record(nil, otelsli.Outcome(outcome)) //nolint:staticcheck // the context is not used
			}
		}
	}
	return catalog
}
