package openslo

import (
	"cmp"

	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option configures [Generate].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	strategy     names.Strategy
	jobs         names.Matcher
	targets      []names.Matcher // including jobs or the targets of the rules
	rules        *rules.Set
	page, ticket string
	dataSource   string
}

func newConfig(options []Option) config {
	c := config{page: rules.SeverityPage, ticket: rules.SeverityTicket}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithTranslation sets the name translation that the receiver applies. Default:
// [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithJobs sets which jobs are counted, as a matcher of the label job. Default and zero: those of the
// set of [WithRules], or without one the name of the service with any namespace: job=~"(.+/)?shop".
func WithJobs(m names.Matcher) Option {
	return optionFunc(func(c *config) { c.jobs = m })
}

// WithRules takes the tiers of each objective, and the targets to count, from a set. Default and nil:
// the [rules.StandardTiers] that can fire, and the jobs of [WithJobs].
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.rules = set })
}

// WithSeverities sets the severities of the standard tiers, and which severities are the page and the
// ticket alert of Sloth. Default and "": [rules.SeverityPage] and [rules.SeverityTicket].
func WithSeverities(page, ticket string) Option {
	return optionFunc(func(c *config) {
		c.page, c.ticket = cmp.Or(page, rules.SeverityPage), cmp.Or(ticket, rules.SeverityTicket)
	})
}

// WithDataSource makes the OpenSLO metrics refer to the DataSource with this name. Default and "": they
// have the type Prometheus instead.
func WithDataSource(name string) Option {
	return optionFunc(func(c *config) { c.dataSource = name })
}
