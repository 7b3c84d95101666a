package names_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

func ExampleNamer_Counter() {
	n := names.Namer{Layout: otelsli.Counters}
	fmt.Println(n.Counter("place_order", names.Failed).With(names.Equal("job", "shop")))

	n = names.Namer{Layout: otelsli.Outcomes, Strategy: names.NoTranslation}
	fmt.Println(n.Counter("place_order", names.Total))
	// Output:
	// sli_place_order_error_total{job="shop"}
	// {"sli.events.total",sli="place_order",outcome=~"success|slow|failed"}
}

func ExampleStrategy_Metric() {
	for _, s := range names.Strategies() {
		fmt.Println(s.Metric("sli.place_order.error.total"))
	}
	// Output:
	// sli_place_order_error_total
	// sli_place_order_error_total
	// sli.place_order.error_total
	// sli.place_order.error.total
}

// What the package says is counted where must be what a catalog does.
func TestCountersAreThoseOfTheCatalog(t *testing.T) {
	t.Parallel()
	counted := map[otelsli.Outcome][]names.Count{
		otelsli.Success: {names.Total, names.Judged, names.Satisfied},
		otelsli.Slow:    {names.Total, names.Judged, names.Slow},
		otelsli.Failed:  {names.Total, names.Failed},
		otelsli.Ignored: {names.Ignored},
	}
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for outcome, counts := range counted {
			c := otelsli.NewCatalog()
			if err := c.Configure(otelsli.WithPrefix("gitlab_sli"), otelsli.WithLayout(layout)); err != nil {
				t.Fatal(err)
			}
			sli := otelsli.MustNew(otelsli.Spec{Name: "place_order", Threshold: time.Second}, []struct{}{{}}, otelsli.WithCatalog(c))
			sli.Record(t.Context(), struct{}{}, outcome)
			n := names.Of(c.Describe(), names.NoTranslation)
			for count := names.Total; count <= names.Slow; count++ {
				want := 0
				for _, listed := range counts {
					if listed == count {
						want = 1
					}
				}
				if got := sum(t, c, n.Counter("place_order", count)); got != want {
					t.Errorf("%v: %v after one event of %v: %d, want %d", layout, count, outcome, got, want)
				}
			}
		}
	}
}

// sum adds up the points that the selector selects.
func sum(t *testing.T, c *otelsli.Catalog, s names.Selector) int {
	t.Helper()
	total, found := 0, false
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				v, ok := p.Value(i)
				if !ok || counter.Name != s.Metric {
					continue
				}
				set := p.Attributes(i)
				selected := true
				for _, m := range s.Matchers {
					v, _ := set.Value(attribute.Key(m.Label))
					selected = selected && oneOf(v.AsString(), m.Value)
				}
				if selected {
					found = true
					total += int(v)
				}
			}
		}
	}
	if !found {
		t.Errorf("%v: no such counter", s)
	}
	return total
}

func oneOf(value, expression string) bool {
	return slices.Contains(strings.Split(expression, "|"), value)
}

func TestCatalogMetrics(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{Name: "x", Objective: otelsli.Objective{Availability: 0.9}}, []struct{}{{}}, otelsli.WithCatalog(c))
	n := names.Of(c.Describe(), names.NoTranslation)
	emitted := make(map[string]bool)
	for f := range c.Collect() {
		for _, counter := range f.Counters() {
			emitted[counter.Name] = true
		}
		for _, g := range f.Objectives() {
			emitted[g.Name] = true
		}
	}
	for _, s := range []names.Selector{n.ObjectiveRatio(), n.ObjectiveWindow(), n.Undeclared()} {
		if !emitted[s.Metric] {
			t.Errorf("%s is not emitted: %v", s.Metric, emitted)
		}
	}
}

func TestMetric(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		strategy   names.Strategy
		name, want string
	}{
		{names.UnderscoreEscapingWithSuffixes, "gitlab_sli.x.total", "gitlab_sli_x_total"},
		{names.UnderscoreEscapingWithoutSuffixes, "a.b.events.total", "a_b_events_total"},
		{names.NoUTF8EscapingWithSuffixes, "sli.objective.ratio", "sli.objective_ratio"},
		{names.NoUTF8EscapingWithSuffixes, "sli.objective.window.seconds", "sli.objective.window.seconds"},
		{names.NoTranslation, "sli.objective.ratio", "sli.objective.ratio"},
	} {
		if got := c.strategy.Metric(c.name); got != c.want {
			t.Errorf("%v: %s is %s, want %s", c.strategy, c.name, got, c.want)
		}
	}
}

func TestSelector(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    names.Selector
		want string
	}{
		{names.Selector{Metric: "up"}, `up`},
		{names.Selector{Metric: "a:b_1"}.With(names.Equal("job", `a"b\`)), `a:b_1{job="a\"b\\"}`},
		{names.Selector{Metric: "1a"}, `{"1a"}`},
		{names.Selector{Metric: "a.b"}.With(names.Regexp("k8s.pod", "x|y")), `{"a.b","k8s.pod"=~"x|y"}`},
		{names.Selector{Metric: ""}.With(names.Equal("a", "")), `{"",a=""}`},
	} {
		if got := c.s.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// With must not write into what another selector shares.
func TestWithCopies(t *testing.T) {
	t.Parallel()
	base := names.Selector{Metric: "m", Matchers: make([]names.Matcher, 0, 4)}
	a, b := base.With(names.Equal("x", "1")), base.With(names.Equal("x", "2"))
	if diff := cmp.Diff([]string{`m{x="1"}`, `m{x="2"}`}, []string{a.String(), b.String()}); diff != "" {
		t.Error(diff)
	}
}

func TestStrategyText(t *testing.T) {
	t.Parallel()
	for _, s := range names.Strategies() {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back names.Strategy
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%s reads back as %v, %v", text, back, err)
		}
	}
	var s names.Strategy
	if err := s.UnmarshalText([]byte("Other")); err == nil || !strings.Contains(err.Error(), "NoTranslation") {
		t.Errorf("error %v, want one that names the strategies", err)
	}
	if _, err := names.Strategy(9).MarshalText(); err == nil {
		t.Error("a strategy that there is not was written")
	}
	if got := names.Strategy(9).String() + names.Count(9).String() + names.Slow.String(); got != "Strategy(9)Count(9)Slow" {
		t.Error(got)
	}
}

func FuzzMatcher(f *testing.F) {
	f.Add("job", `a"b`)
	f.Add("k8s.pod", "\x00\n\xff")
	f.Fuzz(func(t *testing.T, label, value string) {
		text := names.Equal(label, value).String()
		i := strings.LastIndex(text[:len(text)-len(strconv.Quote(value))], "=")
		back, err := strconv.Unquote(text[i+1:])
		if err != nil || back != value {
			t.Errorf("%q: value reads back as %q, %v", text, back, err)
		}
	})
}
