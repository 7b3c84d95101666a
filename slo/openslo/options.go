package openslo

import (
	"cmp"

	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option changes what [Generate] makes.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	strategy     names.Strategy
	jobs         names.Matcher
	targets      []names.Matcher // with the jobs, or those of the rules
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

// WithTranslation sets the translation of names that the receiver applies. Default:
// [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithJobs sets which jobs are counted. Default and the zero value: those of the set of
// [WithRules], and without one the name of the service, after any namespace: job=~"(.+/)?shop".
func WithJobs(m names.Matcher) Option {
	return optionFunc(func(c *config) { c.jobs = m })
}

// WithRules takes the tiers of each objective, and whose events are counted, from a set. Default and
// nil: the [rules.StandardTiers] that can fire, and [WithJobs].
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.rules = set })
}

// WithSeverities sets the severities of the standard tiers, and which ones are the page and the
// ticket of Sloth. Default and "": [rules.SeverityPage] and [rules.SeverityTicket].
func WithSeverities(page, ticket string) Option {
	return optionFunc(func(c *config) {
		c.page, c.ticket = cmp.Or(page, rules.SeverityPage), cmp.Or(ticket, rules.SeverityTicket)
	})
}

// WithDataSource makes the metrics of OpenSLO refer to the DataSource of this name. Default and "":
// they say that they are of the type Prometheus.
func WithDataSource(name string) Option {
	return optionFunc(func(c *config) { c.dataSource = name })
}
