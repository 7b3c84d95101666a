package e2e

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// These tests run every query of every dashboard, and of every variable, on real servers: with the variables filled
// in as Grafana does, each has to return data, and none of it NaN.

// dashboardLimit is how long the rules may take to record everything, evaluated every second.
const dashboardLimit = 90 * time.Second

type dashboardLabels struct{ Channel, Tier string }

// dashboardShop is a catalog of a busy SLI with failures and slow events, an idle one, and one without labels.
func dashboardShop(t *testing.T, layout otelsli.Layout) *otelsli.Catalog {
	t.Helper()
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
		t.Fatal(err)
	}
	both := otelsli.Objective{Availability: 0.999, Apdex: 0.95}
	combinations := []dashboardLabels{{"web", "gold"}, {"app", "free"}}
	busy := otelsli.MustNew(otelsli.Spec{
		Name: "place_order", FeatureCategory: "checkout", Owner: "team", Threshold: time.Second, Objective: both,
	}, combinations, otelsli.WithCatalog(c))
	otelsli.MustNew(otelsli.Spec{
		Name: "idle_order", FeatureCategory: "checkout", Threshold: time.Second, Objective: both,
	}, combinations, otelsli.WithCatalog(c))
	bare := otelsli.MustNew(otelsli.Spec{Name: "a_name_that_is_too_long_for_the_uid_of_its_dashboard"}, []struct{}{{}}, otelsli.WithCatalog(c))

	outcomes := []otelsli.Outcome{otelsli.Success, otelsli.Success, otelsli.Slow, otelsli.Failed, otelsli.Ignored}
	go func() {
		for ctx, i := t.Context(), 0; ctx.Err() == nil; i++ {
			busy.Record(ctx, combinations[i/len(outcomes)%2], outcomes[i%len(outcomes)])
			bare.Record(ctx, struct{}{}, outcomes[i%len(outcomes)])
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return c
}

// serveCatalog serves a catalog to Prometheus and returns its address.
func serveCatalog(t *testing.T, c *otelsli.Catalog) string {
	t.Helper()
	exporter, err := sliprom.New(c, sliprom.WithHold(0))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(exporter.Mux())
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestDashboardsShowData(t *testing.T) {
	t.Parallel()
	static := func(*otelsli.Description) (*rules.Set, error) {
		return rules.Static(nil, rules.WithInterval(time.Second), rules.WithMinFailures(0))
	}
	generated := func(d *otelsli.Description) (*rules.Set, error) {
		return rules.Generate(d, rules.Job("shop"), rules.WithInterval(time.Second), rules.WithMinFailures(0))
	}
	for _, test := range []struct {
		server Server
		layout otelsli.Layout
		kind   string
		rules  func(*otelsli.Description) (*rules.Set, error)
	}{
		{Prometheus2, otelsli.Counters, "generated", generated},
		{Prometheus3, otelsli.Outcomes, "static", static},
		{Prometheus3, otelsli.Outcomes, "generated", generated},
	} {
		t.Run(fmt.Sprintf("%s %v %s", test.server, test.layout, test.kind), func(t *testing.T) {
			t.Parallel()
			Require(t, test.server)
			c := dashboardShop(t, test.layout)
			set, err := test.rules(c.Describe())
			if err != nil {
				t.Fatal(err)
			}
			all, err := dashboard.Generate(c.Describe(), "shop", dashboard.WithRules(set))
			if err != nil {
				t.Fatal(err)
			}
			checkDashboards(t, startDashboardServer(t, test.server, set, serveCatalog(t, c)), all)
		})
	}
}

func startDashboardServer(t *testing.T, server Server, set *rules.Set, target string) *Prometheus {
	t.Helper()
	var file strings.Builder
	if err := set.Write(&file, rules.Prometheus{}); err != nil {
		t.Fatal(err)
	}
	return StartPrometheus(t, server, PrometheusConfig{Targets: Targets{"shop": {target}}, Rules: file.String()})
}

func checkDashboards(t *testing.T, prom *Prometheus, all []dashboard.Dashboard) {
	t.Helper()
	ctx := t.Context()
	for _, d := range all {
		for _, q := range d.Queries() {
			if d.SLI == "idle_order" {
				continue // below, once the busy one has shown that everything is recorded
			}
			Eventually(t, dashboardLimit, func() error { return hasData(ctx, prom, d.Title, q) })
		}
		for _, variable := range d.Variables() {
			if err := offersValues(ctx, prom, variable); err != nil {
				t.Errorf("%s: %v", d.Title, err)
			}
		}
	}
	for _, d := range all {
		if d.SLI == "idle_order" {
			checkIdle(t, prom, d)
		}
	}
	for expr, want := range map[string]float64{"Objective": 0.999, "State": 1} {
		if got := shown(t, prom, all, "place_order", expr); got != want {
			t.Errorf("the panel %s shows %v, want %v", expr, got, want)
		}
	}
}

// fill does what Grafana does with the variables of a query where the job is chosen and of everything else all.
var fill = strings.NewReplacer(
	"$job", "shop", "$instance", ".*", "$label_channel", ".*", "$label_tier", ".*",
	"$__rate_interval", "10s", "$__range", "1m",
)

func hasData(ctx context.Context, prom *Prometheus, title string, q dashboard.Query) error {
	vector, err := prom.Query(ctx, fill.Replace(q.Expr))
	if err != nil {
		return fmt.Errorf("%s: %s: %w", title, q.Title, err)
	}
	if len(vector) == 0 {
		return fmt.Errorf("%s: %s: no data for %s", title, q.Title, fill.Replace(q.Expr))
	}
	return finite(vector)
}

func finite(vector model.Vector) error {
	var errs []error
	for _, sample := range vector {
		if v := float64(sample.Value); math.IsNaN(v) || math.IsInf(v, 0) {
			errs = append(errs, fmt.Errorf("%v is %v", sample.Metric, v))
		}
	}
	return errors.Join(errs...)
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

func offersValues(ctx context.Context, prom *Prometheus, query string) error {
	match := labelValues.FindStringSubmatch(query)
	if match == nil {
		return fmt.Errorf("variable %q: not of the form label_values(…, …)", query)
	}
	vector, err := prom.Query(ctx, fmt.Sprintf(`count by (%s) (%s)`, match[2], fill.Replace(match[1])))
	if err != nil {
		return err
	}
	if len(vector) == 0 || vector[0].Metric[model.LabelName(match[2])] == "" {
		return fmt.Errorf("variable %q: no values", query)
	}
	return nil
}

// checkIdle looks at the dashboard of an SLI without events: ratios of events have no value, budgets are whole, and
// nothing is NaN. Groups are evaluated at times of their own, so that some have their first values later.
func checkIdle(t *testing.T, prom *Prometheus, d dashboard.Dashboard) {
	t.Helper()
	for _, q := range d.Queries() {
		Eventually(t, dashboardLimit, func() error {
			vector, err := prom.Query(t.Context(), fill.Replace(q.Expr))
			if err == nil {
				err = errors.Join(finite(vector), asIdle(q.Title, vector))
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", d.Title, q.Title, err)
			}
			return nil
		})
	}
}

// asIdle reports what a panel of an SLI without events shows wrongly.
func asIdle(title string, vector model.Vector) error {
	if title == "Reached" {
		if len(vector) != 0 {
			return fmt.Errorf("%v without events, want no value", vector)
		}
		return nil
	}
	want, known := map[string][]float64{
		"State": {0}, "Error budget left": {1}, "Objective": {0.999, 0.95}, "Events": {0}, "Burn rate: page-fast": {0},
	}[title]
	if known && (len(vector) != 1 || !slices.Contains(want, float64(vector[0].Value))) {
		return fmt.Errorf("%v, want one of %v", vector, want)
	}
	return nil
}

// shown is the value of the first panel of that title on the dashboard of an SLI.
func shown(t *testing.T, prom *Prometheus, all []dashboard.Dashboard, sli, title string) float64 {
	t.Helper()
	for _, d := range all {
		for _, q := range d.Queries() {
			if d.SLI == sli && q.Title == title {
				value, err := prom.Value(t.Context(), fill.Replace(q.Expr))
				if err != nil {
					t.Fatal(err)
				}
				return value
			}
		}
	}
	t.Fatalf("no panel %q of %s", title, sli)
	return 0
}
