package dashboard_test

import (
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/dashboard"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Grafana would show an objective of 99.95% as 100%.
func TestObjectivesAreNotRounded(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters, otelsli.Spec{Name: "precise", Objective: otelsli.Objective{Availability: 0.9995}})
	decimals := make(map[string]int)
	for _, p := range read(t, of(t, generate(t, d), "precise")).Panels {
		if n := p.FieldConfig.Defaults.Decimals; n != nil {
			decimals[p.Title] = *n
		}
	}
	if decimals["Objective"] != 2 || decimals["Reached"] != 4 {
		t.Errorf("decimals %v, want 2 of the objective and 4 of what is reached", decimals)
	}
}

// What the rules count, the dashboards show, and not another place of the same name.
func TestJobsOfRules(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	for _, test := range []struct {
		options []dashboard.Option
		want    string
	}{
		{nil, `label_values(sli_place_order_total{job=~"(.+/)?shop"}, job)`},
		{[]dashboard.Option{dashboard.WithRules(inProd(t, d))}, `label_values(sli_place_order_total{job="prod/shop"}, job)`},
		{[]dashboard.Option{dashboard.WithRules(inProd(t, d)), dashboard.WithJobs(names.Equal("job", "x"))}, `label_values(sli_place_order_total{job="x"}, job)`},
	} {
		list := read(t, of(t, generate(t, d, test.options...), "place_order")).Templating.List
		if list[1].Query != test.want {
			t.Errorf("jobs are those of %s, want %s", list[1].Query, test.want)
		}
	}
}

// A place beside the job is no choice: everything is of it.
func TestPlacesOfRules(t *testing.T) {
	t.Parallel()
	d := shop(t, otelsli.Counters)
	set, err := rules.Generate(d, rules.Job("shop"), rules.WithTargets(names.Equal("namespace", "prod")))
	if err != nil {
		t.Fatal(err)
	}
	for _, board := range generate(t, d, dashboard.WithRules(set)) {
		for _, q := range board.Queries() {
			if !strings.Contains(q.Expr, `namespace="prod"`) {
				t.Errorf("%s: %s: %s, want the namespace in it", board.Title, q.Title, q.Expr)
			}
		}
	}
}

func inProd(t *testing.T, d *otelsli.Description) *rules.Set {
	t.Helper()
	set, err := rules.Generate(d, rules.Job("prod/shop"))
	if err != nil {
		t.Fatal(err)
	}
	return set
}
