package rules

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// An Option changes what [Generate] and [Static] make.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	service       string
	prefix        string
	strategy      names.Strategy
	tiers         []Tier
	only          []string
	page, ticket  string
	minFailures   int
	groupBy       []string
	matchers      []names.Matcher
	interval      time.Duration
	runbook       string
	dashboard     string
	alertLabels   map[string]string
	presence      bool
	ceased        bool
	ignored       bool
	exact         bool
	breakdown     bool
	keepFiringFor time.Duration
	queryOffset   time.Duration
}

// DefaultMinFailures is the number of failures below which no burn-rate alert fires, unless
// [WithMinFailures] sets another.
const DefaultMinFailures = 5

// DefaultInterval is the interval of evaluation, unless [WithInterval] sets another.
const DefaultInterval = time.Minute

func newConfig(options []Option) config {
	c := config{
		page:        SeverityPage,
		ticket:      SeverityTicket,
		minFailures: DefaultMinFailures,
		interval:    DefaultInterval,
		runbook:     DefaultRunbookURL,
		presence:    true,
	}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	for _, m := range c.matchers {
		if !slices.Contains(c.groupBy, m.Label) {
			c.groupBy = append(c.groupBy, m.Label)
		}
	}
	return c
}

// WithService sets the value of the label service of everything that is recorded. Default and "":
// what [Job] says; with [JobsMatching] it is required. [Static] has no such label.
func WithService(name string) Option {
	return optionFunc(func(c *config) { c.service = name })
}

// WithPrefix sets the prefix of the catalogs that [Static] serves. Default and "":
// [otelsli.DefaultPrefix]. [Generate] knows it from the description, and refuses another.
func WithPrefix(prefix string) Option {
	return optionFunc(func(c *config) { c.prefix = prefix })
}

// WithTranslation sets the translation of names that the receiver applies. Default:
// [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithTiers sets the burn-rate alerts of every objective, the most urgent first: an alert inhibits
// those after it. Default and none: the [StandardTiers] of the window of each objective.
func WithTiers(tiers ...Tier) Option {
	return optionFunc(func(c *config) { c.tiers = slices.Clone(tiers) })
}

// WithOnlyTiers keeps the tiers of these names, such as [PageFast]. Default and none: all.
func WithOnlyTiers(tierNames ...string) Option {
	return optionFunc(func(c *config) { c.only = slices.Clone(tierNames) })
}

// WithSeverities sets the severities of the standard tiers and of the other alerts. Default and
// "": [SeverityPage] and [SeverityTicket].
func WithSeverities(page, ticket string) Option {
	return optionFunc(func(c *config) {
		c.page, c.ticket = cmp.Or(page, SeverityPage), cmp.Or(ticket, SeverityTicket)
	})
}

// WithMinFailures sets how many failures a long window must hold for its alert to fire, so that
// one failure in ten requests of a quiet night wakes nobody. It is a minimum of failures and not of
// events: a full outage of a quiet service does alert. Default: [DefaultMinFailures]. Zero or less:
// no minimum.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithGroupBy keeps these labels beside job in all records and alerts: each combination of their
// values then has a budget and alerts of its own. For labels of the target such as cluster,
// namespace or version. Presence is judged by job all the same: that a version is gone is no
// alert. Default and none: job alone.
func WithGroupBy(labels ...string) Option {
	return optionFunc(func(c *config) { c.groupBy = slices.Clone(labels) })
}

// WithTargets counts only what comes from targets with these labels, where the label job does not
// tell them apart: names.Equal("namespace", "prod"). Their labels are kept as those of
// [WithGroupBy], so that the rules of one place know nothing of those of another. Default and none:
// all targets of the job.
func WithTargets(matchers ...names.Matcher) Option {
	return optionFunc(func(c *config) { c.matchers = slices.Clone(matchers) })
}

// WithInterval sets the interval of evaluation, which also sets the shortest window of the records,
// five times as long. Shorter ones are for tests. Default and 0: [DefaultInterval].
func WithInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.interval = cmp.Or(d, DefaultInterval) })
}

// WithRunbookURL sets the annotation runbook_url of the alerts. In it {alert}, {service}, {job},
// {sli}, {slo} and {severity} stand for the values of the alert. Default: [DefaultRunbookURL]. "":
// no such annotation.
func WithRunbookURL(template string) Option {
	return optionFunc(func(c *config) { c.runbook = template })
}

// WithDashboardURL sets the annotation dashboard_url, with the placeholders of [WithRunbookURL].
// Default and "": none.
func WithDashboardURL(template string) Option {
	return optionFunc(func(c *config) { c.dashboard = template })
}

// WithAlertLabels adds labels to every alert, such as a team for the routing of Alertmanager.
// Default and nil: none.
func WithAlertLabels(labels map[string]string) Option {
	return optionFunc(func(c *config) { c.alertLabels = maps.Clone(labels) })
}

// WithoutPresence leaves out the alerts [AlertSeriesGone] and [AlertTargetsDown]. Default: they are
// there, and quiet on an idle service, whose series stay at their values.
func WithoutPresence() Option {
	return optionFunc(func(c *config) { c.presence = false })
}

// WithTrafficCeased adds the alert [AlertTrafficCeased]. Default: not there, for much that is idle
// at night is healthy.
func WithTrafficCeased() Option {
	return optionFunc(func(c *config) { c.ceased = true })
}

// WithMostlyIgnored adds the alert [AlertMostlyIgnored]. Default: not there.
func WithMostlyIgnored() Option {
	return optionFunc(func(c *config) { c.ignored = true })
}

// WithExactBudget computes the budget from the raw counters over the whole period, in place of
// sums of what was recorded: right from the first day on, also for the time before the rules were
// loaded, and dear. For small services. Default: sums.
func WithExactBudget() Option {
	return optionFunc(func(c *config) { c.exact = true })
}

// WithBreakdown also records events and errors by the labels of each SLI, for dashboards, over
// three windows: the shortest, twelve times that (5m and 1h) and the period. Default: not recorded.
func WithBreakdown() Option {
	return optionFunc(func(c *config) { c.breakdown = true })
}

// WithKeepFiringFor keeps a burn-rate alert firing for so long after it would have ended. Needs
// Prometheus 2.42; a [VMAlert] file cannot be written with it. Default, 0 and less: not at all.
func WithKeepFiringFor(d time.Duration) Option {
	return optionFunc(func(c *config) { c.keepFiringFor = max(d, 0) })
}

// WithQueryOffset evaluates everything as of so long ago, for samples that arrive late, as by OTLP.
// Needs Prometheus 2.53. Default, 0 and less: none.
func WithQueryOffset(d time.Duration) Option {
	return optionFunc(func(c *config) { c.queryOffset = max(d, 0) })
}
