package conformance

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

const day = 24 * time.Hour

func plain(t *testing.T) *world {
	return newWorld(t, mode{otelsli.Counters, false, names.UnderscoreEscapingWithSuffixes})
}

// is compares one number.
func (w *world) is(e *evaluator, query string, want, tolerated float64) {
	w.t.Helper()
	got, ok := e.value(query, w.at())
	if !ok || math.Abs(got-want) > tolerated {
		w.t.Errorf("%s is %v (there: %v), want %v", query, got, ok, want)
	}
}

// Series whose latency is not judged are no part of the apdex, in any layout.
func TestUnjudgedSeries(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.more = []otelsli.Option{otelsli.WithThreshold(func(o order) time.Duration {
			return map[string]time.Duration{"app": -1}[o.Channel]
		})}
		p := w.start()
		w.run(30*time.Minute, load{rps: 1})
		for range 1000 {
			p.sli.Record(t.Context(), order{"app"}, otelsli.Success)
		}
		for range 10 {
			p.sli.Record(t.Context(), order{"web"}, otelsli.Slow)
		}
		w.run(30*time.Minute, load{rps: 1})
		e := w.rules()
		e.history(epoch, w.at())
		for slo, want := range map[string]float64{otelsli.SLOAvailability: 4610, otelsli.SLOApdex: 3610} {
			w.is(e, fmt.Sprintf(`sli:events:increase6h{slo=%q}`, slo), want, 40)
		}
		w.is(e, `sli:errors:increase6h{slo="apdex"}`, 10, 0.5)
	})
}

// The budget over other periods than 30 days, and alerts with the windows of these.
func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, period := range []time.Duration{7 * day, 28 * day, 90 * day} {
		for _, m := range someModes() {
			t.Run(rules.Duration(period)+"/"+m.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, m)
				w.spec.Objective.Window = period
				w.start()
				w.run(9*time.Hour, load{rps: 2, failed: 0.0005})
				w.run(30*time.Minute, load{rps: 2, failed: 0.5})
				e := w.rules()
				fired := e.history(epoch, w.at())
				var windows []time.Duration
				for _, tier := range rules.StandardTiers(period) {
					windows = append(windows, tier.Long, tier.Short)
					if got := fired.of(rules.AlertBudgetBurn, "tier", tier.Name, "period", rules.Duration(period)); len(got) != 1 {
						t.Errorf("%s fired %d times, want once", tier.Name, len(got))
					}
				}
				w.matches(e, jobName, tolerance{0.01, 30}, windows...)
			})
		}
	}
}

// The static file for all periods serves each objective by its own, and complains about others.
func TestStaticServesEachPeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		window   time.Duration
		unserved bool
	}{{7 * day, false}, {28 * day, false}, {30 * day, false}, {90 * day, false}, {10 * day, true}} {
		w := newWorld(t, mode{otelsli.Outcomes, true, names.UnderscoreEscapingWithSuffixes})
		w.spec.Objective.Window = c.window
		w.start()
		w.run(time.Hour, load{rps: 20, failed: 0.0005})
		set, err := rules.Static([]time.Duration{7 * day, 28 * day, 30 * day, 90 * day})
		if err != nil {
			t.Fatal(err)
		}
		e := w.load(set)
		fired := e.history(epoch, w.at())
		if got := len(fired.of(rules.AlertPeriodUnserved)) > 0; got != c.unserved {
			t.Errorf("%v: complained: %v, want %v", c.window, got, c.unserved)
		}
		if c.unserved {
			continue
		}
		w.is(e, `slo:error_budget_remaining:ratio{slo="availability"}`, 0.5, 0.05)
		w.is(e, `slo:period:seconds{slo="availability"}`, c.window.Seconds(), 0)
	}
}

// Where rules were generated for a period that the static file does not serve, it is content.
func TestStaticBesideGenerated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mode{otelsli.Outcomes, false, names.UnderscoreEscapingWithSuffixes})
	w.spec.Objective.Window = 10 * day
	w.start()
	w.run(time.Hour, load{rps: 20, failed: 0.0005})
	w.rules().history(epoch, w.at())
	set, err := rules.Static(nil)
	if err != nil {
		t.Fatal(err)
	}
	fired := w.load(set).history(epoch, w.at())
	// Until there is a first record of the period it is pending; the history knows no `for`.
	if got := fired.of(rules.AlertPeriodUnserved); len(got) != 2 || got[0].to.After(epoch.Add(15*time.Minute)) {
		t.Errorf("complained %v, want an end within minutes", got)
	}
}

// The exact budget knows what happened before the rules were loaded.
func TestExactBudget(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.start()
	w.run(6*time.Hour, load{rps: 5, failed: 0.0005})
	e := w.rules(rules.WithExactBudget())
	e.history(w.at().Add(-20*time.Minute), w.at())
	w.is(e, `slo:error_budget_remaining:ratio{slo="availability"}`, 0.5, 0.02)
	w.is(e, `sli:events:increase_period{slo="availability"}`, 6*3600*5, 2000)
}

// Coverage grows with the age of the rules, and the budget says of when it is.
func TestCoverageAndAge(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.spec.Objective.Window = 7 * day
	w.start()
	w.run(42*time.Hour, load{rps: 1})
	e := w.rules()
	e.history(epoch, w.at())
	w.is(e, `slo:error_budget_coverage:ratio{slo="apdex"}`, 0.25, 0.002)
	w.is(e, `time() - slo:error_budget_as_of:timestamp_seconds{slo="apdex"}`, 180, 180)
}

// Feature categories and owners: each SLI weighs as many events as it has.
func TestCategoryBudgets(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.start()
	w.run(2*time.Hour, load{rps: 5, failed: 0.0005, slow: 0.005})
	e := w.rules()
	e.history(epoch, w.at())
	w.is(e, `slo:feature_category:error_budget_remaining:ratio{feature_category="checkout",slo="availability",job="shop",service="shop"}`, 0.5, 0.03)
	w.is(e, `slo:owner:error_budget_remaining:ratio{owner="team-orders",slo="apdex"}`, 0.5, 0.03)
	w.is(e, `slo:info{slo="apdex",objective="0.99",period="30d",owner="team-orders",feature_category="checkout"}`, 1, 0)
	w.is(e, `slo:objective:ratio{slo="apdex"} + slo:error_budget:ratio{slo="apdex"}`, 1, 1e-12)
	w.is(e, `slo:error_budget_consumed:ratio{slo="apdex"} + slo:error_budget_remaining:ratio{slo="apdex"}`, 1, 1e-12)
}

func TestBreakdown(t *testing.T) {
	t.Parallel()
	w := plain(t)
	p := w.start()
	w.run(time.Hour, load{rps: 1})
	for range 20 {
		p.sli.Record(t.Context(), order{"app"}, otelsli.Failed)
	}
	w.run(time.Hour, load{rps: 1})
	e := w.rules(rules.WithBreakdown())
	e.history(epoch, w.at())
	w.is(e, `sli:label_errors:increase_period{slo="availability",channel="app"}`, 20, 4)
	w.is(e, `sli:label_errors:increase_period{slo="availability",channel="web"}`, 0, 0)
	w.is(e, `sli:label_events:increase1h{slo="availability",channel="web"}`, 3600, 40)
}

func TestTrafficCeasedAndMostlyIgnored(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.start()
	w.run(26*time.Hour, load{rps: 1})
	w.run(time.Hour, load{rps: 1, ignored: 0.9})
	w.run(50*time.Minute, load{})
	e := w.rules(rules.WithTrafficCeased(), rules.WithMostlyIgnored())
	fired := e.history(epoch, w.at())
	for _, alert := range []string{rules.AlertTrafficCeased, rules.AlertMostlyIgnored} {
		if got := fired.of(alert, "sli", "place_order", "service", "shop"); len(got) != 1 {
			t.Errorf("%s fired %d times, want once: %v", alert, len(got), got)
		}
	}
}

// With a label of the target, each of its values has its own budget; the loss of one version is no
// loss of the service.
func TestGroupBy(t *testing.T) {
	t.Parallel()
	w := plain(t)
	old := w.start()
	w.run(time.Hour, load{rps: 2})
	for _, list := range w.store.byName {
		for _, x := range list {
			x.labels = labels.NewBuilder(x.labels).Set("version", x.labels.Get("instance")).Labels()
		}
	}
	next := w.start()
	w.run(15*time.Second, load{rps: 2})
	for _, list := range w.store.byName {
		for _, x := range list {
			x.labels = labels.NewBuilder(x.labels).Set("version", x.labels.Get("instance")).Labels()
		}
	}
	w.stop(old, true)
	for range 100 {
		w.event(next, otelsli.Failed, false)
	}
	w.run(time.Hour, load{rps: 2})
	e := w.rules(rules.WithGroupBy("version"))
	fired := e.history(epoch, w.at())
	w.is(e, `sli:errors:increase6h{slo="availability",version="pod-2"}`, 100, 2)
	w.is(e, `sli:errors:increase_period{slo="availability",version="pod-1"}`, 0, 0)
	if got := fired.of(rules.AlertSeriesGone); len(got) > 0 {
		t.Errorf("the old version is missed: %v", got)
	}
	if got := fired.of(rules.AlertBudgetBurn, "version", "pod-1"); len(got) > 0 {
		t.Errorf("the old version pages: %v", got)
	}
}

// Where processes push by OTLP there is no up; target_info says that they are there.
func TestPresenceOfPushed(t *testing.T) {
	t.Parallel()
	w := plain(t)
	p := w.start()
	w.run(time.Hour, load{rps: 1})
	e := w.rules()
	e.history(epoch, w.at())
	begins := w.at()
	delete(w.store.byName, "up")
	w.lose(p)
	w.run(20*time.Minute, load{})
	delete(w.store.byName, "up")
	info := w.store.at(labels.FromStrings(model.MetricNameLabel, "target_info", "job", jobName))
	for at := epoch; !at.After(w.at()); at = at.Add(time.Minute) {
		info.add(at.UnixMilli(), 1)
	}
	all := e.watch(begins, w.at())
	if all[rules.AlertSeriesGone] == nil || all[rules.AlertTargetsDown] != nil {
		t.Errorf("alerts: %v, want %s alone", all, rules.AlertSeriesGone)
	}
}
