package dashboard

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Generate makes the dashboards of a service: the overview of all its SLIs, then one per feature
// category and one per SLI. The service is the value of the label service in its rules, which is the
// name given to [rules.Job] without any namespace. Generate is a pure function: equal arguments give
// equal dashboards. The error joins all problems with the arguments, each an [otelsli.FieldError].
func Generate(d *otelsli.Description, service string, options ...Option) ([]Dashboard, error) {
	c := newConfig(options)
	p := problems.In("dashboard")
	c.validate(p, service)
	if d == nil {
		p.Add("description", "nil", "what Catalog.Describe returns")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return newGenerator(c, d, service).all(d.SLIs), nil
}

var labelPattern = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func (c *config) validate(p *problems.List, service string) {
	if service == "" || !utf8.ValidString(service) {
		p.Add("service", service, "the name of the service, in valid UTF-8")
	}
	if !c.strategy.Valid() {
		p.Add("WithTranslation", c.strategy.String(), "one of names.Strategies")
	}
	if c.jobs != (names.Matcher{}) && c.jobs.Label != labelJob {
		p.Add("WithJobs", c.jobs.Label, "a matcher of the label job")
	}
	c.validateGroupBy(p)
	if c.rules != nil {
		if named := serviceOf(c.rules); named != "" && named != service {
			p.Add("WithRules: service", named, "%q, the service that the dashboards are for", service)
		}
	}
	for _, tag := range c.tags {
		if tag == "" || !utf8.ValidString(tag) {
			p.Add("WithTags", tag, "non-empty tags in valid UTF-8")
		}
	}
}

func (c *config) validateGroupBy(p *problems.List) {
	for i, label := range c.groupBy {
		if !labelPattern.MatchString(label) || slices.Contains(ownLabels, label) || slices.Contains(c.groupBy[:i], label) {
			p.Add("WithGroupBy", label, "a target label other than job and instance, each only once")
		}
	}
}

// A generator makes the dashboards of one service.
type generator struct {
	config
	namer   names.Namer
	service string
	static  bool            // the records have no label service
	places  []names.Matcher // of the targets of the rules, without the jobs
	base    time.Duration   // shortest window of the records
	slis    []otelsli.SLIDescription
}

func newGenerator(c config, d *otelsli.Description, service string) *generator {
	g := &generator{
		config:  c,
		namer:   names.Of(d, c.strategy),
		service: service,
		base:    defaultBase,
		slis:    d.SLIs,
	}
	if c.rules != nil {
		g.ofRules(c.rules.Targets)
	}
	if g.jobs == (names.Matcher{}) {
		g.jobs = names.Regexp(labelJob, "(.+/)?"+regexp.QuoteMeta(service))
	}
	if c.rules != nil {
		g.base = cmp.Or(c.rules.Base, defaultBase)
		g.static = serviceOf(c.rules) == ""
		if len(g.groupBy) == 0 {
			g.groupBy = groupsOf(c.rules)
		}
	}
	return g
}

// ofRules restricts the dashboards to the targets of the rules: their jobs, unless WithJobs set others,
// and their other labels.
func (g *generator) ofRules(targets []names.Matcher) {
	for _, m := range targets {
		switch {
		case m.Label != labelJob && m.Op == "=":
			g.places = append(g.places, literal(m.Label, m.Value))
		case m.Label != labelJob:
			g.places = append(g.places, m)
		case g.jobs == (names.Matcher{}):
			g.jobs = m
		}
	}
}

// defaultBase is the shortest window of rules that are evaluated every minute.
const defaultBase = 5 * rules.DefaultInterval

func (g *generator) all(slis []otelsli.SLIDescription) []Dashboard {
	all := make([]Dashboard, 0, len(slis)+1)
	all = append(all, g.overview())
	for _, category := range categories(slis) {
		all = append(all, g.category(category))
	}
	for _, sli := range slis {
		all = append(all, g.detail(sli))
	}
	return all
}

// categories returns the feature categories, sorted, each once.
func categories(slis []otelsli.SLIDescription) []string {
	var all []string
	for _, sli := range slis {
		if sli.FeatureCategory != "" {
			all = append(all, sli.FeatureCategory)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// serviceOf returns the value of the label service of a set's records, or "" if there is none.
func serviceOf(set *rules.Set) string {
	for _, group := range set.Groups {
		for _, rule := range group.Rules {
			if service := rule.Labels[labelService]; rule.Record != "" && service != "" {
				return service
			}
		}
	}
	return ""
}

// groupsOf returns the target labels that a set keeps, other than job.
func groupsOf(set *rules.Set) []string {
	for _, m := range set.Metrics() {
		if m.Name == rules.EventsIncrease(set.Base) {
			return slices.DeleteFunc(slices.Clone(m.Labels), func(label string) bool {
				return slices.Contains(ownLabels, label)
			})
		}
	}
	return nil
}

// An objective is the subject of one panel row.
type objective struct {
	slo    string
	target float64 // 0: none is declared
	period time.Duration
	tiers  []rules.Tier
}

// objectives lists the objectives of an SLI.
func (g *generator) objectives(sli otelsli.SLIDescription) []objective {
	var held otelsli.ObjectiveDescription
	if sli.Objective != nil {
		held = *sli.Objective
	}
	var all []objective
	for _, o := range []objective{
		{slo: otelsli.SLOAvailability, target: held.Availability},
		{slo: otelsli.SLOApdex, target: held.Apdex},
	} {
		if o.target > 0 {
			o.period = cmp.Or(held.Window.Duration(), otelsli.DefaultWindow)
			o.tiers = g.tiers(sli.Name, o)
			all = append(all, o)
		}
	}
	return all
}

// tiers returns the tiers that can fire: those of the rules, or else the standard ones.
func (g *generator) tiers(sli string, o objective) []rules.Tier {
	if g.rules != nil {
		for _, known := range g.rules.Objectives {
			if known.SLI == sli && known.SLO == o.slo {
				return known.Tiers
			}
		}
		if !g.static {
			return nil
		}
	}
	return slices.DeleteFunc(rules.StandardTiers(o.period), func(t rules.Tier) bool {
		return t.Factor*(1-o.target) >= 1
	})
}

// fold joins the lines of a text.
func fold(text string) string { return strings.Join(strings.Fields(text), " ") }
