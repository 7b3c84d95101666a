package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/names"
)

// Static makes rules that serve all services whose catalogs have the layout [otelsli.Outcomes]. They
// need not be generated per service, because the processes export their objectives. The periods are
// those that objectives may have, in whole seconds and at least [otelsli.MinWindow]; each one adds
// cost for every SLI. Default and none: [otelsli.DefaultWindow].
//
// Its records have the labels job, sli and slo, but not service. Feature categories and owners are
// not known here, and the options [WithService], [WithBreakdown] and [WithExactBudget] are errors.
// Load one static file per server, since two would each sum up the records of the other; rules of
// [Generate] can be loaded next to it, as neither reads the other's records. The error joins all
// problems with the arguments, each an [otelsli.FieldError].
func Static(periods []time.Duration, options ...Option) (*Set, error) {
	c := newConfig(options)
	if len(periods) == 0 {
		periods = []time.Duration{otelsli.DefaultWindow}
	}
	periods = slices.Compact(slices.Sorted(slices.Values(periods)))
	p := problems.In("rules")
	c.validate(p)
	c.validateStatic(p, periods)
	if err := p.Err(); err != nil {
		return nil, err
	}
	namer := names.Namer{Prefix: c.prefix, Layout: otelsli.Outcomes, Strategy: c.strategy}
	g := &generator{config: &c, namer: namer, targets: c.matchers}
	return g.static(periods), nil
}

func (c *config) validateStatic(p *problems.List, periods []time.Duration) {
	for _, period := range periods {
		if period < otelsli.MinWindow || period%time.Second != 0 {
			p.Add("periods", period, "whole seconds, at least %v", otelsli.MinWindow)
		}
	}
	if otelsli.NewCatalog().Configure(otelsli.WithPrefix(c.prefix)) != nil {
		p.Add("WithPrefix", c.prefix, "the prefix of catalogs, such as %q: lower case words joined by \"_\" or \".\", none of them \"total\"", otelsli.DefaultPrefix)
	}
	switch {
	case c.service != "":
		p.Add("WithService", c.service, "none: a static file serves all services")
	case c.breakdown:
		p.Add("WithBreakdown", true, "none: the labels of the SLIs are not known here")
	case c.exact:
		p.Add("WithExactBudget", true, "none: an exact budget for all services would be too expensive")
	}
}

func (g *generator) static(periods []time.Duration) *Set {
	g.set = &Set{
		Base:        g.base(),
		Targets:     g.targets,
		name:        "otelsli-" + cmp.Or(g.prefix, otelsli.DefaultPrefix),
		utf8:        g.strategy.UTF8(),
		Inhibitions: g.inhibitions(),
	}
	all := &scope{config: g.config, id: g.set.name, by: g.staticBy(otelsli.AttributeSLO), targets: g.targets}
	for _, period := range periods {
		all.tiers = append(all.tiers, g.selected(g.tiersFor(period))...)
	}
	for _, slo := range []string{otelsli.SLOAvailability, otelsli.SLOApdex} {
		s := *all
		s.id += "-" + slo
		s.by, s.labels = g.staticBy(), map[string]string{otelsli.AttributeSLO: slo}
		g.add(&s, StageRaw, s.raw(g.source("", slo), true))
	}
	g.add(all, StageRaw, g.exported(all))
	g.add(all, StageDays, append(all.days(), g.staticPresent(all)...))
	all.budget = all.record(RecordBudget)
	g.add(all, StagePeriod, g.periods(all, periods))
	g.add(all, StageBudget, all.budgetRules())
	g.add(all, StageAlerts, g.staticAlerts(all, periods))
	g.set.nameGroups()
	return g.set
}

// staticBy returns the labels of the records of a static file.
func (g *generator) staticBy(more ...string) []string {
	return g.by(append([]string{otelsli.AttributeSLI}, more...)...)
}

// memory is how long an objective remains known after the last process that exported it is gone, so
// a restart ends no alert.
const memory = time.Hour

// exported records the objectives that the processes export. While a deployment changes one, the
// stricter one applies.
func (g *generator) exported(s *scope) []Rule {
	strictest := func(sel names.Selector) string {
		return fmt.Sprintf("max by (%s) (last_over_time(%s[%s]))", list(s.by), sel, Duration(memory))
	}
	return []Rule{
		s.rule(RecordObjective, 0, strictest(g.namer.ObjectiveRatio().With(g.targets...))),
		s.rule(RecordBudget, 0, "1 - "+strictest(g.namer.ObjectiveRatio().With(g.targets...))),
		s.rule(RecordPeriod, 0, strictest(g.namer.ObjectiveWindow().With(g.targets...))),
	}
}

// periods records each objective over its own period, and makes the alerts of each period.
func (g *generator) periods(all *scope, periods []time.Duration) []Rule {
	var rules []Rule
	for _, period := range periods {
		s := *all
		s.id += "-" + Duration(period)
		s.period = period
		s.tiers = g.selected(g.tiersFor(period))
		s.filter = fmt.Sprintf("%s == %d", s.record(RecordPeriod), int64(period.Seconds()))
		g.add(&s, StageAlerts, s.burnAlerts())
		rules = either(rules, s.periodRules(nil))
	}
	return rules
}

// either joins the expressions of rules with the same records but different series.
func either(rules, more []Rule) []Rule {
	if rules == nil {
		return more
	}
	for i := range rules {
		rules[i].Expr += "\nor\n" + more[i].Expr
	}
	return rules
}

func (g *generator) staticPresent(all *scope) []Rule {
	if !g.presence {
		return nil
	}
	return []Rule{all.present()}
}

func (g *generator) staticAlerts(all *scope, periods []time.Duration) []Rule {
	s := *all
	s.by, s.labels = g.staticBy(), map[string]string{otelsli.AttributeSLO: otelsli.SLOAvailability}
	rules := []Rule{all.periodUnserved(periods)}
	if g.presence {
		rules = append(rules, s.presence()...)
	}
	if g.ceased {
		rules = append(rules, s.trafficCeased())
	}
	if g.ignored {
		rules = append(rules, s.mostlyIgnored(g.counter("", names.Ignored)))
	}
	return rules
}
