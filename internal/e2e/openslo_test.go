package e2e

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/openslo"
)

// The queries that are exported for other generators run on real servers and count what happened: of each ten events
// of place_order there are two failures among eight that count, and two slow ones among six that succeeded.

var (
	slothQuery = regexp.MustCompile(`(?m)^ +(error|total)_query: (.+)$`)
	v1Query    = regexp.MustCompile(`(?m)^ +query: (.+)$`)
)

func TestExportedQueriesCount(t *testing.T) {
	t.Parallel()
	for server, layout := range map[Server]otelsli.Layout{Prometheus2: otelsli.Counters, Prometheus3: otelsli.Outcomes} {
		t.Run(fmt.Sprintf("%s %v", server, layout), func(t *testing.T) {
			t.Parallel()
			Require(t, server)
			c := dashboardShop(t, layout)
			set, err := openslo.Generate(c.Describe(), "shop")
			if err != nil {
				t.Fatal(err)
			}
			prom := StartPrometheus(t, server, PrometheusConfig{Targets: Targets{"shop": {serveCatalog(t, c)}}})
			var sloth, v1 strings.Builder
			if err := set.Write(&sloth, openslo.Sloth{}); err != nil {
				t.Fatal(err)
			}
			if err := set.Write(&v1, openslo.V1{}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []struct {
				slo   string
				share float64
			}{{otelsli.SLOAvailability, 1. / 4}, {otelsli.SLOApdex, 1. / 3}} {
				_, text, _ := strings.Cut(sloth.String(), "name: place_order-"+want.slo)
				found := slothQuery.FindAllStringSubmatch(text, 2)
				checkShare(t, prom, slothWindow(found[0][2]), slothWindow(found[1][2]), want.share)

				_, text, _ = strings.Cut(v1.String(), "kind: SLI\nmetadata:\n  name: shop-place-order-"+want.slo)
				found = v1Query.FindAllStringSubmatch(text, 2)
				checkShare(t, prom, found[0][1], found[1][1], want.share)
			}
		})
	}
}

// slothWindow does what Sloth does with a query.
func slothWindow(query string) string { return strings.ReplaceAll(query, "{{.window}}", "1m") }

// checkShare waits until bad events are that share of all, but for the few that a scrape may find halfway.
func checkShare(t *testing.T, prom *Prometheus, bad, all string, want float64) {
	t.Helper()
	Eventually(t, answerLimit, func() error {
		got, err := prom.Value(t.Context(), bad+" / "+all)
		if err == nil && !(math.Abs(got-want) < 0.02) {
			err = fmt.Errorf("%s / %s is %v, want %v", bad, all, got, want)
		}
		return err
	})
}
