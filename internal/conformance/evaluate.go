package conformance

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// An evaluator is a server's rules: its engine, its manager and the groups of one file.
type evaluator struct {
	t       *testing.T
	store   *store
	engine  *promql.Engine
	set     *rules.Set
	groups  []*promrules.Group
	samples int64 // that the queries of history have scanned, as the server's statistics have it
}

// stageOffsets are when in an interval the groups of a stage are evaluated: each just before the one that
// it reads, so that what it reads is nearly one interval old.
var stageOffsets = map[rules.Stage]time.Duration{
	rules.StageRaw:    53 * time.Second,
	rules.StageDays:   41 * time.Second,
	rules.StagePeriod: 37 * time.Second,
	rules.StageBudget: 29 * time.Second,
	rules.StageGroups: 17 * time.Second,
	rules.StageAlerts: 5 * time.Second,
}

var stages = []rules.Stage{
	rules.StageRaw, rules.StageDays, rules.StagePeriod, rules.StageBudget, rules.StageGroups, rules.StageAlerts,
}

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples:           5e7,
		Timeout:              time.Minute,
		LookbackDelta:        5 * time.Minute,
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		Parser:               parser.NewParser(parser.Options{}),
	})
}

func newEvaluator(t *testing.T, st *store, set *rules.Set, file string) *evaluator {
	t.Helper()
	engine := newEngine()
	manager := promrules.NewManager(&promrules.ManagerOptions{
		Appendable: st,
		Queryable:  st,
		QueryFunc:  promrules.EngineQueryFunc(engine, st),
		NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
		Context:    context.Background(),
	})
	loaded, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, file)
	for _, err := range errs {
		t.Fatal(err)
	}
	e := &evaluator{t: t, store: st, engine: engine, set: set}
	for _, g := range set.Groups { // in the order of the file
		e.groups = append(e.groups, loaded[promrules.GroupKey(file, g.Name)])
	}
	return e
}

// stage returns the groups of a stage.
func (e *evaluator) stage(s rules.Stage) []*promrules.Group {
	var groups []*promrules.Group
	for i, g := range e.set.Groups {
		if g.Stage == s {
			groups = append(groups, e.groups[i])
		}
	}
	return groups
}

// first is the first time after from at which a stage is evaluated.
func first(s rules.Stage, from time.Time, every time.Duration) time.Time {
	t := from.Truncate(every).Add(stageOffsets[s] % every)
	if t.Before(from) {
		t = t.Add(every)
	}
	return t
}

// history records what the rules say from one time to another, stage by stage, and returns when
// alerts fired. It leaves out what only the rule manager does: `for` and annotations.
func (e *evaluator) history(from, to time.Time) firings {
	var fired firings
	for _, s := range stages {
		for _, g := range e.stage(s) {
			for _, r := range g.Rules() {
				matrix := e.over(r.Query().String(), first(s, from, g.Interval()), to, g.Interval())
				if _, alert := r.(*promrules.AlertingRule); alert {
					fired = fired.add(r, matrix, g.Interval())
					continue
				}
				for _, x := range matrix {
					b := labels.NewBuilder(x.Metric)
					b.Set(model.MetricNameLabel, r.Name())
					r.Labels().Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
					e.append(b.Labels(), x.Floats, g.Interval(), to)
				}
			}
		}
	}
	return fired
}

// append records a series, stale where it has a hole.
func (e *evaluator) append(l labels.Labels, points []promql.FPoint, every time.Duration, to time.Time) {
	x := e.store.at(l)
	for i, p := range points {
		x.add(p.T, p.F)
		next := p.T + every.Milliseconds()
		if i+1 < len(points) && points[i+1].T > next || i+1 == len(points) && next <= to.UnixMilli() {
			x.end(next)
		}
	}
}

func (e *evaluator) over(query string, from, to time.Time, step time.Duration) promql.Matrix {
	e.t.Helper()
	q, err := e.engine.NewRangeQuery(context.Background(), e.store, nil, query, from, to, step)
	if err != nil {
		e.t.Fatal(err)
	}
	defer q.Close()
	res := q.Exec(context.Background())
	if res.Err != nil {
		e.t.Fatalf("%s: %v", query, res.Err)
	}
	e.samples += q.Stats().Samples.TotalSamples
	m, err := res.Matrix()
	if err != nil {
		e.t.Fatal(err)
	}
	copied := slices.Clone(m)
	for i := range copied {
		copied[i].Floats = slices.Clone(copied[i].Floats) // Close takes them back
	}
	return copied
}

// live evaluates the groups as the manager does, minute by minute, and returns what alerts were
// active after each.
func (e *evaluator) live(from, to time.Time, see func(at time.Time, active []*promrules.Alert)) {
	type turn struct {
		at time.Time
		g  *promrules.Group
	}
	var turns []turn
	for _, s := range stages {
		for _, g := range e.stage(s) {
			for at := first(s, from, g.Interval()); !at.After(to); at = at.Add(g.Interval()) {
				turns = append(turns, turn{at, g})
			}
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.at.UnixMilli(), b.at.UnixMilli()) })
	for _, turn := range turns {
		turn.g.Eval(context.Background(), turn.at)
		for _, r := range turn.g.Rules() {
			if err := r.LastError(); err != nil {
				e.t.Fatal(err)
			}
		}
		if turn.g.HasAlertingRules() {
			see(turn.at, e.active())
		}
	}
}

func (e *evaluator) active() []*promrules.Alert {
	var active []*promrules.Alert
	for _, g := range e.groups {
		for _, r := range g.AlertingRules() {
			active = append(active, r.ActiveAlerts()...)
		}
	}
	return active
}

// value asks for one number; ok is false where there is none.
func (e *evaluator) value(query string, at time.Time) (v float64, ok bool) {
	e.t.Helper()
	q, err := e.engine.NewInstantQuery(context.Background(), e.store, nil, query, at)
	if err != nil {
		e.t.Fatal(err)
	}
	defer q.Close()
	res := q.Exec(context.Background())
	vector, err := res.Vector()
	if err != nil {
		e.t.Fatalf("%s: %v", query, err)
	}
	if len(vector) > 1 {
		e.t.Fatalf("%s: %d series, want one: %v", query, len(vector), vector)
	}
	if len(vector) == 0 {
		return 0, false
	}
	return vector[0].F, true
}

// replace ends what the rules recorded and those that replace them do not, as a server that reads
// its files again does.
func (e *evaluator) replace(by *evaluator, at time.Time) {
	kept := make(map[string]bool)
	key := func(r promrules.Rule) string { return r.Name() + r.Labels().String() }
	for _, g := range by.groups {
		for _, r := range g.Rules() {
			kept[key(r)] = true
		}
	}
	for _, g := range e.groups {
		for _, r := range g.Rules() {
			if !kept[key(r)] {
				e.end(r, at)
			}
		}
	}
}

func (e *evaluator) end(r promrules.Rule, at time.Time) {
series:
	for _, x := range e.store.byName[r.Name()] {
		for name, value := range r.Labels().Map() {
			if x.labels.Get(name) != value {
				continue series
			}
		}
		x.end(at.UnixMilli())
	}
}
