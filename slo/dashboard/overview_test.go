package dashboard_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func titlesOf(f file) []string {
	var all []string
	for _, p := range f.Panels {
		all = append(all, p.Title)
	}
	return all
}

func TestOverviewReadsRecordsAlone(t *testing.T) {
	t.Parallel()
	for _, d := range generate(t, shop(t, otelsli.Counters)) {
		if d.SLI != "" {
			continue
		}
		for _, q := range d.Queries() {
			if strings.Contains(q.Expr, "_total") || strings.Contains(q.Expr, "rate(") {
				t.Errorf("%s: panel %s reads a counter: %s", d.Title, q.Title, q.Expr)
			}
		}
	}
}

// A category has its SLIs and no others, and its budget as a whole where the rules know it.
func TestCategory(t *testing.T) {
	t.Parallel()
	static, err := rules.Static(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := shop(t, otelsli.Outcomes)
	for name, all := range map[string][]dashboard.Dashboard{
		"generated": generate(t, d), "static": generate(t, d, dashboard.WithRules(static)),
	} {
		checkout := all[1]
		if checkout.Category != "checkout" || checkout.UID != dashboard.CategoryUID("shop", "checkout") {
			t.Fatalf("%s: dashboard %+v, want that of checkout", name, checkout)
		}
		if has := slices.Contains(titlesOf(read(t, checkout)), "Budget of the category"); has == (name == "static") {
			t.Errorf("%s: the budget of the category is there: %v", name, has)
		}
		sel := `sli=~"` + longName + `|place_order"`
		for _, q := range checkout.Queries() {
			if !strings.Contains(q.Expr, sel) && !strings.Contains(q.Expr, `feature_category="checkout"`) {
				t.Errorf("%s: panel %s is not of the category: %s", name, q.Title, q.Expr)
			}
		}
	}
}

// What an SLI does not have is not shown.
func TestPanelsFitTheKind(t *testing.T) {
	t.Parallel()
	all := generate(t, shop(t, otelsli.Counters))
	for sli, test := range map[string]struct{ with, without []string }{
		"place_order": {
			[]string{"Availability: 99.9% over 30d", "Apdex: 95% over 30d", "By channel", "By tier", "Most failures", "Most slow events"},
			[]string{"By instance"},
		},
		longName: {
			[]string{"Availability: 90% over 7d", "Share of failures by channel", "Most failures"},
			[]string{"Apdex: 95% over 30d", "Most slow events", "Burn rate: page-fast"},
		},
		"latency_only": {
			[]string{"Apdex: 90% over 30d", "Most slow events", "State"},
			[]string{"Most failures", "Share of failures by channel"},
		},
		"watched_only": {
			[]string{"State", "Most failures", "Most slow events"},
			[]string{"Objective", "Error budget left"},
		},
		"plain": {
			[]string{"State", "Events", "Most failures"},
			[]string{"By channel", "Most slow events", "Objective"},
		},
	} {
		got := titlesOf(read(t, of(t, all, sli)))
		for _, title := range test.with {
			if !slices.Contains(got, title) {
				t.Errorf("%s: no panel %q among %q", sli, title, got)
			}
		}
		for _, title := range test.without {
			if slices.Contains(got, title) {
				t.Errorf("%s: a panel %q", sli, title)
			}
		}
	}
}

// Percentages are what was declared, without the noise of binary fractions.
func TestPercentages(t *testing.T) {
	t.Parallel()
	for target, want := range map[float64]string{
		0.999: "99.9%", 0.9995: "99.95%", 0.57: "57%", 0.29: "29%", 0.99999: "99.999%", 0.1: "10%",
	} {
		d := &otelsli.Description{Version: 1, Prefix: "sli", SLIs: []otelsli.SLIDescription{{
			Name: "a", Kind: otelsli.ErrorRate, Objective: &otelsli.ObjectiveDescription{Availability: target},
		}}}
		f := read(t, generate(t, d)[1])
		if title := "Availability: " + want + " over 30d"; f.Panels[0].Title != title {
			t.Errorf("title %q, want %q", f.Panels[0].Title, title)
		}
	}
}

// The line of the share of bad events is what the objective allows, exactly.
func TestAllowedShareIsExact(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range read(t, of(t, generate(t, shop(t, otelsli.Counters)), "place_order")).Panels {
		if p.Title != "Share of bad events" {
			continue
		}
		want := []float64{0.001, 0.05}[seen]
		if got := *p.FieldConfig.Defaults.Thresholds.Steps[1].Value; got != want {
			t.Errorf("line at %v, want %v", got, want)
		}
		seen++
	}
	if seen != 2 {
		t.Errorf("%d panels, want one of each objective", seen)
	}
}

// The curve of the budget is that of its whole period, whatever range is chosen.
func TestTheCurveIsThatOfThePeriod(t *testing.T) {
	t.Parallel()
	for sli, want := range map[string]string{"place_order": "30d", longName: "7d"} {
		curves := 0
		for _, p := range read(t, of(t, generate(t, shop(t, otelsli.Counters)), sli)).Panels {
			if p.TimeFrom != "" {
				curves++
				if p.TimeFrom != want || p.Type != "timeseries" {
					t.Errorf("%s: panel %s (%s) from %s, want %s", sli, p.Title, p.Type, p.TimeFrom, want)
				}
			}
		}
		if curves == 0 {
			t.Errorf("%s has no curve", sli)
		}
	}
}

// What can have no value says so, and State tells missing data apart.
func TestNoValue(t *testing.T) {
	t.Parallel()
	f := read(t, of(t, generate(t, shop(t, otelsli.Counters)), "place_order"))
	for _, p := range f.Panels {
		want := map[string]string{"stat": "–", "table": "none"}[p.Type]
		if p.Title == "State" {
			want = "no data"
		}
		if p.FieldConfig.Defaults.NoValue != want {
			t.Errorf("panel %s: %q where there is no value, want %q", p.Title, p.FieldConfig.Defaults.NoValue, want)
		}
	}
	division := regexp.MustCompile(`/ \(.* > 0\)`)
	for _, d := range generate(t, shop(t, otelsli.Counters)) {
		for _, q := range d.Queries() {
			ratio := strings.Contains(q.Expr, " / ") && !strings.Contains(q.Expr, " / 300")
			if ratio && !division.MatchString(q.Expr) {
				t.Errorf("%s: panel %s may divide by 0: %s", d.Title, q.Title, q.Expr)
			}
		}
	}
}

func TestJobsOffered(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	for name, test := range map[string]struct {
		option dashboard.Option
		want   string
	}{
		"default": {nil, `label_values(sli_place_order_total{job=~"(.+/)?shop"}, job)`},
		"given":   {dashboard.WithJobs(names.Regexp("job", "shop-.+")), `label_values(sli_place_order_total{job=~"shop-.+"}, job)`},
	} {
		variables := of(t, generate(t, d, test.option), "place_order").Variables()
		if variables[0] != test.want {
			t.Errorf("%s: %s, want %s", name, variables[0], test.want)
		}
	}
	if got, want := generate(t, d)[0].Variables()[0], `label_values(sli:events:increase5m{service="shop"}, job)`; got != want {
		t.Errorf("overview: %s, want %s", got, want)
	}
}

// All of a label also takes in what has no such label; all jobs are those that are listed.
func TestAllValues(t *testing.T) {
	t.Parallel()
	for _, v := range read(t, of(t, generate(t, shop(t, otelsli.Counters), dashboard.WithGroupBy("cluster")), "place_order")).Templating.List {
		want := ".*"
		if v.Name == "job" || v.Name == "datasource" {
			want = ""
		}
		if v.AllValue != want {
			t.Errorf("variable %s: %q stands for all, want %q", v.Name, v.AllValue, want)
		}
	}
}
