package simulate_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

// incidents are of all shapes.
var incidents = []string{
	"outage for 10m at 10 rps",
	"0.05% failures for 3d at 10 rps",
	"2% failures and 3% slow for 3h at 50 rps",
	"outage for 6m at 2 rps, then healthy for 2h, then outage for 6m",
	"1 in 10 failures for 2h at 100 per hour",
	"100% slow for 20m at 1 rps, then no traffic for 1h, then 50% ignored for 1h",
}

// What holds for every incident and every objective.
func TestProperties(t *testing.T) {
	t.Parallel()
	for _, text := range incidents {
		in, err := simulate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []float64{0.9, 0.99, 0.999, 0.99999} {
			for _, period := range []time.Duration{7 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour} {
				for _, o := range simulate.Objectives(target, period) {
					r, err := simulate.Run(in, o)
					if err != nil {
						t.Fatal(err)
					}
					check(t, fmt.Sprintf("%s, %s %v over %s", text, o.SLO, target, rules.Duration(period)), in, o, r)
				}
			}
		}
	}
}

func check(t *testing.T, name string, in simulate.Incident, o rules.Objective, r *simulate.Result) {
	t.Helper()
	var fired []string
	for i, a := range r.Alerts {
		fired = append(fired, a.Tier.Name)
		if a.From < 0 || a.To <= a.From || !a.Ended {
			t.Errorf("%s: fires from %v to %v, ended: %v", name, a.From, a.To, a.Ended)
		}
		if a.Burn <= a.Tier.Factor {
			t.Errorf("%s: %s fires at a burn rate of %v", name, a.Tier.Name, a.Burn)
		}
		if i > 0 && r.Alerts[i-1].From > a.From {
			t.Errorf("%s: alerts are not in the order of time", name)
		}
	}
	for _, tier := range o.Tiers {
		quiet := slices.ContainsFunc(r.Quiet, func(t rules.Tier) bool { return t.Name == tier.Name })
		if quiet == slices.Contains(fired, tier.Name) {
			t.Errorf("%s: %s is quiet: %v, and fired: %v", name, tier.Name, quiet, !quiet)
		}
	}
	if r.Lasts != in.Lasts() || r.Bad > r.Events || r.Consumed < 0 || (r.Consumed >= 1) != (r.Exhausted >= 0) {
		t.Errorf("%s: %d of %d, %v of the budget, spent after %v", name, r.Bad, r.Events, r.Consumed, r.Exhausted)
	}
	if r.Bad > 0 && math.Abs(r.Consumed*r.Allowed-float64(r.Bad)) > 1e-6*float64(r.Bad) {
		t.Errorf("%s: %v of %v is not %d", name, r.Consumed, r.Allowed, r.Bad)
	}
	for i, p := range r.Curve {
		if p.Burn < 0 || i > 0 && (p.At <= r.Curve[i-1].At || p.Left > r.Curve[i-1].Left) {
			t.Errorf("%s: a curve with %+v", name, p)
			break
		}
	}
	if last := r.Curve[len(r.Curve)-1]; len(r.Alerts) > 0 && last.At <= r.Alerts[len(r.Alerts)-1].From {
		t.Errorf("%s: the curve ends at %v, before an alert", name, last.At)
	}
}

// A worse incident is found sooner, and costs more.
func TestWorseIsFoundSooner(t *testing.T) {
	t.Parallel()
	var last *simulate.Result
	for _, text := range []string{"2% failures for 4h at 10 rps", "5% failures for 4h at 10 rps", "20% failures for 4h at 10 rps", "outage for 4h at 10 rps"} {
		r := run(t, text, otelsli.SLOAvailability)
		if len(r.Alerts) == 0 {
			t.Fatalf("%s: nothing fires", text)
		}
		if last != nil && (r.Alerts[0].From >= last.Alerts[0].From || r.Consumed <= last.Consumed) {
			t.Errorf("%s: found after %v at a cost of %v, the lesser after %v at %v", text, r.Alerts[0].From, r.Consumed, last.Alerts[0].From, last.Consumed)
		}
		last = r
	}
}

// An incident that comes back fires anew.
func TestReturn(t *testing.T) {
	t.Parallel()
	r := run(t, "outage for 6m at 10 rps, then healthy for 30m, then outage for 6m", otelsli.SLOAvailability)
	var fast []simulate.Alert
	for _, a := range r.Alerts {
		if a.Tier.Name == rules.PageFast {
			fast = append(fast, a)
		}
	}
	if len(fast) != 2 || fast[0].To > 12*time.Minute || fast[1].From < 36*time.Minute || fast[1].From > 39*time.Minute {
		t.Errorf("%+v", fast)
	}
}

// The long windows of a young service are shorter than they will be, so that alerts come sooner.
func TestHistory(t *testing.T) {
	t.Parallel()
	const text = "1% failures for 4h at 10 rps"
	old, young := run(t, text, otelsli.SLOAvailability), run(t, text, otelsli.SLOAvailability, nil, simulate.WithHistory(30*time.Minute))
	if len(young.Alerts) == 0 || len(old.Alerts) == 0 || young.Alerts[0].From >= old.Alerts[0].From {
		t.Errorf("%+v and %+v", young.Alerts, old.Alerts)
	}
}

// Rules that are evaluated more often find the same, a little sooner.
func TestInterval(t *testing.T) {
	t.Parallel()
	const text = "10% failures for 30m at 10 rps"
	usual, often := run(t, text, otelsli.SLOAvailability), run(t, text, otelsli.SLOAvailability, simulate.WithInterval(15*time.Second))
	if d := usual.Alerts[0].From - often.Alerts[0].From; d < 0 || d > time.Minute {
		t.Errorf("%v and %v", usual.Alerts[0].From, often.Alerts[0].From)
	}
	if d := often.Curve[1].At - often.Curve[0].At; d != 15*time.Second {
		t.Errorf("points every %v", d)
	}
}

func TestObjectives(t *testing.T) {
	t.Parallel()
	for target, want := range map[float64]int{0.999: 4, 0.92: 3, 0.8: 2, 0.5: 1} {
		for _, o := range simulate.Objectives(target, otelsli.DefaultWindow) {
			if len(o.Tiers) != want || o.Target != target {
				t.Errorf("%v: %+v", target, o)
			}
		}
	}
}
