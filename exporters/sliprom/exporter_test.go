package sliprom

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := New(otelsli.NewCatalog(), WithGatherers(nil), WithGatherers(prometheus.NewRegistry(), nil))
	var field *otelsli.FieldError
	if !errors.As(err, &field) || !strings.Contains(err.Error(), "gatherer 1") || !strings.Contains(err.Error(), "gatherer 3") {
		t.Errorf("error %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	logger := slog.New(slog.DiscardHandler)
	defaults := config{hold: 30 * time.Second, siblingTimeout: 5 * time.Second, writeTimeout: 30 * time.Second, concurrent: 64}
	for _, test := range []struct {
		name    string
		options []Option
		want    config
	}{
		{"none", nil, defaults},
		{"nil", []Option{nil}, defaults},
		{"zero is the default", []Option{WithSiblingTimeout(0), WithWriteTimeout(0), WithConcurrentScrapes(-1), WithLogger(nil)}, defaults},
		{"no hold", []Option{WithHold(-1)}, config{siblingTimeout: 5 * time.Second, writeTimeout: 30 * time.Second, concurrent: 64}},
		{
			"all",
			[]Option{WithHold(1), WithSiblingTimeout(2), WithWriteTimeout(3), WithConcurrentScrapes(4), WithCreatedSamples(), WithLogger(logger)},
			config{hold: 1, siblingTimeout: 2, writeTimeout: 3, concurrent: 4, created: true, logger: logger},
		},
	} {
		if diff := cmp.Diff(test.want, newConfig(test.options), cmp.AllowUnexported(config{}), cmp.Comparer(func(a, b *slog.Logger) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	c := newConfig([]Option{
		WithGatherers(prometheus.NewRegistry()), WithGatherers(prometheus.NewRegistry()),
		WithOTelOptions(otelprom.WithoutScopeInfo()), WithOTelOptions(otelprom.WithoutTargetInfo()),
	})
	if len(c.gatherers) != 2 || len(c.otel) != 2 {
		t.Errorf("%d gatherers, %d options: want both to add up", len(c.gatherers), len(c.otel))
	}
}

func TestNilCatalogIsTheDefaultOne(t *testing.T) {
	t.Parallel()
	e, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.catalog != otelsli.Default() {
		t.Error("another catalog")
	}
}

// Every declared series is there at 0 before anything happens; an empty catalog breaks nothing.
func TestFirstScrape(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		got := scraped(t, open(t, newShop(t, otelsli.WithLayout(layout)).catalog).Handler())
		for name, value := range got {
			if !strings.HasPrefix(name, "sli_objective") && value != 0 {
				t.Errorf("%s = %v", name, value)
			}
		}
		want := map[otelsli.Layout]int{
			otelsli.Counters: 2*6 + 3 + 4, // place_order, pay, undeclared
			otelsli.Outcomes: 2*4 + 3 + 4, // without slow for pay
		}[layout] + 6 + int(problemKinds)
		if len(got) != want {
			t.Errorf("%v: %d samples, want %d: %v", layout, len(got), want, got)
		}
	}
	empty := otelsli.NewCatalog()
	e := open(t, empty)
	if got := scraped(t, e.Handler()); len(got.only("sli_")) != 0 {
		t.Errorf("an empty catalog: %v", got)
	}
	otelsli.MustNew(otelsli.Spec{Name: "late"}, []struct{}{}, otelsli.WithCatalog(empty))
	scraped(t, e.Handler()).want(t, samples{"sli_late_total{}": 0})
}

// An SLI without series has its objective, and no family that encoders would refuse.
func TestSLIWithoutSeries(t *testing.T) {
	t.Parallel()
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{Name: "routes", Objective: otelsli.Objective{Availability: 0.99}}, []orderLabels{}, otelsli.WithCatalog(catalog))
	e := open(t, catalog, WithGatherers(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{counterFamily("empty_total")}, nil // nor does anybody else's
	})))
	get(t, e.Handler(), acceptText)
	got := scraped(t, e.Handler())
	got.want(t, samples{`sli_objective_ratio{sli="routes",slo="availability"}`: 0.99, problemCount(encodeFailed): 0})
	got.lack(t, "sli_routes")
}

func TestFamiliesAndLabelsAreSortedAndLintFree(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		s := newShop(t, otelsli.WithLayout(layout))
		otelsli.MustNew(otelsli.Spec{Name: "zz"}, []struct{ Z, A, M string }{{"1", "2", "3"}}, otelsli.WithCatalog(s.catalog))
		families, err := open(t, s.catalog, WithGatherers(register(t, "b_total", "sli_p_total", "zzz_total"))).Gather()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range families {
			names = append(names, f.GetName())
			for _, m := range f.Metric {
				var labels []string
				for _, l := range m.Label {
					labels = append(labels, l.GetName())
				}
				if !slices.IsSorted(labels) {
					t.Errorf("%s: labels %v", f.GetName(), labels)
				}
			}
		}
		if !slices.IsSorted(names) || len(slices.Compact(names)) != len(families) {
			t.Errorf("families %v", names)
		}
		problems, err := promlint.NewWithMetricFamilies(families).Lint()
		if err != nil || len(problems) > 0 {
			t.Errorf("lint: %v, %v", problems, err)
		}
	}
}

// What Gather has returned does not change under its caller.
func TestGatherGivesTheResultAway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog)
	first, _ := e.Gather()
	before := flatten(first)
	s.sell(t)
	second, _ := e.Gather()
	get(t, e.Handler(), acceptText)
	if diff := cmp.Diff(before, flatten(first)); diff != "" {
		t.Errorf("the first result changed:\n%s", diff)
	}
	flatten(second).want(t, samples{goldTotal: 10})
}
