package rules_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

const day = 24 * time.Hour

type labels struct{ Channel string }

// shop is the catalog that most tests generate from.
func shop(t testing.TB, change ...func(*otelsli.Spec)) *otelsli.Description {
	t.Helper()
	spec := otelsli.Spec{
		Name:            "place_order",
		Description:     "A customer places an order.",
		FeatureCategory: "checkout",
		Owner:           "team-orders",
		Threshold:       300 * time.Millisecond,
		Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}
	for _, f := range change {
		f(&spec)
	}
	c := otelsli.NewCatalog()
	if _, err := otelsli.New(spec, []labels{{"web"}, {"app"}}, otelsli.WithCatalog(c)); err != nil {
		t.Fatal(err)
	}
	return c.Describe()
}

func generate(t testing.TB, d *otelsli.Description, options ...rules.Option) *rules.Set {
	t.Helper()
	set, err := rules.Generate(d, rules.Job("shop"), options...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func write(t testing.TB, set *rules.Set, f rules.Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := set.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// every calls f for each rule.
func every(set *rules.Set, f func(g rules.Group, r rules.Rule)) {
	for _, g := range set.Groups {
		for _, r := range g.Rules {
			f(g, r)
		}
	}
}

// alert returns the alerts of a name.
func alert(set *rules.Set, name string) []rules.Rule {
	var found []rules.Rule
	every(set, func(_ rules.Group, r rules.Rule) {
		if r.Alert == name {
			found = append(found, r)
		}
	})
	return found
}

// wide is a set with everything on.
func wide(t testing.TB, d *otelsli.Description) *rules.Set {
	t.Helper()
	return generate(t, d, rules.WithGroupBy("cluster"), rules.WithTrafficCeased(), rules.WithMostlyIgnored(), rules.WithBreakdown(),
		rules.WithDashboardURL("https://grafana.example/d/slo?sli={sli}"), rules.WithAlertLabels(map[string]string{"team": "x"}))
}

// files are all kinds of sets as files of Prometheus, by name.
func files(t *testing.T) map[string]*rules.Set {
	t.Helper()
	outcomes := shop(t)
	outcomes.Layout = otelsli.Outcomes
	static, err := rules.Static([]time.Duration{7 * day, 28 * day, 30 * day, 90 * day}, rules.WithTrafficCeased(), rules.WithMostlyIgnored())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*rules.Set{
		"counters": generate(t, shop(t)),
		"outcomes": generate(t, outcomes),
		"wide":     wide(t, shop(t)),
		"exact":    generate(t, shop(t), rules.WithExactBudget()),
		"static":   static,
		"week":     generate(t, shop(t, func(s *otelsli.Spec) { s.Objective.Window = 7 * day })),
		"quarter":  generate(t, shop(t, func(s *otelsli.Spec) { s.Objective.Window = 90 * day })),
		"day":      generate(t, shop(t, func(s *otelsli.Spec) { s.Objective.Window = day })),
		"year":     generate(t, shop(t, func(s *otelsli.Spec) { s.Objective.Window = 365 * day })),
		"precise":  generate(t, shop(t, func(s *otelsli.Spec) { s.Objective.Availability = 0.99999 })),
		"place":    generate(t, shop(t), rules.WithTargets(names.Equal("namespace", "prod"), names.Regexp("cluster", "eu-.+"))),
		"none":     generate(t, shop(t, func(s *otelsli.Spec) { s.Objective = otelsli.Objective{} })),
		"short": generate(t, shop(t), rules.WithInterval(2*time.Second), rules.WithTiers(
			rules.Tier{Name: "page-fast", Severity: "page", Factor: 10, Long: 30 * time.Second, Short: 10 * time.Second})),
	}
}

func put(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".yml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// problemsOf lists the lines of a joined error.
func problemsOf(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(fmt.Sprint(err), "\n")
}
