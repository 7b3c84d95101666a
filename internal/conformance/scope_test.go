package conformance

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// twoPlaces is one service in two places, whose name is the same, and whose objectives are not.
func twoPlaces(t *testing.T) (w *world, staging, prod *evaluator) {
	t.Helper()
	w = plain(t)
	w.job = "staging/shop"
	w.start()
	w.job = "prod/shop"
	w.start()
	w.run(2*time.Hour, load{rps: 5})
	for range 10000 {
		w.event(w.pods[0], otelsli.Failed, false)
	}
	w.run(10*time.Minute, load{rps: 5})
	place := func(job string, target float64) *evaluator {
		w.spec.Objective.Availability = target
		w.pods[0].restart(w)
		set, err := rules.Generate(w.pods[0].catalog.Describe(), rules.Job(job))
		if err != nil {
			t.Fatal(err)
		}
		return w.load(set)
	}
	return w, place("staging/shop", 0.99), place("prod/shop", 0.999)
}

// The rules of a service in production do not look at what those of the same service in staging
// record: both are called shop, and only their jobs differ.
func TestSameServiceInTwoPlaces(t *testing.T) {
	t.Parallel()
	w, staging, prod := twoPlaces(t)
	inStaging := staging.history(epoch, w.at())
	inProd := prod.history(epoch, w.at())
	if got := inStaging.of(rules.AlertBudgetBurn, "slo", otelsli.SLOAvailability, "tier", rules.PageFast, "job", "staging/shop"); len(got) != 1 {
		t.Errorf("the rules of staging page %d times for it, want once", len(got))
	}
	w.quiet(inProd)
	w.is(prod, `slo:objective:ratio{slo="availability",job="prod/shop"}`, 0.999, 0)
	w.is(prod, `slo:objective:ratio{slo="availability",job="staging/shop"}`, 0.99, 0)
	w.is(prod, `slo:error_budget_remaining:ratio{slo="availability",job="prod/shop"}`, 1, 0)
	w.is(prod, `slo:info{slo="availability",job="staging/shop",objective="0.99"}`, 1, 0)
	w.is(prod, `slo:owner:error_budget_remaining:ratio{slo="availability",job="prod/shop"}`, 1, 0)
}

// Two namespaces have the same job. What is chosen by WithTargets is one of them, in records, budgets
// and alerts about presence.
func TestTargets(t *testing.T) {
	t.Parallel()
	w := plain(t)
	live, test := w.start(), w.start()
	w.run(15*time.Second, load{rps: 5})
	namespaces := func() {
		for _, list := range w.store.byName {
			for _, x := range list {
				if instance := x.labels.Get("instance"); instance != "" {
					namespace := map[string]string{live.name: "live", test.name: "test"}[instance]
					x.labels = labels.NewBuilder(x.labels).Set("namespace", namespace).Labels()
				}
			}
		}
	}
	w.run(time.Hour, load{rps: 5})
	for range 10000 {
		w.event(test, otelsli.Failed, false)
	}
	w.run(10*time.Minute, load{rps: 5})
	w.stop(live, true)
	namespaces()
	in := func(namespace string) *evaluator {
		return w.rules(rules.WithTargets(names.Equal("namespace", namespace)))
	}
	liveRules, testRules := in("live"), in("test")
	w.quiet(liveRules.history(epoch, w.at()))
	if got := testRules.history(epoch, w.at()).of(rules.AlertBudgetBurn, "namespace", "test", "tier", rules.PageFast, "slo", otelsli.SLOAvailability); len(got) != 1 {
		t.Errorf("the rules of the namespace test page %d times, want once", len(got))
	}
	w.is(liveRules, `slo:error_budget_remaining:ratio{slo="availability",namespace="live"}`, 1, 0)
	begins := w.at()
	w.run(20*time.Minute, load{rps: 5})
	namespaces()
	if got := liveRules.watch(begins, w.at()); len(got) != 1 || got[rules.AlertTargetsDown] == nil || got[rules.AlertTargetsDown].alert.Labels.Get("namespace") != "live" {
		t.Errorf("alerts of the namespace live: %v, want %s alone", got, rules.AlertTargetsDown)
	}
}

// Where only some targets have a label, those without it are a group, too.
func TestSomeLackTheLabel(t *testing.T) {
	t.Parallel()
	w := plain(t)
	with, without := w.start(), w.start()
	w.run(time.Hour, load{rps: 3})
	for range 3000 {
		w.event(with, otelsli.Failed, false)
		w.event(without, otelsli.Failed, false)
	}
	w.run(10*time.Minute, load{rps: 3})
	for _, list := range w.store.byName {
		for _, x := range list {
			if x.labels.Get("instance") == with.name {
				x.labels = labels.NewBuilder(x.labels).Set("zone", "a").Labels()
			}
		}
	}
	e := w.rules(rules.WithGroupBy("zone"))
	e.history(epoch, w.at())
	w.is(e, `sli:errors:increase1h{slo="availability",zone=""}`, 3000, 50)
	w.is(e, `sli:errors:increase1h{slo="availability",zone="a"}`, 3000, 50)
	w.is(e, `slo:owner:error_budget_remaining:ratio{slo="apdex",zone="a"}`, 1, 0)
}

// Each of the jobs that an expression matches has a budget and alerts of its own.
func TestJobsMatching(t *testing.T) {
	t.Parallel()
	w := plain(t)
	w.job = "shop-web"
	w.start()
	w.job = "shop-app"
	app := w.start()
	w.run(time.Hour, load{rps: 3})
	for range 3000 {
		w.event(app, otelsli.Failed, false)
	}
	w.run(10*time.Minute, load{rps: 3})
	set, err := rules.Generate(w.pods[0].catalog.Describe(), rules.JobsMatching("shop-.+"), rules.WithService("shop"))
	if err != nil {
		t.Fatal(err)
	}
	e := w.load(set)
	fired := e.history(epoch, w.at())
	if a, b := len(fired.of(rules.AlertBudgetBurn, "job", "shop-app")), len(fired.of(rules.AlertBudgetBurn, "job", "shop-web")); a == 0 || b != 0 {
		t.Errorf("%d alerts of the job that fails and %d of the other, want some and none", a, b)
	}
}
