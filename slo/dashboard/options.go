package dashboard

import (
	"slices"

	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option changes what [Generate] makes.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	strategy names.Strategy
	jobs     names.Matcher
	rules    *rules.Set
	groupBy  []string
	runbook  string
	tags     []string
}

func newConfig(options []Option) config {
	c := config{runbook: rules.DefaultRunbookURL}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithRules makes the dashboards fit these rules: their windows and tiers, their labels, and whether
// they were generated for the service or are [rules.Static]. Of a static set the standard tiers are
// shown. Default and nil: what [rules.Generate] makes without options.
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.rules = set })
}

// WithTranslation sets the translation of names that the receiver applies, for the panels that read
// counters. Default: [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithJobs sets which values of the label job are offered. Default and the zero value: those of the
// set of [WithRules], and without one the name of the service, after any namespace:
// job=~"(.+/)?shop".
func WithJobs(m names.Matcher) Option {
	return optionFunc(func(c *config) { c.jobs = m })
}

// WithGroupBy adds a variable for each of these labels of the target, such as cluster. Default and
// none: those of the set of [WithRules].
func WithGroupBy(labels ...string) Option {
	return optionFunc(func(c *config) { c.groupBy = slices.Clone(labels) })
}

// WithRunbookURL sets where the links to runbooks lead. In it {alert}, {service}, {sli}, {slo} and
// {severity} stand for what the panel is about, and {job} for the job that is chosen. Default:
// [rules.DefaultRunbookURL]. "": no such links.
func WithRunbookURL(template string) Option {
	return optionFunc(func(c *config) { c.runbook = template })
}

// WithTags adds tags to every dashboard. Default and none: "otelsli" and the name of the service.
func WithTags(tags ...string) Option {
	return optionFunc(func(c *config) { c.tags = slices.Clone(tags) })
}
