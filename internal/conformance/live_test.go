package conformance

import (
	"regexp"
	"strings"
	"testing"
	"time"

	promrules "github.com/prometheus/prometheus/rules"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// seen is what became of one alert under the rule manager.
type seen struct {
	fired, ended time.Time
	alert        promrules.Alert
}

// watch lets the manager evaluate, and notes the firing alerts by name and tier.
func (e *evaluator) watch(from, to time.Time) map[string]*seen {
	all := make(map[string]*seen)
	e.live(from, to, func(at time.Time, active []*promrules.Alert) {
		firing := make(map[string]bool)
		for _, a := range active {
			if a.State != promrules.StateFiring {
				continue
			}
			key := strings.TrimSuffix(a.Labels.Get("alertname")+"/"+a.Labels.Get("tier"), "/")
			firing[key] = true
			if all[key] == nil {
				all[key] = &seen{fired: at, alert: *a}
			}
		}
		for key, s := range all {
			if !firing[key] && s.ended.IsZero() {
				s.ended = at
			}
		}
	})
	return all
}

// An outage under the rule manager: the page fires, says in words what there is to know, and ends.
func TestOutageLive(t *testing.T) {
	t.Parallel()
	for _, m := range someModes() {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, m)
			w.start()
			w.run(2*time.Hour, load{rps: 10})
			e := w.rules(rules.WithDashboardURL("https://grafana.example/d/slo?var-sli={sli}&var-job={job}&var-severity={severity}"))
			e.history(epoch, w.at())
			begins := w.at()
			w.run(10*time.Minute, load{rps: 10, failed: 0.3})
			w.run(15*time.Minute, load{rps: 10})
			all := e.watch(begins, w.at())
			page := all[rules.AlertBudgetBurn+"/"+rules.PageFast]
			if page == nil || page.fired.Sub(begins) > late+3*time.Minute || page.ended.IsZero() {
				t.Fatalf("the page: %+v, want it to begin within minutes and to end", page)
			}
			for name, want := range map[string]string{
				"severity": "page", "job": jobName, "sli": w.spec.Name, "long_window": "1h", "short_window": "5m",
			} {
				if got := page.alert.Labels.Get(name); got != want {
					t.Errorf("label %s is %q, want %q", name, got, want)
				}
			}
			description := page.alert.Annotations.Get("description")
			for _, want := range []string{"% of place_order events ", " in the last 1h; the objective ", " times the sustainable rate: ", " was spent in the last 1h, ", " of its 30d."} {
				if !strings.Contains(description, want) {
					t.Errorf("description %q, want %q in it", description, want)
				}
			}
			if want := "https://grafana.example/d/slo?var-sli=place_order&var-job=shop&var-severity=page"; page.alert.Annotations.Get("dashboard_url") != want {
				t.Errorf("dashboard_url %q, want %q", page.alert.Annotations.Get("dashboard_url"), want)
			}
			if want := "docs/runbooks.md#sloerrorbudgetburn"; !strings.HasSuffix(page.alert.Annotations.Get("runbook_url"), want) {
				t.Errorf("runbook_url %q, want it to end in %q", page.alert.Annotations.Get("runbook_url"), want)
			}
		})
	}
}

// A budget that is spent does not end at any pace.
func TestSpentInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mode{otelsli.Counters, false, names.UnderscoreEscapingWithSuffixes})
	w.start()
	w.run(2*time.Hour, load{rps: 10, failed: 0.002})
	e := w.rules()
	e.history(epoch, w.at())
	begins := w.at()
	w.run(5*time.Minute, load{rps: 10, failed: 0.3})
	page := e.watch(begins, w.at())[rules.AlertBudgetBurn+"/"+rules.PageFast]
	if page == nil {
		t.Fatal("no page")
	}
	if got := page.alert.Annotations.Get("description"); !strings.Contains(got, " times the whole budget was spent in the last 1h, and nothing is left. So far the budget covers only ") {
		t.Errorf("description: %q", got)
	}
}

// Presence: an idle service is quiet, a service whose series or whose targets are gone is not.
func TestPresence(t *testing.T) {
	t.Parallel()
	for _, m := range someModes() {
		for name, c := range map[string]struct {
			change func(*world)
			want   string
		}{
			"idle":         {func(*world) {}, ""},
			"series gone":  {func(w *world) { w.lose(w.pods[0]) }, rules.AlertSeriesGone},
			"targets gone": {func(w *world) { w.stop(w.pods[0], true) }, rules.AlertTargetsDown},
			"targets down": {func(w *world) { w.cut() }, rules.AlertTargetsDown},
		} {
			t.Run(m.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, m)
				w.start()
				w.run(time.Hour, load{rps: 1})
				e := w.rules()
				e.history(epoch, w.at())
				begins := w.at()
				c.change(w)
				w.run(20*time.Minute, load{})
				all := e.watch(begins, w.at())
				if c.want != "" && all[c.want] == nil {
					t.Errorf("%s did not fire", c.want)
				}
				for alert, s := range all {
					if alert != c.want {
						t.Errorf("%s fired at %v", alert, s.fired)
					}
				}
			})
		}
	}
}

// What a page says of the budget is counted in events. An outage of a quiet night is a small part of
// the budget of a service that is busy by day, whatever its burn rate times the hour comes to.
func TestQuietNightInWords(t *testing.T) {
	t.Parallel()
	for _, m := range someModes() {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, m)
			w.spec.Objective.Window = day
			w.start()
			w.run(20*time.Hour, load{rps: 20})
			w.run(3*time.Hour, load{rps: 0.1})
			e := w.rules()
			e.history(epoch, w.at())
			begins := w.at()
			w.run(5*time.Minute, load{rps: 0.1, failed: 1})
			page := e.watch(begins, w.at())[rules.AlertBudgetBurn+"/"+rules.PageFast]
			if page == nil {
				t.Fatal("no page")
			}
			got := page.alert.Annotations.Get("description")
			// About ten of 1,440,000 events have failed by now, and 1,440 may.
			if !regexp.MustCompile(`: 0\.[5-9]\d+% of it was spent in the last 15m, 99\.\d+% is left, and at this rate it runs out in 1d`).MatchString(got) {
				t.Errorf("description %q", got)
			}
			if strings.Contains(got, "So far") || strings.Contains(got, "?") {
				t.Errorf("description %q", got)
			}
		})
	}
}
