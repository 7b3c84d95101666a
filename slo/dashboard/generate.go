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

// Generate makes the dashboards of a service: the overview of all its SLIs, one of each feature
// category, and one of each SLI, in that order. The service is called what the label service of its
// rules says, which is what [rules.Job] was given, less any namespace. It is a pure function: equal
// arguments give equal dashboards. All problems are reported, joined, each as a [otelsli.FieldError].
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
		p.Add("service", service, "the name of the service, which is valid UTF-8")
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
			p.Add("WithTags", tag, "tags that are not empty, in valid UTF-8")
		}
	}
}

func (c *config) validateGroupBy(p *problems.List) {
	for i, label := range c.groupBy {
		if !labelPattern.MatchString(label) || slices.Contains(ownLabels, label) || slices.Contains(c.groupBy[:i], label) {
			p.Add("WithGroupBy", label, "the name of a label of the target beside job and instance, once")
		}
	}
}

// A generator makes the dashboards of one service.
type generator struct {
	config
	namer   names.Namer
	service string
	static  bool            // the records have no label service
	places  []names.Matcher // that the rules are for, beside the jobs
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

// ofRules shows what the rules count: their jobs, unless others were chosen, and no other place.
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

// categories are the feature categories, sorted, each once.
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

// serviceOf is the value of the label service of what a set records, "" where there is none.
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

// groupsOf are the labels that a set keeps of the targets beside job.
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

// An objective is what one panel row is about.
type objective struct {
	slo    string
	target float64 // 0: none is declared
	period time.Duration
	tiers  []rules.Tier
}

// objectives lists the kinds of events that are judged, with what they are held to.
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

// tiers are those that can fire: what the rules say, or the standard ones.
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

// fold makes one line of a text of several.
func fold(text string) string { return strings.Join(strings.Fields(text), " ") }
