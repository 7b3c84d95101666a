package diff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/diff"
	"github.com/otelsli/otelsli-go/slo/rules"
)

type labels struct{ Channel string }

type finer struct{ Channel, Tier string }

func spec() otelsli.Spec {
	return otelsli.Spec{Name: "place_order", Threshold: time.Second, Objective: otelsli.Objective{Availability: 0.999}}
}

func describe[L comparable](t testing.TB, configure otelsli.CatalogOption, s otelsli.Spec, series ...L) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	if err := catalog.Configure(configure); err != nil {
		t.Fatal(err)
	}
	if _, err := otelsli.New(s, series, otelsli.WithCatalog(catalog)); err != nil {
		t.Fatal(err)
	}
	return catalog.Describe()
}

func ExampleCompare() {
	declare := func(availability float64) *otelsli.Description {
		catalog := otelsli.NewCatalog()
		otelsli.MustNew(otelsli.Spec{Name: "place_order", Objective: otelsli.Objective{Availability: availability}},
			[]labels{{"web"}}, otelsli.WithCatalog(catalog))
		return catalog.Describe()
	}
	report, err := diff.Compare(declare(0.999), declare(0.9))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range report.Changes {
		fmt.Printf("%s: %s %s: %s becomes %s. Series: %s.\n", c.Severity, c.SLI, c.Field, c.Old, c.New, c.Series)
	}
	for _, a := range report.Alerts[:1] {
		fmt.Println(a.Tier, a.Change)
	}
	// Output:
	// notice: place_order Objective.Availability: 0.999 becomes 0.9. Series: unaffected.
	// page-fast removed
}

func TestCompare(t *testing.T) {
	t.Parallel()
	with := func(f func(*otelsli.Spec)) *otelsli.Description {
		s := spec()
		f(&s)
		return describe(t, nil, s, labels{"web"})
	}
	old := describe(t, nil, spec(), labels{"web"})
	for name, test := range map[string]struct {
		new      *otelsli.Description
		severity diff.Severity
		field    string
		series   string
		alerts   int
	}{
		"nothing":      {old, diff.None, "", "", 0},
		"renamed":      {with(func(s *otelsli.Spec) { s.Name = "order" }), diff.Break, "Name", "the series of place_order end and those of order start at 0: history is lost", 8},
		"replaced":     {with(func(s *otelsli.Spec) { s.Name, s.Objective.Availability = "order", 0.99 }), diff.Break, "", "end", 8},
		"objective":    {with(func(s *otelsli.Spec) { s.Objective.Availability = 0.99 }), diff.Notice, "Objective.Availability", "unaffected", 4},
		"no objective": {with(func(s *otelsli.Spec) { s.Objective = otelsli.Objective{} }), diff.Notice, "Objective.Availability", "unaffected", 4},
		"apdex":        {with(func(s *otelsli.Spec) { s.Objective.Apdex = 0.99 }), diff.Notice, "Objective.Apdex", "unaffected", 4},
		"window":       {with(func(s *otelsli.Spec) { s.Objective.Window = 7 * 24 * time.Hour }), diff.Notice, "Objective.Window", "unaffected", 4},
		"threshold":    {with(func(s *otelsli.Spec) { s.Threshold = time.Minute }), diff.Notice, "Threshold", "continue, with the new threshold", 0},
		"kind":         {with(func(s *otelsli.Spec) { s.Kind, s.Threshold = otelsli.ErrorRate, 0 }), diff.Break, "Kind", "those of apdex end", 0},
		"owner":        {with(func(s *otelsli.Spec) { s.Owner = "me" }), diff.None, "Owner", "unaffected", 0},
		"new label":    {describe(t, nil, spec(), finer{"web", "gold"}), diff.Break, "labels", "all start at 0", 0},
		"new value":    {describe(t, nil, spec(), labels{"web"}, labels{"app"}), diff.Notice, "series", "1 start at 0, 0 are no longer declared", 0},
		"prefix":       {describe(t, otelsli.WithPrefix("gitlab_sli"), spec(), labels{"web"}), diff.Break, "prefix", "all history is lost", 0},
		"layout":       {describe(t, otelsli.WithLayout(otelsli.Outcomes), spec(), labels{"web"}), diff.Break, "layout", "all history is lost", 0},
		"removed":      {nil, diff.Break, "", "end", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := diff.Compare(old, test.new)
			if err != nil {
				t.Fatal(err)
			}
			if r.Worst() != test.severity || len(r.Alerts) != test.alerts {
				t.Errorf("%s with %d alerts, want %s with %d: %+v", r.Worst(), len(r.Alerts), test.severity, test.alerts, r)
			}
			for _, c := range r.Changes {
				if c.Field == test.field && strings.Contains(c.Series, test.series) {
					return
				}
			}
			if test.series != "" {
				t.Errorf("lacks %s %q: %+v", test.field, test.series, r.Changes)
			}
		})
	}
}

// What grows is no break: a kind that is added.
func TestKindGrows(t *testing.T) {
	t.Parallel()
	less := spec()
	less.Kind, less.Threshold = otelsli.ErrorRate, 0
	r, err := diff.Compare(describe(t, nil, less, labels{"web"}), describe(t, nil, spec(), labels{"web"}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Worst() != diff.Notice || r.Changes[0].Series != "those of apdex start at 0, the others continue" || r.Series != (diff.Delta{Old: 5, New: 8}) {
		t.Errorf("%+v", r)
	}
}

// In the layout Outcomes a kind is a matter of slow events alone: the other outcomes are always there.
func TestKindInOutcomes(t *testing.T) {
	t.Parallel()
	of := func(kind otelsli.Kind) *otelsli.Description {
		s := spec()
		s.Kind, s.Objective = kind, otelsli.Objective{}
		if kind == otelsli.ErrorRate {
			s.Threshold = 0
		}
		return describe(t, otelsli.WithLayout(otelsli.Outcomes), s, labels{"web"})
	}
	both, rate, apdex := of(otelsli.ErrorRate|otelsli.Apdex), of(otelsli.ErrorRate), of(otelsli.Apdex)
	for _, test := range []struct {
		before, after *otelsli.Description
		severity      diff.Severity
		series        string
	}{
		{both, apdex, diff.Notice, "unaffected"},
		{apdex, both, diff.Notice, "unaffected"},
		{rate, apdex, diff.Notice, "those of apdex start at 0, the others continue"},
		{both, rate, diff.Break, "those of apdex end"},
	} {
		c := compare(t, test.before, test.after).Changes[0]
		if c.Field != "Kind" || c.Severity != test.severity || c.Series != test.series {
			t.Errorf("%+v, want %s: %s", c, test.severity, test.series)
		}
	}
}

// An objective that is new has no records yet, and one that is gone leaves none.
func TestObjectivesComeAndGo(t *testing.T) {
	t.Parallel()
	with := func(o otelsli.Objective) *otelsli.Description {
		s := spec()
		s.Objective = o
		return describe(t, nil, s, labels{"web"})
	}
	none, one := with(otelsli.Objective{}), with(otelsli.Objective{Availability: 0.999})
	for _, test := range []struct {
		before, after *otelsli.Description
		rules         string
	}{
		{none, one, "the budget does not cover the time before"},
		{one, none, "its records, alerts and budget end"},
		{one, with(otelsli.Objective{Availability: 0.999, Apdex: 0.9}), "the budget does not cover the time before"},
		{one, with(otelsli.Objective{Availability: 0.99}), "the budget is recalculated for the events so far"},
	} {
		r := compare(t, test.before, test.after)
		if len(r.Changes) != 1 || !strings.Contains(r.Changes[0].Rules, test.rules) {
			t.Errorf("%+v, want one with %q", r.Changes, test.rules)
		}
	}
}

// The thresholds of single series are compared, too.
func TestThresholdsOfSeries(t *testing.T) {
	t.Parallel()
	with := func(app time.Duration, series ...labels) *otelsli.Description {
		catalog := otelsli.NewCatalog()
		_, err := otelsli.New(spec(), append(series, labels{"web"}, labels{"app"}), otelsli.WithCatalog(catalog), otelsli.WithThreshold(func(l labels) time.Duration {
			return map[string]time.Duration{"app": app}[l.Channel]
		}))
		if err != nil {
			t.Fatal(err)
		}
		return catalog.Describe()
	}
	for _, test := range []struct {
		before, after *otelsli.Description
		severity      diff.Severity
		old, now      string
		series        string
	}{
		{with(time.Second), with(time.Minute), diff.Notice, "1s", "1m0s", "label combinations: 1 with the new threshold from the deployment on"},
		{with(time.Minute), with(time.Hour, labels{"new"}), diff.Notice, "1m0s", "1h0m0s", ": 1 with the new threshold"},
		{with(time.Second), with(-1), diff.Break, "1s", "none", ": 1 without an apdex, so its series end"},
		{with(-1), with(time.Second), diff.Notice, "none", "1s", ": 1 with an apdex that starts at 0"},
		{with(-1), with(-1), diff.None, "", "", ""},
	} {
		r := compare(t, test.before, test.after)
		var got diff.Change
		for _, c := range r.Changes {
			if c.Field == "series: threshold" {
				got = c
			}
		}
		if r.Worst() != test.severity || got.Old != test.old || got.New != test.now || !strings.Contains(got.Series, test.series) {
			t.Errorf("%s: %+v, want %+v", r.Worst(), r.Changes, test)
		}
	}
}

// The order of the fields of a struct of labels is of no account: a series is a set of labels.
func TestOrderOfLabels(t *testing.T) {
	t.Parallel()
	type turned struct{ Tier, Channel string }
	before := describe(t, nil, spec(), finer{"web", "gold"}, finer{"app", "free"})
	after := describe(t, nil, spec(), turned{"gold", "web"}, turned{"free", "app"})
	if r := compare(t, before, after); len(r.Changes) != 0 {
		t.Errorf("%+v", r.Changes)
	}
}

func TestCompareSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := diff.Compare(nil, nil, rules.WithInterval(time.Hour)); err == nil || !strings.Contains(err.Error(), "WithInterval") {
		t.Errorf("%v", err)
	}
	r, err := diff.Compare(nil, nil)
	if err != nil || len(r.Changes) != 0 || r.Worst() != diff.None {
		t.Errorf("%+v, %v", r, err)
	}
}
