package lint_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func TestSeverities(t *testing.T) {
	t.Parallel()
	order := []lint.Severity{lint.Info, lint.Warning, lint.Error}
	for i, a := range order {
		for j, b := range order {
			if a.AtLeast(b) != (i >= j) {
				t.Errorf("%s at least %s: %v", a, b, a.AtLeast(b))
			}
		}
		if lint.Severity("bad").AtLeast(a) {
			t.Errorf("an unknown severity is at least %s", a)
		}
	}
	for want, all := range map[lint.Severity][]lint.Finding{
		"":           nil,
		lint.Info:    {{Severity: lint.Info}},
		lint.Error:   {{Severity: lint.Info}, {Severity: lint.Error}, {Severity: lint.Warning}},
		lint.Warning: {{Severity: lint.Warning}, {Severity: lint.Info}},
	} {
		if got := lint.Worst(all); got != want {
			t.Errorf("%v: %q, want %q", all, got, want)
		}
	}
}

// bad are SLIs with findings of all severities.
func bad(t *testing.T) *otelsli.Description {
	t.Helper()
	return describe(t, otelsli.Counters,
		otelsli.Spec{Name: "b_errors", Objective: otelsli.Objective{Availability: 0.9}},
		otelsli.Spec{Name: "a", Objective: otelsli.Objective{Availability: 0.999}},
		otelsli.Spec{Name: "c"})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	all := lint.Check(bad(t), lint.WithScrapeInterval(2*time.Minute), lint.WithDeltaTowardsPrometheus())
	ranks := map[lint.Severity]int{lint.Error: 0, lint.Warning: 1, lint.Info: 2}
	if all[0].SLI != "" || !slices.IsSortedFunc(all, func(a, b lint.Finding) int {
		return cmp.Or(cmp.Compare(a.SLI, b.SLI), ranks[a.Severity]-ranks[b.Severity])
	}) {
		t.Errorf("order: %v", all)
	}
	again := lint.Check(bad(t), lint.WithScrapeInterval(2*time.Minute), lint.WithDeltaTowardsPrometheus())
	if !slices.Equal(all, again) {
		t.Errorf("%v\nand then %v", all, again)
	}
}

// Every finding is of a check that is described, is no worse than that says, and says what to do.
func TestFindingsAreOfChecks(t *testing.T) {
	t.Parallel()
	checks := make(map[string]lint.Severity)
	for _, c := range lint.Checks() {
		checks[c.Name] = c.Severity
	}
	found := make(map[string]bool)
	for _, all := range [][]lint.Finding{
		lint.Check(nil),
		lint.Check(bad(t), lint.WithPods(5000), lint.WithRetention(time.Hour), lint.WithTraffic(1e-4), lint.WithScrapeInterval(time.Hour), lint.WithDeltaTowardsPrometheus()),
		lint.Check(describe(t, otelsli.Counters, otelsli.Spec{Name: "x", Threshold: time.Second, Objective: otelsli.Objective{Availability: 0.99}})),
	} {
		for _, f := range all {
			found[f.Check] = true
			worst, known := checks[f.Check]
			if !known || !worst.AtLeast(f.Severity) || f.Message == "" || f.Fix == "" || strings.HasSuffix(f.Message, ".") {
				t.Errorf("%+v", f)
			}
		}
	}
	for name := range checks {
		if !found[name] && name != "overwritten-label" {
			t.Errorf("nothing finds %s", name)
		}
	}
}

func TestOptionsThatSayNothing(t *testing.T) {
	t.Parallel()
	d := describe(t, otelsli.Counters, good())
	all := lint.Check(d, nil, lint.WithPods(-1), lint.WithRetention(-1), lint.WithScrapeInterval(-1), lint.WithTraffic(-1), lint.WithMaxSeries(-1, -1), lint.WithMinFailures(-1), lint.WithRules(nil))
	if len(all) != 0 {
		t.Errorf("%v", all)
	}
}

// The tiers that are checked are those of the rules.
func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	d := describe(t, otelsli.Counters, good())
	set, err := rules.Generate(d, rules.Job("shop"), rules.WithTiers(rules.Tier{Name: "long", Severity: "page", Factor: 2, Long: 40 * 24 * time.Hour, Short: 2 * time.Hour}))
	if err != nil {
		t.Fatal(err)
	}
	if all := lint.Check(d, lint.WithRules(set), lint.WithRetention(35*24*time.Hour)); len(all) != 2 || !strings.Contains(all[0].Message, "40d of data are needed") {
		t.Errorf("%v", all)
	}
}

// The windows of the records have to hold scrapes too, also those that no alert looks at.
func TestShortestWindow(t *testing.T) {
	t.Parallel()
	d := describe(t, otelsli.Counters, good())
	for _, test := range []struct {
		interval, scrape time.Duration
		want             string // "": no finding
	}{
		{10 * time.Second, 15 * time.Second, "the shortest window of the records, 50s, holds fewer than 4 scrapes at a scrape interval of 15s"},
		{10 * time.Second, time.Minute, "the shortest window of the records, 50s"},
		{10 * time.Second, 12 * time.Second, ""},
		{time.Minute, 2 * time.Minute, "page-fast (5m)"}, // reported by the alert
	} {
		set, err := rules.Generate(d, rules.Job("shop"), rules.WithInterval(test.interval))
		if err != nil {
			t.Fatal(err)
		}
		all := lint.Check(d, lint.WithRules(set), lint.WithScrapeInterval(test.scrape))
		if test.want == "" && len(all) > 0 || test.want != "" && (len(all) == 0 || lint.Worst(all) != lint.Error || !strings.Contains(all[0].Message, test.want)) {
			t.Errorf("%+v: %v", test, all)
		}
		if test.interval == time.Minute && len(all) != 2 {
			t.Errorf("%+v: %v", test, all)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(lint.Check(nil)[0])
	const want = `{"check":"empty","severity":"error","message":"the catalog has no SLIs","fix":"declare one with otelsli.New"}`
	if err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
	data, err = json.Marshal(lint.Costs(describe(t, otelsli.Counters, good()), nil, 2))
	const cost = `{"pods":2,"slis":[{"sli":"place_order","combinations":2,"per_pod":16,"series":32}],"series":32,"recorded":0,"rules":0,"alerts":0}`
	if err != nil || string(data) != cost {
		t.Errorf("%s, %v", data, err)
	}
}
