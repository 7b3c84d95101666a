package lint_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

type labels struct{ Channel string }

func describe(t testing.TB, layout otelsli.Layout, specs ...otelsli.Spec) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	err := catalog.Configure(otelsli.WithLayout(layout))
	for _, spec := range specs {
		_, newErr := otelsli.New(spec, []labels{{"web"}, {"app"}}, otelsli.WithCatalog(catalog))
		err = errors.Join(err, newErr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Describe()
}

// good is an SLI without any finding.
func good() otelsli.Spec {
	return otelsli.Spec{
		Name: "place_order", Description: "A customer places an order.", Owner: "team-orders", Threshold: time.Second,
		Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}
}

func ExampleCheck() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{
		Name: "place_order", Description: "A customer places an order.", Owner: "team-orders",
		Objective: otelsli.Objective{Availability: 0.92},
	}, []labels{{"web"}}, otelsli.WithCatalog(catalog))
	for _, f := range lint.Check(catalog.Describe()) {
		fmt.Println(f)
	}
	// Output:
	// warning: SLI "place_order": Objective.Availability: the alert page-fast is left out: with an objective of 92%, even a full outage burns the budget at only 12.5 times the sustainable rate, and the alert fires above 14.4: an objective above 93.0556%, or tiers with smaller factors (unreachable-alert)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	change := func(f func(*otelsli.Spec)) otelsli.Spec { s := good(); f(&s); return s }
	for name, test := range map[string]struct {
		spec    otelsli.Spec
		options []lint.Option
		want    string // check, severity and a part of the message; "": no finding
	}{
		"good":              {good(), []lint.Option{nil, lint.WithRetention(60 * 24 * time.Hour), lint.WithTraffic(10), lint.WithPods(20)}, ""},
		"no alert":          {change(func(s *otelsli.Spec) { s.Objective.Availability = 0.93 }), []lint.Option{lint.WithRules(only(t, rules.PageFast))}, "unreachable-alert error no alert can fire: with an objective of 93%, even a full outage burns the budget at only 14.3 times"},
		"short windows":     {good(), []lint.Option{lint.WithScrapeInterval(90 * time.Second)}, "short-window error fewer than 4 scrapes at a scrape interval of 1m30s: page-fast (5m)"},
		"just long enough":  {good(), []lint.Option{lint.WithScrapeInterval(75 * time.Second)}, ""},
		"retention":         {good(), []lint.Option{lint.WithRetention(15 * 24 * time.Hour)}, "retention warning 30d of data are needed, but only 15d are kept"},
		"blind":             {good(), []lint.Option{lint.WithTraffic(0.001)}, "traffic warning not even a full outage has the 5 failures that these alerts need: page-fast (3.6 events in 1h)"},
		"small budget":      {good(), []lint.Option{lint.WithTraffic(0.0001), lint.WithMinFailures(0)}, "traffic warning the budget of 30d is 0.259 events"},
		"label":             {change(func(s *otelsli.Spec) {}), nil, ""},
		"name":              {change(func(s *otelsli.Spec) { s.Name = "order_errors" }), nil, `name info the part "errors"`},
		"delta":             {good(), []lint.Option{lint.WithDeltaTowardsPrometheus()}, "delta error delta temporality"},
		"many series":       {good(), []lint.Option{lint.WithPods(1000)}, "series warning 16000 series: 2 label combinations, 16 series in each of 1000 processes"},
		"all series":        {good(), []lint.Option{lint.WithPods(100), lint.WithMaxSeries(0, 1000)}, "series warning 1600 series in 100 processes"},
		"without objective": {change(func(s *otelsli.Spec) { s.Objective = otelsli.Objective{} }), nil, "no-objective info no objective"},
		"without owner":     {change(func(s *otelsli.Spec) { s.Owner = "" }), nil, "no-owner info"},
		"without text":      {change(func(s *otelsli.Spec) { s.Description = "" }), nil, "no-description info"},
		"without apdex":     {change(func(s *otelsli.Spec) { s.Objective.Apdex = 0 }), nil, "unjudged-latency info"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := lint.Check(describe(t, otelsli.Counters, test.spec), test.options...)
			if test.want == "" {
				if len(all) > 0 || lint.Worst(all) != "" {
					t.Errorf("finds %v", all)
				}
				return
			}
			check, rest, _ := strings.Cut(test.want, " ")
			severity, text, _ := strings.Cut(rest, " ")
			for _, f := range all {
				if f.Check == check && string(f.Severity) == severity && strings.Contains(f.Message, text) && f.Fix != "" {
					return
				}
			}
			t.Errorf("finds %v, want %s", all, test.want)
		})
	}
}

// only are rules with one tier, for an objective that cannot reach it.
func only(t *testing.T, tier string) *rules.Set {
	t.Helper()
	spec := good()
	spec.Objective.Availability = 0.93
	set, err := rules.Generate(describe(t, otelsli.Counters, spec), rules.Job("shop"), rules.WithOnlyTiers(tier))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestOverwrittenLabel(t *testing.T) {
	t.Parallel()
	type cluster struct{ Cluster string }
	catalog := otelsli.NewCatalog()
	if _, err := otelsli.New(good(), []cluster{{"a"}}, otelsli.WithCatalog(catalog)); err != nil {
		t.Fatal(err)
	}
	all := lint.Check(catalog.Describe())
	if len(all) != 1 || all[0].Check != "overwritten-label" || all[0].Field != "label cluster" {
		t.Errorf("finds %v", all)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	if all := lint.Check(nil); lint.Worst(all) != lint.Error || all[0].String() != "error: catalog: the catalog has no SLIs: declare one with otelsli.New (empty)" {
		t.Errorf("finds %v", all)
	}
}

func TestChecksAreDescribed(t *testing.T) {
	t.Parallel()
	if n := len(lint.Checks()); n != 13 {
		t.Errorf("%d checks", n)
	}
	for _, c := range lint.Checks() {
		if c.Description == "" || !c.Severity.AtLeast(lint.Info) {
			t.Errorf("%+v", c)
		}
	}
}

// The cost is what the catalog really emits.
func TestCosts(t *testing.T) {
	t.Parallel()
	plain := otelsli.Spec{Name: "a", Objective: otelsli.Objective{Availability: 0.99}}
	fast := otelsli.Spec{Name: "b", Kind: otelsli.Apdex, Threshold: time.Second}
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		catalog := otelsli.NewCatalog()
		err := catalog.Configure(otelsli.WithLayout(layout))
		for _, spec := range []otelsli.Spec{plain, fast, good()} {
			_, newErr := otelsli.New(spec, []labels{{"web"}, {"app"}}, otelsli.WithCatalog(catalog))
			err = errors.Join(err, newErr)
		}
		if err != nil {
			t.Fatal(err)
		}
		emitted := map[string]int{}
		for f := range catalog.Collect() {
			emitted[f.Name()] += len(f.Objectives())
			for p := range f.Points() {
				for i := range f.Counters() {
					if _, ok := p.Value(i); ok {
						emitted[f.Name()]++
					}
				}
			}
		}
		c := lint.Costs(catalog.Describe(), nil, 3)
		for _, one := range c.SLIs {
			if one.PerPod != emitted[one.SLI] || one.Series != 3*one.PerPod || one.Combinations != 2 {
				t.Errorf("%v: %+v, emits %d", layout, one, emitted[one.SLI])
			}
		}
		if c.Rules != 0 || c.Pods != 3 {
			t.Errorf("%+v", c)
		}
	}
	set, err := rules.Generate(describe(t, otelsli.Counters, good()), rules.Job("shop"))
	if err != nil {
		t.Fatal(err)
	}
	if c := lint.Costs(describe(t, otelsli.Counters, good()), set, 0); c.Rules != c.Recorded+c.Alerts || c.Alerts < 8 || c.Recorded < 40 || c.Pods != 1 {
		t.Errorf("%+v", c)
	}
}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	d := describe(b, otelsli.Counters, good())
	for b.Loop() {
		lint.Check(d)
	}
}
