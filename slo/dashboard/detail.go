package dashboard

import (
	"fmt"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// detail makes the dashboard of one SLI: its objectives, from the records of the rules, and its traffic,
// from its counters.
func (g *generator) detail(sli otelsli.SLIDescription) Dashboard {
	b := &board{}
	src := source{g, sli}
	ofSLI := names.Equal(otelsli.AttributeSLI, sli.Name)
	for _, o := range g.objectives(sli) {
		g.objectiveRow(b, g.scope(ofSLI, names.Equal(otelsli.AttributeSLO, o.slo)), sli, o)
	}
	src.traffic(b)
	src.byLabels(b)
	src.offenders(b)

	d := g.finish(UID(g.service, sli.Name), g.service+": "+sli.Name, describe(sli), b,
		src.variables(), g.scope(ofSLI).firingNotes(), g.upwards(sli))
	d.SLI = sli.Name
	return d
}

func describe(sli otelsli.SLIDescription) string {
	parts := []string{fold(sli.Description)}
	if sli.Threshold > 0 {
		parts = append(parts, "Satisfied within "+rules.Duration(sli.Threshold.Duration())+".")
	}
	if sli.Owner != "" {
		parts = append(parts, "Owner: "+fold(sli.Owner)+".")
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// upwards links from an SLI to the overviews that contain it.
func (g *generator) upwards(sli otelsli.SLIDescription) []link {
	links := []link{to("Overview of "+g.service, ServiceUID(g.service))}
	if sli.FeatureCategory != "" {
		links = append(links, to("Feature category "+sli.FeatureCategory, CategoryUID(g.service, sli.FeatureCategory)))
	}
	return links
}

// firingNotes marks the times at which a burn-rate alert fired.
func (s scope) firingNotes() []annotation {
	alerts := names.Selector{Metric: metricAlerts, Matchers: s.matchers}.With(s.targets()...).
		With(names.Equal("alertname", rules.AlertBudgetBurn), names.Equal("alertstate", "firing"))
	return []annotation{{
		Name: "Burn-rate alerts", Datasource: *prometheus, Enable: true, IconColor: "red",
		Expr: fmt.Sprintf("max by (%s, tier) (%s)", s.by(), alerts),
	}}
}

// titles are the names of the objectives in panel titles.
var titles = map[string]string{otelsli.SLOAvailability: "Availability", otelsli.SLOApdex: "Apdex"}

// objectiveRow shows the objective, what is left of its budget, and how fast it burns.
func (g *generator) objectiveRow(b *board, s scope, sli otelsli.SLIDescription, o objective) {
	period := rules.Duration(o.period)
	b.row(o.slo, fmt.Sprintf("%s: %s over %s", titles[o.slo], percent(o.target), period))
	s.numbers(b, o, period)

	left := newView(o.slo+"/left-curve", "Error budget left", unitShare,
		"The share of the error budget over "+period+" that is left. Below 0, the budget is overspent. A gap means that nothing was recorded.",
		ranged(s.record(rules.RecordBudgetRemaining), g.legend("")))
	p := left.chart(from("red"), above(0, "green"))
	p.TimeFrom = period
	b.add(p, 12, 8)
	pace := newView(o.slo+"/pace", "Share of bad events", unitShare,
		"The share of bad events over the shortest recorded window; the line is what the objective allows. A gap means that there were no events.",
		ranged(s.badShare(), g.legend("bad")))
	b.add(pace.chart(from("green"), above(complement(o.target), "red")), 12, 8)
	s.burnRates(b, sli, o)
}

// numbers adds the stat panels of an objective. With several jobs, most show the worst one.
func (s scope) numbers(b *board, o objective, period string) {
	events, errors := s.record(rules.RecordPeriodEvents), s.record(rules.RecordPeriodErrors)
	remaining := s.record(rules.RecordBudgetRemaining)
	stats := []struct {
		name, title, unit, description, expr string
		steps                                []step
	}{
		{
			"objective", "Objective", unitShare, "The share of events that should be good over " + period + ", as recorded.",
			fmt.Sprintf("max(%s)", s.record(rules.RecordObjective)), nil,
		},
		{
			"reached", "Reached", unitShare, "The share of good events over " + period + ". No value if there were no events.",
			fmt.Sprintf("1 - sum(%s) / (sum(%s) > 0)", errors, events),
			[]step{from("red"), above(o.target, "green")},
		},
		{
			"left", "Error budget left", unitShare, "The share of the error budget over " + period + " that is left, for the worst job. 100% if there were no events.",
			fmt.Sprintf("min(%s)", remaining),
			[]step{from("red"), above(0, "orange"), above(0.25, "green")},
		},
		{
			"end", "Budget runs out in", unitSeconds, "When the budget runs out at the burn rate of the last " + rules.Duration(s.recent()) + ". No value if nothing burns.",
			fmt.Sprintf("min(clamp_min(%s, 0) * %s / ((%s) > 0))", remaining, s.record(rules.RecordPeriod), s.burn(s.recent())),
			[]step{from("red"), above(day, "orange"), above(3*day, "green")},
		},
		{
			"coverage", "Coverage", unitShare, "The share of " + period + " that the budget covers: below 100% while the rules are younger than that, or if data is missing.",
			fmt.Sprintf("min(%s)", s.record(rules.RecordCoverage)),
			[]step{from("orange"), above(0.95, "green")},
		},
		{
			"age", "Budget is behind by", unitSeconds, "The age of the newest events in the budget.",
			fmt.Sprintf("time() - min(%s)", s.record(rules.RecordAsOf)),
			[]step{from("green"), above(1800, "orange")},
		},
	}
	for _, stat := range stats {
		v := newView(o.slo+"/"+stat.name, stat.title, stat.unit, stat.description, instant(stat.expr))
		p := v.stat(stat.steps...)
		switch stat.name {
		case "objective":
			p.decimals(digits(o.target))
		case "reached":
			p.decimals(digits(o.target) + 2)
		}
		b.add(p, 4, 4)
	}
}

const day = 24 * 60 * 60 // seconds

// burnRates adds a panel for each tier, whose alert fires while both windows are above the line.
func (s scope) burnRates(b *board, sli otelsli.SLIDescription, o objective) {
	for _, t := range o.tiers {
		long, short := rules.Duration(t.Long), rules.Duration(t.Short)
		v := newView(o.slo+"/burn/"+t.Name, "Burn rate: "+t.Name, unitTimes,
			fmt.Sprintf("How fast the budget burns: at 1x, it lasts exactly one period. The alert with severity %q fires while both windows are above the line at %g.", t.Severity, t.Factor),
			ranged(s.burn(t.Long), s.legend(long)), ranged(s.burn(t.Short), s.legend(short)))
		p := v.chart(from("green"), above(t.Factor, "red"))
		p.Links = s.runbooks(sli.Name, o.slo, t.Severity)
		b.add(p, uint32(gridWidth/len(o.tiers)), 7)
	}
}
