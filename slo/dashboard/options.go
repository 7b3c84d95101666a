package dashboard

import (
	"slices"

	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option configures [Generate].
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

// WithRules makes the dashboards fit these rules: their windows, tiers and labels, and whether they were
// generated for the service or are [rules.Static]. For a static set, the standard tiers are shown.
// Default and nil: what [rules.Generate] makes without options.
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.rules = set })
}

// WithTranslation sets the name translation that the receiver applies, for the panels that read
// counters. Default: [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithJobs sets which jobs the variable job offers, as a matcher of the label job. Default and zero:
// those of the set of [WithRules], or without one the name of the service with any namespace:
// job=~"(.+/)?shop".
func WithJobs(m names.Matcher) Option {
	return optionFunc(func(c *config) { c.jobs = m })
}

// WithGroupBy adds a variable for each of these target labels, such as cluster. Default and none: those
// of the set of [WithRules].
func WithGroupBy(labels ...string) Option {
	return optionFunc(func(c *config) { c.groupBy = slices.Clone(labels) })
}

// WithRunbookURL sets the URL of the links to runbooks. The placeholders {alert}, {service}, {sli},
// {slo} and {severity} are replaced by those of the panel, and {job} by the selected job. Default:
// [rules.DefaultRunbookURL]. "": no such links.
func WithRunbookURL(template string) Option {
	return optionFunc(func(c *config) { c.runbook = template })
}

// WithTags adds tags to every dashboard, next to "otelsli" and "service:<name>", which all of them have.
// Default and none: only those two.
func WithTags(tags ...string) Option {
	return optionFunc(func(c *config) { c.tags = slices.Clone(tags) })
}
