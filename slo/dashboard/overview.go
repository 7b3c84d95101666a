package dashboard

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// overview makes the dashboard of all SLIs of the service. Like that of a category, it reads only
// records, so its cost does not depend on the number of series of the SLIs.
func (g *generator) overview() Dashboard {
	var links []link
	for _, category := range categories(g.slis) {
		links = append(links, to("Feature category "+category, CategoryUID(g.service, category)))
	}
	b, s := &board{}, g.scope()
	s.portfolio(b, g.slis, nil)
	return g.finish(ServiceUID(g.service), g.service+": all SLIs",
		"The error budgets of all service level indicators of "+g.service+".", b, s.variables(), s.firingNotes(), links)
}

// category makes the dashboard of the SLIs of a feature category.
func (g *generator) category(category string) Dashboard {
	var members []otelsli.SLIDescription
	var all []string
	for _, sli := range g.slis {
		if sli.FeatureCategory == category {
			members = append(members, sli)
			all = append(all, sli.Name)
		}
	}
	b, s := &board{}, g.scope(names.Regexp(otelsli.AttributeSLI, strings.Join(all, "|")))
	s.portfolio(b, members, g.shared(category))
	d := g.finish(CategoryUID(g.service, category), g.service+": "+category,
		"The error budgets of the service level indicators of the feature category "+fold(category)+".", b,
		s.variables(), s.firingNotes(), []link{to("Overview of "+g.service, ServiceUID(g.service))})
	d.Category = category
	return d
}

// shared is the panel with the budget of the whole category, which static rules do not record.
func (g *generator) shared(category string) *panel {
	if g.static {
		return nil
	}
	s := g.scope(literal(labelFeatureCategory, category))
	return newView("budget/shared", "Budget of the category", unitShare,
		"The share of the category's combined error budget that is left, with SLIs weighted by their events; for the worse kind of objective.",
		instant(fmt.Sprintf("min(%s)", s.record(rules.RecordCategoryBudget)))).
		stat(from("red"), above(0, "orange"), above(0.25, "green"))
}

// portfolio shows the objectives of several SLIs: in numbers, as a list, and graphs of the worst.
func (s scope) portfolio(b *board, slis []otelsli.SLIDescription, shared *panel) {
	if held(slis) {
		b.row("budgets", "Error budgets")
		s.counts(b, shared)
		b.add(s.list(slis), gridWidth, 12)
		b.row("worst", "The ten worst")
		s.worst(b)
	}
	b.row("traffic", "Traffic")
	s.volume(b)
}

// held reports whether any of the SLIs has an objective.
func held(slis []otelsli.SLIDescription) bool {
	for _, sli := range slis {
		if sli.Objective != nil {
			return true
		}
	}
	return false
}

func (s scope) counts(b *board, shared *panel) {
	remaining := s.record(rules.RecordBudgetRemaining)
	stats := []struct {
		name, title, unit, description, expr string
		steps                                []step
	}{
		{"objectives", "Objectives", unitEvents, "How many objectives are watched.", fmt.Sprintf("count(%s)", s.record(rules.RecordObjective)), nil},
		{"spent", "Budgets spent", unitEvents, "How many error budgets are spent.", fmt.Sprintf("sum(%s <= bool 0)", remaining), []step{from("green"), above(1, "red")}},
		{"lowest", "Lowest budget left", unitShare, "The share left of the lowest error budget.", fmt.Sprintf("min(%s)", remaining), []step{from("red"), above(0, "orange"), above(0.25, "green")}},
		{"firing", "Burn-rate alerts", unitEvents, "How many burn-rate alerts are firing.", s.firing(), []step{from("green"), above(1, "red")}},
	}
	width := uint32(gridWidth / len(stats))
	if shared != nil {
		width = gridWidth / 6
		b.add(shared, width+width, 4)
	}
	for _, stat := range stats {
		b.add(newView("budget/"+stat.name, stat.title, stat.unit, stat.description, instant(stat.expr)).stat(stat.steps...), width, 4)
	}
}

// columnUID is a label that queries add, to link each row to the dashboard of its SLI.
const columnUID = "uid"

// list is a table with a row for each objective, lowest budget first.
func (s scope) list(slis []otelsli.SLIDescription) *panel {
	total := func(expr string) string { return fmt.Sprintf("sum by (%s) (%s)", s.by(), expr) }
	v := newView("budget/list", "Objectives", unitShare,
		"One row per objective. At a burn rate of 1x, the budget lasts exactly one period. The name of an SLI links to its dashboard.")
	p := v.table("Budget left", false, []string{columnUID},
		column{"Objective", unitShare, s.withUIDs(total(s.record(rules.RecordObjective)), slis)},
		column{"Budget left", unitShare, total(s.record(rules.RecordBudgetRemaining))},
		column{"Burn rate " + rules.Duration(s.recent()), unitTimes, total(s.burn(s.recent()))},
		column{"Events", unitEvents, total(s.record(rules.RecordPeriodEvents))},
		column{"Bad events", unitEvents, total(s.record(rules.RecordPeriodErrors))},
		column{"Coverage", unitShare, total(s.record(rules.RecordCoverage))},
	)
	most := 0
	for _, sli := range slis {
		if o := sli.Objective; o != nil {
			most = max(most, digits(o.Availability), digits(o.Apdex))
		}
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
		matcher{"byName", "Objective"},
		[]property{{"decimals", most}},
	}, override{
		matcher{"byName", otelsli.AttributeSLI},
		[]property{{"links", []map[string]any{{"title": "Dashboard of ${__value.raw}", "url": "/d/${__data.fields." + columnUID + "}?${__url_time_range}&${" + labelJob + ":queryparam}"}}}},
	})
	return p
}

// withUIDs adds the UIDs of the dashboards as a label. Those in which the name is truncated are set one
// by one.
func (s scope) withUIDs(expr string, slis []otelsli.SLIDescription) string {
	expr = labelReplace(expr, digest(s.service, serviceDigits)+"-$1", "(.*)")
	for _, sli := range slis {
		if len(sli.Name) > maxNameLength {
			expr = labelReplace(expr, UID(s.service, sli.Name), regexp.QuoteMeta(sli.Name))
		}
	}
	return expr
}

func labelReplace(expr, uid, name string) string {
	return fmt.Sprintf("label_replace(%s, %q, %q, %q, %q)", expr, columnUID, uid, otelsli.AttributeSLI, name)
}

// worst graphs the objectives with the lowest budgets and the highest burn rates.
func (s scope) worst(b *board) {
	legend := s.legend("{{sli}} {{slo}}")
	left := newView("worst/left", "Lowest budgets", unitShare, "The share left of the ten lowest error budgets.",
		ranged(fmt.Sprintf("bottomk(%d, %s)", worst, s.record(rules.RecordBudgetRemaining)), legend))
	b.add(left.chart(from("red"), above(0, "green")), 12, 9)
	burn := newView("worst/burn", "Highest burn rates", unitTimes,
		"The ten highest burn rates over the last "+rules.Duration(s.recent())+". At 1x, a budget lasts exactly one period.",
		ranged(fmt.Sprintf("topk(%d, %s)", worst, s.burn(s.recent())), legend))
	b.add(burn.chart(from("green"), above(1, "red")), 12, 9)
}

// volume graphs the busiest SLIs and those with the most bad events, including SLIs without an objective.
func (s scope) volume(b *board) {
	legend := s.legend("{{sli}} {{slo}}")
	seconds := int64(s.base.Seconds())
	events := newView("traffic/events", "Busiest", unitPerSec, "Events per second of the ten busiest SLIs, over the shortest recorded window.",
		ranged(fmt.Sprintf("topk(%d, %s / %d)", worst, s.record(rules.EventsIncrease(s.base)), seconds), legend))
	b.add(events.chart(), 12, 9)
	bad := newView("traffic/bad", "Highest shares of bad events", unitShare,
		"Failures (availability) and slow successes (apdex), as a share of the events. A gap means that there were no events.",
		ranged(fmt.Sprintf("topk(%d, %s)", worst, s.badShare()), legend))
	b.add(bad.chart(), 12, 9)
}
