package rules_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	golden.Compare(t, "testdata/shop.yml", write(t, generate(t, shop(t)), rules.Prometheus{}))
}

// The published files are what the code makes.
func TestStaticFilesAreCurrent(t *testing.T) {
	t.Parallel()
	for file, periods := range map[string][]time.Duration{
		"static/outcomes.yml":             nil,
		"static/outcomes-all-periods.yml": {7 * day, 28 * day, 30 * day, 90 * day},
	} {
		set, err := rules.Static(periods)
		if err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, file, write(t, set, rules.Prometheus{}))
	}
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	first := write(t, wide(t, shop(t)), rules.Prometheus{})
	for range 5 {
		if diff := cmp.Diff(first, write(t, wide(t, shop(t)), rules.Prometheus{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

var recordName = regexp.MustCompile(`\b(?:sli|slo):[a-z_:0-9]+`)

// What every set keeps: the size of groups, their names, and no chain within one.
func TestGroups(t *testing.T) {
	t.Parallel()
	order := []rules.Stage{rules.StageRaw, rules.StageDays, rules.StagePeriod, rules.StageBudget, rules.StageGroups, rules.StageAlerts}
	for name, set := range files(t) {
		recordedIn := make(map[string]rules.Stage)
		every(set, func(g rules.Group, r rules.Rule) { recordedIn[r.Record] = g.Stage })
		for _, set := range []*rules.Set{set, set.Packed()} {
			seen := make(map[string]bool)
			for _, g := range set.Groups {
				if len(g.Rules) == 0 || len(g.Rules) > rules.MaxGroupRules {
					t.Errorf("%s: group %s has %d rules", name, g.Name, len(g.Rules))
				}
				if seen[g.Name] || !regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`).MatchString(g.Name) {
					t.Errorf("%s: group name %q", name, g.Name)
				}
				seen[g.Name] = true
			}
		}
		every(set, func(g rules.Group, r rules.Rule) {
			for _, read := range recordName.FindAllString(r.Expr, -1) {
				from, ok := recordedIn[read]
				if !ok {
					t.Errorf("%s: %s reads %s, which nothing records", name, r.Record+r.Alert, read)
				}
				if slices.Index(order, from) >= slices.Index(order, g.Stage) {
					t.Errorf("%s: %s of stage %s reads %s of stage %s", name, r.Record+r.Alert, g.Stage, read, from)
				}
			}
		})
	}
}

// No two rules of a set make series with the same name and labels.
func TestNoDuplicates(t *testing.T) {
	t.Parallel()
	for name, set := range files(t) {
		seen := make(map[string]string)
		every(set, func(g rules.Group, r rules.Rule) {
			key := r.Record + r.Alert
			for _, k := range slices.Sorted(keys(r.Labels)) {
				key += "," + k + "=" + r.Labels[k]
			}
			if strings.Contains(g.Name, "-labels-") {
				key += " by labels"
			}
			if other, twice := seen[key]; twice {
				t.Errorf("%s: %s in %s and in %s", name, key, g.Name, other)
			}
			seen[key] = g.Name
		})
	}
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Whatever is recorded is described, with a unit unless it is an info, and with its labels.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for name, set := range files(t) {
		metrics := set.Metrics()
		for _, m := range metrics {
			if m.Name == "" || m.Description == "" || strings.Contains(m.Description, "%") || !strings.HasSuffix(m.Description, ".") {
				t.Errorf("%s: metric %+v", name, m)
			}
			if m.Unit == "" && m.Name != rules.RecordInfo {
				t.Errorf("%s: %s has no unit", name, m.Name)
			}
		}
		recorded := make(map[string]bool)
		every(set, func(_ rules.Group, r rules.Rule) { recorded[r.Record] = true })
		delete(recorded, "")
		if len(metrics) != len(recorded) {
			t.Errorf("%s: %d metrics described, %d recorded", name, len(metrics), len(recorded))
		}
	}
	metrics := generate(t, shop(t)).Metrics()
	i := slices.IndexFunc(metrics, func(m rules.Metric) bool { return m.Name == rules.EventsIncrease(time.Hour) })
	want := rules.Metric{
		Name: "sli:events:increase1h", Description: "Events in the last 1h.", Unit: "events",
		Labels: []string{"job", "service", "sli", "slo"},
	}
	if diff := cmp.Diff(want, metrics[i]); diff != "" {
		t.Error(diff)
	}
}

// Every alert that a set has is documented, and links its runbook.
func TestAlerts(t *testing.T) {
	t.Parallel()
	documented := make(map[string]bool)
	for _, a := range rules.Alerts() {
		documented[a.Name] = true
	}
	for name, set := range files(t) {
		every(set, func(_ rules.Group, r rules.Rule) {
			if r.Alert == "" {
				return
			}
			if !documented[r.Alert] {
				t.Errorf("%s: alert %s is not in Alerts", name, r.Alert)
			}
			for _, a := range []string{"summary", "description", "runbook_url"} {
				if r.Annotations[a] == "" {
					t.Errorf("%s: alert %s has no %s", name, r.Alert, a)
				}
			}
			if r.Labels["severity"] == "" {
				t.Errorf("%s: alert %s has no severity", name, r.Alert)
			}
		})
	}
}

func TestNamesByStrategy(t *testing.T) {
	t.Parallel()
	for strategy, want := range map[names.Strategy]string{
		names.UnderscoreEscapingWithSuffixes:    `sli_place_order_error_total{job="shop"}`,
		names.UnderscoreEscapingWithoutSuffixes: `sli_place_order_error_total{job="shop"}`,
		names.NoUTF8EscapingWithSuffixes:        `{"sli.place_order.error_total",job="shop"}`,
		names.NoTranslation:                     `{"sli.place_order.error.total",job="shop"}`,
	} {
		set := generate(t, shop(t), rules.WithTranslation(strategy))
		if got := set.Groups[0].Rules[1].Expr; !strings.Contains(got, want) {
			t.Errorf("%v: %s, want %s in it", strategy, got, want)
		}
	}
}

// An SLI without an objective is counted and watched for presence, no more.
func TestWithoutObjective(t *testing.T) {
	t.Parallel()
	set := generate(t, shop(t, func(s *otelsli.Spec) { s.Objective = otelsli.Objective{} }))
	var got []string
	every(set, func(_ rules.Group, r rules.Rule) { got = append(got, r.Record+r.Alert) })
	want := []string{
		"sli:events:increase5m", "sli:errors:increase5m", "sli:events:increase1h", "sli:errors:increase1h",
		rules.AlertSeriesGone, rules.AlertSeriesGone, rules.AlertTargetsDown, rules.RecordSLIs,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(set.Objectives) != 0 {
		t.Errorf("objectives: %v", set.Objectives)
	}
}

// An alert that could never fire is left out, and that is said.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	set := generate(t, shop(t, func(s *otelsli.Spec) { s.Objective = otelsli.Objective{Availability: 0.9} }))
	var tiers []string
	for _, r := range alert(set, rules.AlertBudgetBurn) {
		tiers = append(tiers, r.Labels["tier"])
	}
	if diff := cmp.Diff([]string{rules.PageSlow, rules.TicketFast, rules.TicketSlow}, tiers); diff != "" {
		t.Error(diff)
	}
	if len(set.Notices) != 1 || !strings.Contains(set.Notices[0].Text, "page-fast is left out: with an objective of 90%, even a full outage burns the budget at only 10 times") {
		t.Errorf("notices: %v", set.Notices)
	}
	if len(set.Objectives) != 1 || len(set.Objectives[0].Tiers) != 3 {
		t.Errorf("objectives: %+v", set.Objectives)
	}
}

// Alerts that are inhibited have the labels that have to be equal where the source has them: presence is judged
// for all groups at once, and its alerts have no label of a group.
func TestInhibitionsOfLostTargets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []rules.Option
		want    string
	}{
		"default":  {nil, "job service cluster environment region sli"},
		"grouped":  {[]rules.Option{rules.WithGroupBy("cluster", "version")}, "job service environment region sli"},
		"targeted": {[]rules.Option{rules.WithTargets(names.Equal("cluster", "eu"))}, "job cluster service environment region sli"},
		"both": {
			[]rules.Option{rules.WithGroupBy("region"), rules.WithTargets(names.Equal("namespace", "prod"))},
			"job namespace service cluster environment sli",
		},
	} {
		all := generate(t, shop(t), c.options...).Inhibitions
		lost := all[len(all)-1]
		if got := strings.Join(lost.Equal, " "); lost.Source[0] != `alertname="SLITargetsDown"` || got != c.want {
			t.Errorf("%s: %s: equal %s, want %s", name, lost.Source, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	expr := func(set *rules.Set) string { return alert(set, rules.AlertBudgetBurn)[0].Expr }
	for name, c := range map[string]struct {
		option rules.Option
		holds  func(*rules.Set) bool
	}{
		"tiers": {rules.WithOnlyTiers(rules.PageSlow), func(s *rules.Set) bool {
			a := alert(s, rules.AlertBudgetBurn)
			return len(a) == 2 && a[0].Labels["tier"] == rules.PageSlow
		}},
		"severities": {rules.WithSeverities("critical", ""), func(s *rules.Set) bool {
			a := alert(s, rules.AlertBudgetBurn)
			return a[0].Labels["severity"] == "critical" && a[3].Labels["severity"] == "ticket" &&
				alert(s, rules.AlertSeriesGone)[0].Labels["severity"] == "critical"
		}},
		"min failures": {rules.WithMinFailures(20), func(s *rules.Set) bool { return strings.Contains(expr(s), ">= 19.5") }},
		"no minimum":   {rules.WithMinFailures(-1), func(s *rules.Set) bool { return !strings.Contains(expr(s), ">=") }},
		"group by": {rules.WithGroupBy("cluster", "version"), func(s *rules.Set) bool {
			return strings.Contains(s.Groups[0].Rules[0].Expr, "sum by (job, cluster, version)") &&
				!strings.Contains(alert(s, rules.AlertSeriesGone)[0].Expr, "version")
		}},
		"targets": {rules.WithTargets(names.Equal("namespace", "prod")), func(s *rules.Set) bool {
			gone := alert(s, rules.AlertTargetsDown)[0].Expr
			return s.Groups[0].Rules[0].Expr == `sum by (job, namespace) (increase(sli_place_order_total{job="shop",namespace="prod"}[5m]))` &&
				strings.Contains(expr(s), `sli:errors:increase1h{job="shop",namespace="prod",service="shop",`) &&
				strings.Contains(gone, `on (job, namespace) (up{job="shop",namespace="prod"} == 1`) && len(s.Targets) == 2
		}},
		"service":     {rules.WithService("s/1"), func(s *rules.Set) bool { return s.Groups[0].Rules[0].Labels["service"] == "s/1" }},
		"no runbook":  {rules.WithRunbookURL(""), func(s *rules.Set) bool { return alert(s, rules.AlertBudgetBurn)[0].Annotations["runbook_url"] == "" }},
		"labels":      {rules.WithAlertLabels(map[string]string{"team": "x"}), func(s *rules.Set) bool { return alert(s, rules.AlertSeriesGone)[0].Labels["team"] == "x" }},
		"no presence": {rules.WithoutPresence(), func(s *rules.Set) bool { return alert(s, rules.AlertSeriesGone) == nil && len(s.Inhibitions) == 3 }},
		"ceased":      {rules.WithTrafficCeased(), func(s *rules.Set) bool { return len(alert(s, rules.AlertTrafficCeased)) == 1 }},
		"ignored":     {rules.WithMostlyIgnored(), func(s *rules.Set) bool { return len(alert(s, rules.AlertMostlyIgnored)) == 1 }},
		"keep firing": {rules.WithKeepFiringFor(time.Minute), func(s *rules.Set) bool { return alert(s, rules.AlertBudgetBurn)[0].KeepFiringFor == time.Minute }},
		"offset":      {rules.WithQueryOffset(time.Minute), func(s *rules.Set) bool { return s.Groups[0].QueryOffset == time.Minute }},
		"interval": {rules.WithInterval(30 * time.Second), func(s *rules.Set) bool {
			return s.Base == 150*time.Second && s.Groups[0].Interval == 30*time.Second && s.Groups[0].Rules[0].Record == "sli:events:increase2m30s"
		}},
		"nil": {nil, func(s *rules.Set) bool { return len(alert(s, rules.AlertBudgetBurn)) == 8 }},
	} {
		if !c.holds(generate(t, shop(t), c.option)) {
			t.Errorf("%s: not as it should be", name)
		}
	}
}

func TestExactBudgetReadsCounters(t *testing.T) {
	t.Parallel()
	every(generate(t, shop(t), rules.WithExactBudget()), func(_ rules.Group, r rules.Rule) {
		if r.Record == rules.RecordPeriodEvents && !strings.Contains(r.Expr, "_total{job=\"shop\"}[30d]") {
			t.Errorf("%s: %s", r.Record, r.Expr)
		}
	})
}

// The budget of an objective is written without the noise of binary fractions.
func TestExactDecimals(t *testing.T) {
	t.Parallel()
	for objective, want := range map[float64]string{0.999: "/ 0.001 >", 0.9: "/ 0.1 >", 0.99999: "/ 0.00001 >", 0.9725: "/ 0.0275 >"} {
		set := generate(t, shop(t, func(s *otelsli.Spec) { s.Objective = otelsli.Objective{Availability: objective} }))
		if got := alert(set, rules.AlertBudgetBurn)[0].Expr; !strings.Contains(got, want) {
			t.Errorf("%v: %s, want %s in it", objective, got, want)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	d := shop(t)
	for name, c := range map[string]struct {
		job     rules.Jobs
		options []rules.Option
		want    string
	}{
		"no job":        {rules.Jobs{}, nil, "rules: job is \"\": want the label job"},
		"empty job":     {rules.Job(""), nil, "rules: job is"},
		"regexp":        {rules.JobsMatching("("), []rules.Option{rules.WithService("x")}, "rules: JobsMatching is \"(\""},
		"no service":    {rules.JobsMatching("a|b"), nil, "rules: WithService is \"\""},
		"prefix":        {rules.Job("x"), []rules.Option{rules.WithPrefix("y")}, `rules: WithPrefix is "y": want "sli"`},
		"interval":      {rules.Job("x"), []rules.Option{rules.WithInterval(time.Hour)}, "rules: WithInterval is 1h0m0s: want whole seconds up to 1m0s"},
		"negative":      {rules.Job("x"), []rules.Option{rules.WithInterval(-1)}, "rules: WithInterval"},
		"strategy":      {rules.Job("x"), []rules.Option{rules.WithTranslation(77)}, "rules: WithTranslation is Strategy(77)"},
		"group by":      {rules.Job("x"), []rules.Option{rules.WithGroupBy("a", "a")}, `rules: WithGroupBy or WithTargets is "a"`},
		"own label":     {rules.Job("x"), []rules.Option{rules.WithGroupBy("slo")}, `rules: WithGroupBy or WithTargets is "slo"`},
		"no text":       {rules.Job("x"), []rules.Option{rules.WithAlertLabels(map[string]string{"team": "\xff"})}, `rules: options is "\xff": want valid UTF-8`},
		"hidden label":  {rules.Job("x"), []rules.Option{rules.WithGroupBy("__part__")}, `rules: WithGroupBy or WithTargets is "__part__"`},
		"targets":       {rules.Job("x"), []rules.Option{rules.WithTargets(names.Regexp("ns", "("))}, `rules: WithTargets is "ns=~\"(\""`},
		"targets' job":  {rules.Job("x"), []rules.Option{rules.WithTargets(names.Equal("job", "y"))}, `rules: WithGroupBy or WithTargets is "job"`},
		"alert label":   {rules.Job("x"), []rules.Option{rules.WithAlertLabels(map[string]string{"tier": ""})}, `rules: WithAlertLabels is "tier"`},
		"placeholder":   {rules.Job("x"), []rules.Option{rules.WithRunbookURL("https://x/{slx}")}, `rules: WithRunbookURL is "{slx}": want {alert}`},
		"double braces": {rules.Job("x"), []rules.Option{rules.WithDashboardURL("{{sli}}")}, `rules: WithDashboardURL is`},
		"only":          {rules.Job("x"), []rules.Option{rules.WithOnlyTiers("y")}, `rules: WithOnlyTiers is "y": want some of page-fast, page-slow`},
		"tier": {
			rules.Job("x"),
			[]rules.Option{rules.WithTiers(rules.Tier{Name: "A B", Factor: -1, Long: time.Minute, Short: time.Minute, For: -1})},
			`rules: WithTiers: tier "A B": Name is "A B"`,
		},
		"twice": {rules.Job("x"), []rules.Option{rules.WithTiers(tier("a"), tier("a"))}, `rules: WithTiers is "a": want every name once`},
		"breakdown": {
			rules.Job("x"),
			[]rules.Option{rules.WithGroupBy("channel"), rules.WithBreakdown()},
			`rules: WithBreakdown: SLI "place_order": label is "channel"`,
		},
	} {
		set, err := rules.Generate(d, c.job, c.options...)
		var field *otelsli.FieldError
		if set != nil || !errors.As(err, &field) || !strings.Contains(strings.ReplaceAll(problemsOf(err)[0], "otelsli: ", ""), c.want) {
			t.Errorf("%s: set %v, error %v, want %s", name, set != nil, err, c.want)
		}
	}
	if _, err := rules.Generate(nil, rules.Job("")); len(problemsOf(err)) != 2 {
		t.Errorf("%d problems, want 2 joined: %v", len(problemsOf(err)), err)
	}
}

func tier(name string) rules.Tier {
	return rules.Tier{Name: name, Severity: "s", Factor: 1, Long: time.Hour, Short: 5 * time.Minute}
}

func TestStaticProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		periods []time.Duration
		option  rules.Option
		want    string
	}{
		"period":    {[]time.Duration{time.Hour}, nil, "rules: periods is 1h0m0s: want whole seconds, at least 24h0m0s"},
		"service":   {nil, rules.WithService("x"), "rules: WithService"},
		"breakdown": {nil, rules.WithBreakdown(), "rules: WithBreakdown"},
		"exact":     {nil, rules.WithExactBudget(), "rules: WithExactBudget"},
		"prefix":    {nil, rules.WithPrefix("a-b"), `rules: WithPrefix is "a-b": want the prefix of catalogs, such as "sli"`},
	} {
		if _, err := rules.Static(c.periods, c.option); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Names and labels that look like templates are none, and what goes into a URL is escaped there.
func TestTextIsNoTemplate(t *testing.T) {
	t.Parallel()
	set, err := rules.Generate(shop(t, func(s *otelsli.Spec) { s.Owner = "{{ .Evil }}" }), rules.Job("shop"),
		rules.WithSeverities("a b", ""), rules.WithRunbookURL("https://x/{alert}?s={severity}&job={job}"),
		rules.WithAlertLabels(map[string]string{"team": "{{x}}"}))
	if err != nil {
		t.Fatal(err)
	}
	a := alert(set, rules.AlertBudgetBurn)[0]
	for _, value := range []string{a.Labels["owner"], a.Labels["team"]} {
		parsed, err := template.New("").Parse(value)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := parsed.Execute(&text, nil); err != nil || text.String() != "{{ .Evil }}" && text.String() != "{{x}}" {
			t.Errorf("%q becomes %q, %v", value, text.String(), err)
		}
	}
	if want := "https://x/sloerrorbudgetburn?s=a+b&job={{ $labels.job | urlquery }}"; a.Annotations["runbook_url"] != want {
		t.Errorf("runbook_url %q, want %q", a.Annotations["runbook_url"], want)
	}
	for _, r := range alert(set, rules.AlertTargetsDown) {
		if r.Labels["severity"] != "a b" {
			t.Errorf("severity %q", r.Labels["severity"])
		}
	}
}

// A rule that the user adds is listed with what is known of it.
func TestMetricsOfOwnRules(t *testing.T) {
	t.Parallel()
	set := &rules.Set{Groups: []rules.Group{{Rules: []rules.Rule{{Record: "mine", Expr: "1"}}}}}
	if diff := cmp.Diff([]rules.Metric{{Name: "mine"}}, set.Metrics()); diff != "" {
		t.Error(diff)
	}
}
