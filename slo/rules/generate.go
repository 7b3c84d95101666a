package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/names"
)

// Generate makes the rules for the SLIs of a catalog. It is a pure function: equal arguments give
// equal sets. The error joins all problems with the arguments, each an [otelsli.FieldError].
//
// An SLI without an objective gets the records of the shortest windows and the alerts about missing
// series.
func Generate(d *otelsli.Description, job Jobs, options ...Option) (*Set, error) {
	c := newConfig(options)
	c.service = cmp.Or(c.service, job.service)
	p := problems.In("rules")
	c.validate(p)
	job.validate(p, c.service)
	if d == nil {
		p.Add("description", "nil", "what Catalog.Describe returns")
		return nil, p.Err()
	}
	if c.prefix != "" && c.prefix != d.Prefix {
		p.Add("WithPrefix", c.prefix, "%q, as in the description, or none", d.Prefix)
	}
	g := &generator{config: &c, namer: names.Of(d, c.strategy), targets: append([]names.Matcher{job.matcher}, c.matchers...)}
	for _, sli := range d.SLIs {
		g.validate(p, sli)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return g.generate(d.SLIs), nil
}

// A generator makes the set of one service.
type generator struct {
	*config
	namer   names.Namer
	targets []names.Matcher // targets that are counted; none: all
	set     *Set
}

func (g *generator) generate(slis []otelsli.SLIDescription) *Set {
	g.set = &Set{
		Base: g.base(), Targets: g.targets, Inhibitions: g.inhibitions(labelService),
		name: g.service, utf8: g.strategy.UTF8(),
	}
	for _, sli := range slis {
		g.sli(sli)
	}
	if g.presence && len(slis) > 0 {
		s := &scope{config: g.config, id: g.service, targets: g.targets, labels: map[string]string{labelService: g.service}}
		g.add(s, StageDays, []Rule{s.present()})
	}
	g.portfolio(slis)
	g.set.nameGroups()
	return g.set
}

// sli makes the rules of one SLI: those of each objective, and those it needs only once.
func (g *generator) sli(sli otelsli.SLIDescription) {
	slos := objectives(sli)
	for i, o := range slos {
		src := g.source(sli.Name, o.SLO)
		s := g.scope(sli, o)
		if o.Target > 0 {
			g.objective(s, src)
		} else {
			g.add(s, StageRaw, s.raw(src, false))
		}
		if g.breakdown && len(sli.Labels) > 0 {
			g.byLabels(s, src, sli.Labels)
		}
		if i == 0 {
			shared := *s
			shared.id = g.service + "-" + sli.Name
			g.add(&shared, StageAlerts, g.once(&shared, sli))
		}
	}
}

// once makes the alerts of an SLI that do not depend on its objectives.
func (g *generator) once(s *scope, sli otelsli.SLIDescription) []Rule {
	var rules []Rule
	if g.presence {
		rules = append(rules, s.presence()...)
	}
	if g.ceased {
		rules = append(rules, s.trafficCeased())
	}
	if g.ignored && (sli.Kind.Has(otelsli.ErrorRate) || g.namer.Layout == otelsli.Outcomes) {
		rules = append(rules, s.mostlyIgnored(g.counter(sli.Name, names.Ignored)))
	}
	return rules
}

// objective makes the rules of one objective.
func (g *generator) objective(s *scope, src source) {
	g.add(s, StageRaw, s.raw(src, true))
	g.add(s, StageDays, s.days())
	var exact *source
	if g.exact {
		exact = &src
	}
	g.add(s, StagePeriod, s.periodRules(exact))
	g.add(s, StageBudget, append(s.budgetRules(), s.info()))
	g.add(s, StageAlerts, s.burnAlerts())
}

// objectives lists the objectives of an SLI. Without any, it returns one with the target 0, by which
// the SLI is counted as its kind has it.
func objectives(sli otelsli.SLIDescription) []Objective {
	var all []Objective
	if o := sli.Objective; o != nil {
		for _, slo := range []Objective{
			{SLO: otelsli.SLOAvailability, Target: o.Availability},
			{SLO: otelsli.SLOApdex, Target: o.Apdex},
		} {
			if slo.Target > 0 {
				slo.Period = cmp.Or(o.Window.Duration(), otelsli.DefaultWindow)
				all = append(all, slo)
			}
		}
	}
	if len(all) == 0 {
		all = []Objective{{SLO: otelsli.SLOAvailability}}
		if !sli.Kind.Has(otelsli.ErrorRate) {
			all[0].SLO = otelsli.SLOApdex
		}
	}
	for i := range all {
		all[i].SLI = sli.Name
	}
	return all
}

// source returns the counters of one kind of objective.
func (g *generator) source(sli, slo string) source {
	if slo == otelsli.SLOApdex {
		return source{
			events: g.counter(sli, names.Judged),
			errors: g.counter(sli, names.Slow),
			judged: g.namer.Layout == otelsli.Outcomes,
		}
	}
	return source{events: g.counter(sli, names.Total), errors: g.counter(sli, names.Failed)}
}

func (g *generator) counter(sli string, c names.Count) names.Selector {
	return g.namer.Counter(sli, c).With(g.targets...)
}

// scope returns what the rules of one objective have in common. Tiers that can never fire for its
// target are left out, with a notice.
func (g *generator) scope(sli otelsli.SLIDescription, o Objective) *scope {
	s := &scope{
		config:  g.config,
		id:      fmt.Sprintf("%s-%s-%s", g.service, sli.Name, o.SLO),
		by:      g.by(),
		labels:  map[string]string{labelService: g.service, otelsli.AttributeSLI: sli.Name, otelsli.AttributeSLO: o.SLO},
		targets: g.targets,
		period:  o.Period,
		alert:   maps.Clone(ownership(sli)),
	}
	if o.Target == 0 {
		return s
	}
	s.objective, s.budget = o.Target, budgetOf(o.Target)
	o.Tiers = g.reachable(o, g.selected(g.tiersFor(o.Period)))
	s.tiers = o.Tiers
	g.set.Objectives = append(g.set.Objectives, o)
	return s
}

func (g *generator) reachable(o Objective, tiers []Tier) []Tier {
	return slices.DeleteFunc(slices.Clone(tiers), func(t Tier) bool {
		budget, _ := strconv.ParseFloat(budgetOf(o.Target), 64)
		if t.Factor*budget < 1 {
			return false
		}
		g.set.Notices = append(g.set.Notices, Notice{SLI: o.SLI, SLO: o.SLO, Text: fmt.Sprintf(
			"the alert %s is left out: with an objective of %s, even a full outage burns the budget at only %s times the sustainable rate, and the alert fires above %s",
			t.Name, percent(o.Target), strconv.FormatFloat(1/(1-o.Target), 'g', 3, 64), number(t.Factor))})
		return true
	})
}

// ownership returns the alert labels that say who owns an SLI.
func ownership(sli otelsli.SLIDescription) map[string]string {
	labels := make(map[string]string)
	if sli.FeatureCategory != "" {
		labels[labelFeatureCategory] = sli.FeatureCategory
	}
	if sli.Owner != "" {
		labels[labelOwner] = sli.Owner
	}
	return labels
}
