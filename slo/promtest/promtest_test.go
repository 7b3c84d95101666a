package promtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/promtest"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

type labels struct{ Channel string }

// describe declares a service with all kinds of SLIs, and one objective over another period.
func describe(t testing.TB, layout otelsli.Layout) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	if err := catalog.Configure(otelsli.WithLayout(layout)); err != nil {
		t.Fatal(err)
	}
	for _, spec := range []otelsli.Spec{
		{Name: "place_order", Threshold: time.Second, Objective: otelsli.Objective{Availability: 0.999, Apdex: 0.99}},
		{Name: "find", Kind: otelsli.Apdex, Threshold: time.Second, Objective: otelsli.Objective{Apdex: 0.95, Window: 7 * 24 * time.Hour}},
		{Name: "ping"},
	} {
		if _, err := otelsli.New(spec, []labels{{"web"}}, otelsli.WithCatalog(catalog)); err != nil {
			t.Fatal(err)
		}
	}
	return catalog.Describe()
}

func generate(t testing.TB, d *otelsli.Description, s names.Strategy, options ...rules.Option) (*rules.Set, *promtest.Suite) {
	t.Helper()
	set, err := rules.Generate(d, rules.Job("shop"), append(options, rules.WithTranslation(s))...)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := promtest.Generate(d, set, "shop", []string{"rules.yml"}, promtest.WithTranslation(s))
	if err != nil {
		t.Fatal(err)
	}
	return set, suite
}

func ExampleGenerate() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{Name: "place_order", Objective: otelsli.Objective{Availability: 0.999}}, []labels{{"web"}}, otelsli.WithCatalog(catalog))
	set, err := rules.Generate(catalog.Describe(), rules.Job("shop"))
	if err != nil {
		fmt.Println(err)
		return
	}
	suite, err := promtest.Generate(catalog.Describe(), set, "shop", []string{"rules.yml"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, test := range suite.Tests {
		fmt.Println(test.Name)
	}
	fmt.Println(suite.Tests[0].Series[1])
	// Output:
	// healthy: nothing fires
	// outage: the fastest alerts fire and end in time
	// low traffic: one failure in ten events fires nothing
	// idle: constant series fire nothing
	// series gone while the process is up
	// targets down
	// {sli_place_order_total{job="shop",instance="test:9464"} 0+60x320}
}

// run writes rules and tests, and has promtool judge them.
func run(t *testing.T, set *rules.Set, suite *promtest.Suite) (out string, ok bool) {
	t.Helper()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	dir := t.TempDir()
	write := func(name string, write func(*os.File) error) string {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := write(f); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	write("rules.yml", func(f *os.File) error { return set.Write(f, rules.Prometheus{}) })
	tests := write("tests.yml", func(f *os.File) error { return suite.Write(f) })
	text, err := exec.CommandContext(t.Context(), promtool, "test", "rules", tests).CombinedOutput()
	return string(text), err == nil
}

func TestPromtoolPasses(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			t.Parallel()
			d := describe(t, layout)
			if layout == otelsli.Outcomes { // once is enough for the other period, and takes a third of the time
				d.SLIs = slices.DeleteFunc(d.SLIs, func(sli otelsli.SLIDescription) bool { return sli.Name == "find" })
			}
			set, suite := generate(t, d, names.UnderscoreEscapingWithSuffixes)
			if out, ok := run(t, set, suite); !ok {
				t.Errorf("promtool:\n%.4000s", out)
			}
			if len(suite.Tests) != 7 {
				t.Errorf("%d tests", len(suite.Tests))
			}
		})
	}
}

// small is one SLI with one objective.
func small(t testing.TB) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	spec := otelsli.Spec{Name: "place_order", Objective: otelsli.Objective{Availability: 0.999}}
	if _, err := otelsli.New(spec, []labels{{"web"}}, otelsli.WithCatalog(catalog)); err != nil {
		t.Fatal(err)
	}
	return catalog.Describe()
}

// only keeps the tests whose names begin with prefix, and what promtool takes for each of the others.
func only(t *testing.T, suite *promtest.Suite, prefix string, want int) {
	t.Helper()
	suite.Tests = slices.DeleteFunc(suite.Tests, func(test promtest.Test) bool { return !strings.HasPrefix(test.Name, prefix) })
	if len(suite.Tests) != want {
		t.Fatalf("%d tests %q, want %d", len(suite.Tests), prefix, want)
	}
}

// incidents are tests of incidents alone, and of the alerts that they can time: those of pages.
func incidents(t *testing.T, period time.Duration, texts ...string) (*rules.Set, *promtest.Suite) {
	t.Helper()
	var options []promtest.Option
	for _, text := range texts {
		in, err := simulate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		options = append(options, promtest.WithIncident(in))
	}
	d := small(t)
	d.SLIs[0].Objective.Window = otelsli.Seconds(period)
	set, err := rules.Generate(d, rules.Job("shop"), rules.WithOnlyTiers(rules.PageFast, rules.PageSlow), rules.WithoutPresence())
	if err != nil {
		t.Fatal(err)
	}
	suite, err := promtest.Generate(d, set, "shop", []string{"rules.yml"}, options...)
	if err != nil {
		t.Fatal(err)
	}
	only(t, suite, "incident: ", len(texts))
	return set, suite
}

// What slo/simulate computes, the engine of Prometheus says too. Over 7 days the windows are a quarter as
// long as over 30, and so is what promtool has to evaluate.
func TestIncidentsAgree(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		period time.Duration
		texts  []string
		firing int // expectations that an alert fires
	}{
		"30 days": {30 * 24 * time.Hour, []string{"2% failures for 130m at 50 rps"}, 4},
		"7 days": {7 * 24 * time.Hour, []string{
			"5% failures for 40m at 10 rps",
			"outage for 6m at 2 rps, then healthy for 30m, then outage for 8m",
			"1 in 10 failures for 2h at 100 per hour",
			"outage for 10m at 1 rps, then no traffic for 20m, then 3% failures for 1h",
		}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, suite := incidents(t, test.period, test.texts...)
			firing := 0
			for _, incident := range suite.Tests {
				for _, e := range incident.Expects {
					firing += len(e.Samples)
				}
			}
			if firing < test.firing {
				t.Errorf("%d times an alert is expected to fire, want at least %d", firing, test.firing)
			}
			if out, ok := run(t, set, suite); !ok {
				t.Errorf("promtool:\n%.4000s", out)
			}
		})
	}
}

// So it is for windows that are sums of what was recorded.
func TestSumsAgree(t *testing.T) {
	t.Parallel()
	in, err := simulate.Parse("5% failures for 50m at 10 rps, then healthy for 2h, then 1% failures for 4h")
	if err != nil {
		t.Fatal(err)
	}
	d := small(t)
	set, err := rules.Generate(d, rules.Job("shop"), rules.WithTiers(rules.Tier{Name: "slow", Severity: "page", Factor: 4, Long: 8 * time.Hour, Short: 40 * time.Minute}), rules.WithoutPresence())
	if err != nil {
		t.Fatal(err)
	}
	suite, err := promtest.Generate(d, set, "shop", []string{"rules.yml"}, promtest.WithIncident(in))
	if err != nil {
		t.Fatal(err)
	}
	only(t, suite, "incident: ", 1)
	if len(suite.Tests[0].Expects) < 5 {
		t.Fatalf("%+v", suite.Tests)
	}
	if out, ok := run(t, set, suite); !ok {
		t.Errorf("promtool:\n%.3000s", out)
	}
}

// Rules that are evaluated more often, and alerts that linger, have tests that fit them.
func TestOtherRules(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]rules.Option{
		"interval": {rules.WithInterval(10 * time.Second), rules.WithTiers(rules.Tier{Name: "fast", Severity: "page", Factor: 10, Long: 10 * time.Minute, Short: time.Minute})},
		"linger":   {rules.WithKeepFiringFor(10 * time.Minute), rules.WithGroupBy("cluster")},
		"targets":  {rules.WithTargets(names.Equal("namespace", "prod"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, suite := generate(t, small(t), names.UnderscoreEscapingWithSuffixes, options...)
			suite.Tests = slices.DeleteFunc(suite.Tests, func(test promtest.Test) bool { // those without times
				kind, _, _ := strings.Cut(test.Name, ":")
				return slices.Contains([]string{"healthy", "low traffic", "idle"}, kind)
			})
			if len(suite.Tests) != 3 {
				t.Fatalf("%d tests, want the outage and two of presence", len(suite.Tests))
			}
			if out, ok := run(t, set, suite); !ok {
				t.Errorf("promtool:\n%.3000s", out)
			}
		})
	}
}

// Rules that are wrong must not pass the test that is there for it.
func TestPromtoolFinds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by    string // the test that finds it
		spoil func(*rules.Rule)
	}{
		"no alert at all":       {"outage: ", func(r *rules.Rule) { r.Expr = strings.Replace(r.Expr, "> 14.4", "> 1440000", 1) }},
		"one that always fires": {"healthy: ", func(r *rules.Rule) { r.Expr = "vector(1)" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, suite := generate(t, small(t), names.UnderscoreEscapingWithSuffixes)
			only(t, suite, test.by, 1)
			for _, g := range set.Groups {
				for i := range g.Rules {
					if g.Rules[i].Alert == rules.AlertBudgetBurn {
						test.spoil(&g.Rules[i])
					}
				}
			}
			if out, ok := run(t, set, suite); ok {
				t.Errorf("promtool found nothing:\n%s", out)
			}
		})
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	d := describe(t, otelsli.Counters)
	set, err := rules.Generate(d, rules.Job("shop"), rules.WithoutPresence(), rules.WithMinFailures(0), rules.WithOnlyTiers(rules.TicketSlow))
	if err != nil {
		t.Fatal(err)
	}
	suite, err := promtest.Generate(d, set, "shop", []string{"rules.yml"}, promtest.WithMinFailures(0))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(suite.Notices, "\n")
	for _, want := range []string{"presence is not tested", "low traffic is not tested", `SLI "place_order", availability, are not timed`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nlacks %q", text, want)
		}
	}
	if len(suite.Tests) != 2 {
		t.Errorf("%d tests", len(suite.Tests))
	}
}

func TestTranslation(t *testing.T) {
	t.Parallel()
	_, suite := generate(t, describe(t, otelsli.Outcomes), names.NoTranslation)
	var text strings.Builder
	if err := suite.Write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"sli.events.total",sli="place_order",outcome="failed",job="shop",instance="test:9464"}`, "rule_files:\n  - rules.yml", "exp_samples: []"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("lacks %q in\n%.1500s", want, &text)
		}
	}
}

func TestGenerateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := promtest.Generate(nil, nil, "", nil)
	for _, want := range []string{"description is empty", "set is empty", `job is "": want`, "files is []"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
