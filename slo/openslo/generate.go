package openslo

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A Set is the objectives of one service, ready to be written with [Set.Write].
type Set struct {
	Service    string
	Objectives []Objective // sorted by SLI

	page, ticket string
	dataSource   string
}

// An Objective is one objective of one SLI.
type Objective struct {
	SLI         string
	SLO         string // [otelsli.SLOAvailability] or [otelsli.SLOApdex]
	Description string
	Category    string // feature category; "": none
	Owner       string // "": none
	Target      float64
	Period      time.Duration
	Tiers       []rules.Tier // those that can fire

	events, errors names.Selector
	judged         bool // events also selects series without a counter of errors
}

const labelJob = "job"

// Generate collects the objectives of a catalog. The objects belong to the service, whose jobs are
// counted unless [WithJobs] or [WithRules] selects others. It is a pure function. The error joins all
// problems with the arguments, each an [otelsli.FieldError].
func Generate(d *otelsli.Description, service string, options ...Option) (*Set, error) {
	c := newConfig(options)
	c.targets = []names.Matcher{names.Regexp(labelJob, "(.+/)?"+regexp.QuoteMeta(service))}
	if c.rules != nil && len(c.rules.Targets) > 0 {
		c.targets = slices.Clone(c.rules.Targets)
	}
	if c.jobs != (names.Matcher{}) {
		c.targets = append([]names.Matcher{c.jobs}, slices.DeleteFunc(c.targets, func(m names.Matcher) bool { return m.Label == labelJob })...)
	}
	p := problems.In("openslo")
	c.validate(p, service)
	if d == nil {
		p.Add("description", "nil", "what Catalog.Describe returns")
		return nil, p.Err()
	}
	s := &Set{Service: service, page: c.page, ticket: c.ticket, dataSource: c.dataSource}
	for _, sli := range d.SLIs {
		s.Objectives = append(s.Objectives, c.objectives(p, names.Of(d, c.strategy), sli)...)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func (c *config) validate(p *problems.List, service string) {
	if dnsLabel(service) == "" {
		p.Add("service", service, "a name with a letter or a digit")
	}
	if !c.strategy.Valid() {
		p.Add("WithTranslation", c.strategy.String(), "one of names.Strategies")
	}
	if c.jobs != (names.Matcher{}) && c.jobs.Label != labelJob {
		p.Add("WithJobs", c.jobs.String(), "a matcher of the label job")
	}
	for _, m := range c.targets {
		if strings.Contains(m.Value, "{{") {
			p.Add("WithJobs", m.String(), "a matcher without {{, which Sloth would expand")
		}
	}
	if c.dataSource != "" && c.dataSource != dnsLabel(c.dataSource) {
		p.Add("WithDataSource", c.dataSource, "an object name: lower case letters, digits and \"-\", up to %d", maxLabel)
	}
}

func (c *config) objectives(p *problems.List, namer names.Namer, sli otelsli.SLIDescription) []Objective {
	if sli.Objective == nil {
		return nil
	}
	var all []Objective
	for _, o := range []Objective{
		{SLO: otelsli.SLOAvailability, Target: sli.Objective.Availability},
		{SLO: otelsli.SLOApdex, Target: sli.Objective.Apdex},
	} {
		if o.Target == 0 {
			continue
		}
		o.SLI, o.Description, o.Category, o.Owner = sli.Name, sli.Description, sli.FeatureCategory, sli.Owner
		o.Period = cmp.Or(sli.Objective.Window.Duration(), otelsli.DefaultWindow)
		o.Tiers = c.tiers(o)
		o.validate(p, len(all) == 0)
		all = append(all, o.counted(namer, c.targets))
	}
	return all
}

// counted returns the objective with the selectors of its events and its bad events.
func (o Objective) counted(namer names.Namer, targets []names.Matcher) Objective {
	events, errors := names.Total, names.Failed
	if o.SLO == otelsli.SLOApdex {
		events, errors = names.Judged, names.Slow
		o.judged = namer.Layout == otelsli.Outcomes
	}
	o.events = namer.Counter(o.SLI, events).With(targets...)
	o.errors = namer.Counter(o.SLI, errors).With(targets...)
	return o
}

// validate reports windows that neither format can express. The period is the same for all objectives of
// an SLI, so it is checked only for the first.
func (o Objective) validate(p *problems.List, first bool) {
	field := "SLI \"" + o.SLI + "\": "
	if first && o.Period%time.Minute != 0 {
		p.Add(field+"Objective.Window", o.Period.String(), "whole minutes")
	}
	for _, t := range o.Tiers {
		if t.Long%time.Minute != 0 {
			p.Add(field+"tier "+t.Name+": Long", t.Long.String(), "whole minutes")
		}
	}
}

// tiers returns those of the rules, or else the standard tiers that can fire.
func (c *config) tiers(o Objective) []rules.Tier {
	if c.rules != nil {
		for _, known := range c.rules.Objectives {
			if known.SLI == o.SLI && known.SLO == o.SLO {
				return known.Tiers
			}
		}
	}
	tiers := slices.DeleteFunc(rules.StandardTiers(o.Period), func(t rules.Tier) bool {
		return t.Factor*(1-o.Target) >= 1
	})
	for i, t := range tiers {
		tiers[i].Severity = map[string]string{rules.SeverityPage: c.page, rules.SeverityTicket: c.ticket}[t.Severity]
	}
	return tiers
}

// Periods returns the periods of the objectives, ascending, each once.
func (s *Set) Periods() []time.Duration {
	var all []time.Duration
	for _, o := range s.Objectives {
		all = append(all, o.Period)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
