package simulate

import (
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A Result is what an incident does to one objective. Times are relative to the start of the incident.
type Result struct {
	Incident  string  // from [Incident.String]
	SLI, SLO  string  // of the objective
	Target    float64 // share of events that should be good
	Period    time.Duration
	Lasts     time.Duration // of the incident
	Events    int64         // events of the incident that the objective counts
	Bad       int64         // bad events among them
	Allowed   float64       // bad events allowed in a period that includes the incident
	Consumed  float64       // share of the budget of a period that the incident costs; 1 is all
	Exhausted time.Duration // when the whole budget was spent; negative: it was not
	Alerts    []Alert       // by start
	Quiet     []rules.Tier  // tiers that never fired
	Curve     []Point       // one per evaluation
}

// An Alert is one firing of a tier.
type Alert struct {
	Tier  rules.Tier
	From  time.Duration // first evaluation at which it fires
	To    time.Duration // first evaluation at which it no longer fires
	Ended bool          // false: it was still firing when the simulation ended
	Burnt float64       // share of the budget that is spent when it fires
	Burn  float64       // burn rate over its long window when it fires
}

// A Point is one evaluation.
type Point struct {
	At   time.Duration
	Burn float64 // burn rate over the shortest window
	Left float64 // share of the budget that is left, if none was spent before
}

// Run computes what an incident does to an objective with its tiers, such as one of the objectives in
// a set of rules.Generate. The error joins all problems with the arguments, each an
// [otelsli.FieldError].
func Run(in Incident, o rules.Objective, options ...Option) (*Result, error) {
	c := newConfig(options)
	p := &problems{}
	in.validate(p)
	c.validate(p, o)
	if err := p.err(); err != nil {
		return nil, err
	}
	longest := longestWindow(o.Tiers)
	before := longest + 2*baseRecords*c.interval
	if c.history > 0 {
		before = c.history.Truncate(c.interval)
	}
	timeline := NewTimeline(in, before)
	m := newModel(timeline, o, c.interval, in.Lasts()+longest+2*baseRecords*c.interval)
	s := &simulation{config: c, model: m, objective: o, lasts: in.Lasts(), timeline: timeline}
	s.spent()
	return s.result(in), nil
}

func longestWindow(tiers []rules.Tier) time.Duration {
	longest := time.Hour
	for _, t := range tiers {
		longest = max(longest, t.Long, t.Short)
	}
	return longest
}

// A simulation is one run.
type simulation struct {
	config
	*model
	objective rules.Objective
	lasts     time.Duration
	timeline  Timeline

	total, failed int64   // events of the incident, and bad ones among them
	allowed       float64 // bad events allowed in a period
}

func (s *simulation) budget() float64 { return 1 - s.objective.Target }

// spent computes the cost of the incident: its bad events, and those allowed in a period that contains
// the incident and otherwise has the traffic before it.
func (s *simulation) spent() {
	events0, bad0 := judged(s.timeline.At(0), s.objective.SLO)
	events1, bad1 := judged(s.timeline.At(s.lasts), s.objective.SLO)
	s.total, s.failed = events1-events0, bad1-bad0
	rest := max(0, s.objective.Period-s.lasts)
	s.allowed = s.budget() * (s.timeline.phases[0].Rate*rest.Seconds() + float64(s.total))
}

func (s *simulation) result(in Incident) *Result {
	r := &Result{
		Incident: in.String(),
		SLI:      s.objective.SLI, SLO: s.objective.SLO, Target: s.objective.Target, Period: s.objective.Period,
		Lasts: s.lasts, Events: s.total, Bad: s.failed, Allowed: s.allowed, Consumed: s.burnt(s.failed), Exhausted: -1,
	}
	for _, t := range s.objective.Tiers {
		if alerts := s.alerts(t); len(alerts) > 0 {
			r.Alerts = append(r.Alerts, alerts...)
		} else {
			r.Quiet = append(r.Quiet, t)
		}
	}
	slices.SortStableFunc(r.Alerts, func(a, b Alert) int { return int(a.From/s.step) - int(b.From/s.step) })
	r.Curve = s.curve(s.until(r.Alerts))
	for _, point := range r.Curve {
		if point.Left <= 0 {
			r.Exhausted = point.At
			break
		}
	}
	return r
}

// burnt returns the share of the budget that a number of bad events spends.
func (s *simulation) burnt(bad int64) float64 {
	if s.allowed <= 0 || bad == 0 {
		return 0
	}
	return float64(bad) / s.allowed
}

// alerts returns the firings of one tier.
func (s *simulation) alerts(t rules.Tier) []Alert {
	var all []Alert
	var since time.Duration // when the condition began to hold
	active, firing := false, false
	for i := s.before; i < s.evaluations(); i++ {
		at := s.at(i)
		if !s.holds(t, i) {
			if firing {
				all[len(all)-1].To, all[len(all)-1].Ended = at, true
			}
			active, firing = false, false
			continue
		}
		if !active {
			active, since = true, at
		}
		if !firing && at-since >= t.For {
			firing = true
			all = append(all, Alert{Tier: t, From: at, Burn: s.burn(i, t.Long, s.budget()), Burnt: s.burnt(s.badAt(i))})
		}
		if firing {
			all[len(all)-1].To = at
		}
	}
	return all
}

// holds reports whether the condition of a tier is met at an evaluation.
func (s *simulation) holds(t rules.Tier, i int) bool {
	_, bad := s.increases(i, t.Long)
	const noise = 1e-12 // 1 - 0.999 is slightly above 0.001
	over := t.Factor * (1 + noise)
	return bad >= float64(s.minFailures)-0.5 &&
		s.burn(i, t.Long, s.budget()) > over && s.burn(i, t.Short, s.budget()) > over
}

// badAt returns the bad events from the start of the incident to an evaluation.
func (s *simulation) badAt(i int) int64 { return s.bad.shows[i] - s.bad.shows[s.before] }

// until is the end of the curve: a little after everything is over.
func (s *simulation) until(alerts []Alert) time.Duration {
	end := s.lasts
	for _, a := range alerts {
		end = max(end, a.To)
	}
	return end + max(end/20, baseRecords*s.step)
}

func (s *simulation) curve(until time.Duration) []Point {
	var points []Point
	base := baseRecords * s.step
	for i := s.before; i < s.evaluations() && s.at(i) <= until; i++ {
		points = append(points, Point{At: s.at(i), Burn: s.burn(i, base, s.budget()), Left: 1 - s.burnt(s.badAt(i))})
	}
	return points
}

// Pages returns the alerts with a severity, such as rules.SeverityPage.
func (r *Result) Pages(severity string) []Alert {
	return slices.DeleteFunc(slices.Clone(r.Alerts), func(a Alert) bool { return a.Tier.Severity != severity })
}

// Objectives returns two objectives, for availability and apdex, with this target, this period and the
// standard tiers that can fire. Use it to call [Run] without a catalog.
func Objectives(target float64, period time.Duration) []rules.Objective {
	var all []rules.Objective
	for _, slo := range []string{otelsli.SLOAvailability, otelsli.SLOApdex} {
		o := rules.Objective{SLI: "sli", SLO: slo, Target: target, Period: period}
		for _, t := range rules.StandardTiers(period) {
			if t.Factor*(1-target) < 1 {
				o.Tiers = append(o.Tiers, t)
			}
		}
		all = append(all, o)
	}
	return all
}
