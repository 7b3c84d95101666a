package conformance

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// everyMode runs a case in all modes. Under the race detector, which has little to find in an
// evaluation by one goroutine and takes ten times as long, it is one mode, and with -short one
// translation. One of the four is left out everywhere: TestUnderscores shows that it makes no
// difference.
func everyMode(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	all := slices.DeleteFunc(modes(), func(m mode) bool { return m.strategy == names.UnderscoreEscapingWithoutSuffixes })
	if testing.Short() || raceEnabled {
		all = someModes()
	}
	for _, m := range all {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			run(t, newWorld(t, m))
		})
	}
}

// someModes are those of one translation, and one of them under the race detector.
func someModes() []mode {
	if raceEnabled {
		return modes()[:1]
	}
	return modes()[:3]
}

// tolerance of a comparison: a share and a number of events.
type tolerance struct{ share, events float64 }

var usual = tolerance{0.01, 3}

func (tol tolerance) holds(got, want float64) bool {
	return math.Abs(got-want) <= tol.share*math.Abs(want)+tol.events
}

// matches compares what was recorded for every window, and for the period, with what happened.
func (w *world) matches(e *evaluator, job string, tol tolerance, windows ...time.Duration) {
	w.t.Helper()
	for _, slo := range []string{otelsli.SLOAvailability, otelsli.SLOApdex} {
		sel := func(record string) string {
			return names.Selector{Metric: record}.With(names.Equal("job", job), names.Equal("sli", w.spec.Name), names.Equal("slo", slo)).String()
		}
		check := func(record string, want int64) {
			w.t.Helper()
			if got, ok := e.value(sel(record), w.at()); !ok || !tol.holds(got, float64(want)) {
				w.t.Errorf("%s %s of %s is %.2f (there: %v), want %d", slo, record, job, got, ok, want)
			}
		}
		base := sel(rules.RecordCountedEvents + "5m")
		compare := func(events, errors string, window time.Duration, summed bool) {
			w.t.Helper()
			at := w.asOf(e, sel(events), w.at())
			if summed { // it knows what the base knew then
				at = w.asOf(e, base, at)
			}
			wantEvents, wantErrors := judged(w.truth.in(job, at, window), slo)
			check(events, wantEvents)
			check(errors, wantErrors)
		}
		for _, window := range windows {
			compare(rules.EventsIncrease(window), rules.ErrorsIncrease(window), window, window > 6*time.Hour)
		}
		compare(rules.RecordPeriodEvents, rules.RecordPeriodErrors, w.spec.Objective.Window, true)
	}
}

// asOf is when a record was made that is seen at a time.
func (w *world) asOf(e *evaluator, record string, seen time.Time) time.Time {
	w.t.Helper()
	at, ok := e.value("timestamp("+record+")", seen)
	if !ok {
		w.t.Errorf("%s: nothing recorded", record)
		return w.at()
	}
	return time.UnixMilli(int64(math.Round(at * 1000))).UTC()
}

// left is what is left of the budget.
func (w *world) left(e *evaluator, slo string) float64 {
	w.t.Helper()
	sel := names.Selector{Metric: rules.RecordBudgetRemaining}.With(names.Equal("sli", w.spec.Name), names.Equal("slo", slo), names.Equal("job", jobName))
	v, ok := e.value(sel.String(), w.at())
	if !ok {
		w.t.Errorf("%s: nothing recorded", sel)
	}
	return v
}

var allWindows = []time.Duration{
	5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour,
}

func (w *world) quiet(fired firings) {
	w.t.Helper()
	for _, f := range fired {
		w.t.Errorf("fired from %v to %v: %v", f.from, f.to, f.labels)
	}
}

// Both translations with underscores name all that a catalog emits alike, so that the rules are
// the same, too.
func TestUnderscores(t *testing.T) {
	t.Parallel()
	for i, m := range modes()[:3] {
		other := modes()[3+i]
		var files [2]bytes.Buffer
		var names [2][]string
		for j, m := range []mode{m, other} {
			w := newWorld(t, m)
			w.start()
			w.run(time.Minute, load{rps: 1})
			for name := range w.store.byName {
				names[j] = append(names[j], name)
			}
			slices.Sort(names[j])
			set, err := m.set(w.pods[0].catalog.Describe(), w.spec.Objective.Window)
			if err != nil {
				t.Fatal(err)
			}
			if err := set.Write(&files[j], rules.Prometheus{}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(names[0], names[1]) || files[0].String() != files[1].String() {
			t.Errorf("%v and %v differ: series %v and %v", m, other, names[0], names[1])
		}
	}
}

// Case A: healthy, nothing has ever failed. Other generators have no data.
func TestHealthy(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.run(8*time.Hour, load{rps: 5})
		e := w.rules()
		w.quiet(e.history(epoch, w.at()))
		w.matches(e, jobName, usual, allWindows...)
		for _, slo := range []string{otelsli.SLOAvailability, otelsli.SLOApdex} {
			if left := w.left(e, slo); left != 1 {
				t.Errorf("%s budget left: %v, want 1", slo, left)
			}
		}
	})
}

// Case B: the first thing that a new pod does is to fail 5,000 times before it is scraped.
func TestBurstAtBirth(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		old := w.start()
		w.run(3*time.Hour, load{rps: 20})
		burst := w.start()
		for range 5000 {
			w.event(burst, otelsli.Failed, false)
		}
		w.run(10*time.Minute, load{rps: 20})
		e := w.rules()
		fired := e.history(epoch, w.at())
		w.matches(e, jobName, usual, allWindows...)
		if got := fired.of(rules.AlertBudgetBurn, "tier", rules.PageFast, "slo", otelsli.SLOAvailability); len(got) != 1 {
			t.Errorf("pages: %v, want one", got)
		}
		w.stop(old, true)
	})
}

// Case C: 20 minutes without any traffic. Others have a budget of NaN for weeks.
func TestQuietSpell(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.run(2*time.Hour, load{rps: 2, failed: 0.0005})
		w.run(20*time.Minute, load{})
		e := w.rules()
		w.quiet(e.history(epoch, w.at()))
		w.matches(e, jobName, tolerance{0.01, 30}, allWindows...) // what 15 s hold, at the edge of the spell
		w.run(2*time.Hour, load{rps: 2, failed: 0.0005})
		w.quiet(e.history(w.at().Add(-2*time.Hour), w.at()))
		w.matches(e, jobName, tolerance{0.01, 30}, allWindows...)
		if left := w.left(e, otelsli.SLOAvailability); math.Abs(left-0.5) > 0.03 {
			t.Errorf("budget left: %v, want 0.5", left)
		}
	})
}

// Case D: 23 busy hours and a quiet one in which half of the few events fail. Others weigh the
// hours alike and are wrong by a factor of 91.
func TestQuietHourFails(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.run(time.Hour, load{rps: 0.1, failed: 0.5})
		w.run(23*time.Hour, load{rps: 10})
		e := w.rules()
		e.history(epoch, w.at())
		w.matches(e, jobName, usual, allWindows...)
		c := w.truth.in(jobName, w.at(), 24*time.Hour)
		want := 1 - float64(c[otelsli.Failed])/float64(c.Total())/0.001
		if left := w.left(e, otelsli.SLOAvailability); math.Abs(left-want) > 0.005 {
			t.Errorf("budget left: %v, want %v", left, want)
		}
	})
}

// Case E: ten events in two hours, and one of them fails. That wakes nobody.
func TestOneOfTenFails(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		p := w.start()
		for i := range 10 {
			w.run(12*time.Minute, load{})
			outcome := otelsli.Success
			if i == 6 {
				outcome = otelsli.Failed
			}
			w.event(p, outcome, false)
		}
		w.run(6*time.Hour, load{})
		e := w.rules()
		w.quiet(e.history(epoch, w.at()))
		w.matches(e, jobName, usual, allWindows...)
	})
}

// A full outage of a service with an event in five minutes does alert: what is asked for is
// failures, not traffic.
func TestQuietOutage(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.run(3*time.Hour, load{rps: 1.0 / 300})
		w.run(time.Hour, load{rps: 1.0 / 300, failed: 1})
		e := w.rules()
		fired := e.history(epoch, w.at())
		if got := fired.of(rules.AlertBudgetBurn, "tier", rules.PageFast); len(got) == 0 {
			t.Error("no page for a full outage")
		}
	})
}

// Rolling deployments of four pods every half hour, whose every pod fails 45 times at first.
func TestRollingDeploys(t *testing.T) {
	t.Parallel()
	for name, clean := range map[string]bool{"clean": true, "killed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyMode(t, func(t *testing.T, w *world) {
				l := load{rps: 5, slow: 0.002}
				var pods []*pod
				for range 4 {
					pods = append(pods, w.start())
				}
				w.run(2*time.Hour, l)
				for range 3 {
					for i := range pods {
						w.stop(pods[i], clean)
						pods[i] = w.start()
						for range 45 {
							w.event(pods[i], otelsli.Failed, false)
						}
						w.run(time.Minute, l)
					}
					w.run(26*time.Minute, l)
				}
				e := w.rules()
				e.history(epoch, w.at())
				// An increase is extrapolated by up to half a scrape at the birth and at the end of
				// each series: 24 of them.
				w.matches(e, jobName, tolerance{0.01, 45}, allWindows...)
				if c := w.truth.in(jobName, w.at(), 24*time.Hour); c[otelsli.Failed] != 3*4*45 {
					t.Fatalf("%d failed, want %d", c[otelsli.Failed], 3*4*45)
				}
			})
		})
	}
}

// A crash loop: the same pod begins its counters anew about every 2 minutes, and fails 40 times
// before each crash. Around a reset only increase() knows what there was, and it extrapolates.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		bad := w.start()
		w.run(2*time.Hour, load{rps: 5})
		for range 28 {
			w.run(2*time.Minute, load{rps: 5})
			for range 40 {
				w.event(bad, otelsli.Failed, false)
			}
			w.run(15*time.Second, load{rps: 5})
			bad.restart(w)
		}
		w.run(10*time.Minute, load{rps: 5})
		e := w.rules()
		fired := e.history(epoch, w.at())
		w.matches(e, jobName, tolerance{0.05, 5}, 2*time.Hour, 6*time.Hour, 24*time.Hour, 72*time.Hour)
		if len(fired.of(rules.AlertBudgetBurn, "tier", rules.PageFast)) == 0 {
			t.Error("no page")
		}
	})
}

// Nothing is scraped for 20 minutes, in which a fifth of all events fail. What happened is known
// afterwards, in every window and in the budget.
func TestScrapeGap(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.start()
		w.run(3*time.Hour, load{rps: 5})
		w.cut()
		w.run(20*time.Minute, load{rps: 5, failed: 0.2})
		w.mend()
		w.run(40*time.Minute, load{rps: 5})
		e := w.rules()
		e.history(epoch, w.at())
		w.matches(e, jobName, tolerance{0.02, 5}, 5*time.Minute, 30*time.Minute, 2*time.Hour, 6*time.Hour, 24*time.Hour, 72*time.Hour)
		c := w.truth.in(jobName, w.at(), 24*time.Hour)
		if c[otelsli.Failed] != 2400 {
			t.Fatalf("%d failed, want 2400", c[otelsli.Failed])
		}
		want := 1 - 2400/float64(c.Total())/0.001
		if left := w.left(e, otelsli.SLOAvailability); math.Abs(left-want) > 0.02*math.Abs(want) {
			t.Errorf("budget left: %v, want %v", left, want)
		}
	})
}

// Two services have an SLI of the same name. Neither is in the other's figures.
func TestTwoJobs(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.job = "other"
		other := w.start()
		w.run(2*time.Hour, load{rps: 5})
		for range 2000 {
			w.event(other, otelsli.Failed, false)
		}
		w.run(time.Hour, load{rps: 5})
		e := w.rules()
		fired := e.history(epoch, w.at())
		w.matches(e, jobName, usual, allWindows...)
		if w.mode.static {
			w.matches(e, "other", usual, allWindows...)
		}
		w.quiet(fired.of(rules.AlertBudgetBurn, "job", jobName))
	})
}

// A service hangs, and its callers give up after a second: no error of its own, and no success.
func TestHungService(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		w.start()
		w.run(3*time.Hour, load{rps: 5})
		w.run(33*time.Minute, load{rps: 5, hung: true})
		e := w.rules()
		fired := e.history(epoch, w.at())
		w.matches(e, jobName, usual, allWindows...)
		if len(fired.of(rules.AlertBudgetBurn, "tier", rules.PageFast, "slo", otelsli.SLOAvailability)) != 1 {
			t.Error("no page for a hung service")
		}
	})
}

// The objective and the owner are edited. What was counted before stays, and is held to what the
// objective now is.
func TestObjectiveEdited(t *testing.T) {
	t.Parallel()
	everyMode(t, func(t *testing.T, w *world) {
		before := w.start()
		w.run(3*time.Hour, load{rps: 5, failed: 0.002})
		e := w.rules(rules.WithMinFailures(1e6))
		e.history(epoch, w.at())
		edited := w.at()
		w.spec.Objective.Availability, w.spec.Owner = 0.99, "team-checkout"
		w.stop(before, true)
		w.start()
		w.run(3*time.Hour, load{rps: 5, failed: 0.002})
		old := e
		e = w.rules(rules.WithMinFailures(1e6))
		old.replace(e, edited)
		e.history(edited, w.at())
		w.matches(e, jobName, tolerance{0.01, 12}, allWindows...)
		if left := w.left(e, otelsli.SLOAvailability); math.Abs(left-0.8) > 0.01 {
			t.Errorf("budget left: %v, want 0.8", left)
		}
	})
}
