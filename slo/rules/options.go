package rules

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// An Option configures [Generate] and [Static].
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

// DefaultMinFailures is the number of failures below which no burn-rate alert fires. Override it with
// [WithMinFailures].
const DefaultMinFailures = 5

// DefaultInterval is the evaluation interval. Override it with [WithInterval].
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

// WithService sets the value of the label service on all records and alerts. Default and "": the name
// given by [Job]; it is required with [JobsMatching]. [Static] rules have no such label, and the
// option is an error there.
func WithService(name string) Option {
	return optionFunc(func(c *config) { c.service = name })
}

// WithPrefix sets the prefix of the catalogs that [Static] serves. Default and "":
// [otelsli.DefaultPrefix]. [Generate] takes the prefix from the description; any other is an error.
func WithPrefix(prefix string) Option {
	return optionFunc(func(c *config) { c.prefix = prefix })
}

// WithTranslation sets the name translation that the receiver applies. Default:
// [names.UnderscoreEscapingWithSuffixes].
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithTiers sets the burn-rate alerts of every objective, most urgent first: each alert inhibits those
// after it. Default and none: the [StandardTiers] for the period of each objective.
func WithTiers(tiers ...Tier) Option {
	return optionFunc(func(c *config) { c.tiers = slices.Clone(tiers) })
}

// WithOnlyTiers keeps only the tiers with these names, such as [PageFast]. Default and none: all.
func WithOnlyTiers(tierNames ...string) Option {
	return optionFunc(func(c *config) { c.only = slices.Clone(tierNames) })
}

// WithSeverities sets the severities of the standard tiers and of the other alerts. Default and "":
// [SeverityPage] and [SeverityTicket].
func WithSeverities(page, ticket string) Option {
	return optionFunc(func(c *config) {
		c.page, c.ticket = cmp.Or(page, SeverityPage), cmp.Or(ticket, SeverityTicket)
	})
}

// WithMinFailures sets how many failures (for apdex, slow events) the long window must contain for its
// alert to fire, so one failure in ten requests on a quiet night wakes nobody. Because it counts
// failures, not events, a full outage of a quiet service still alerts. Default:
// [DefaultMinFailures]. Zero or less: no minimum.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithGroupBy keeps these target labels, such as cluster, namespace or version, next to job in records
// and alerts, so each combination of their values has its own budget and alerts. The alerts about
// missing series still work per job: a version that disappears is no alert. Default and none: job
// alone.
func WithGroupBy(labels ...string) Option {
	return optionFunc(func(c *config) { c.groupBy = slices.Clone(labels) })
}

// WithTargets counts only the targets that the matchers select, such as
// names.Equal("namespace", "prod"), when the label job alone does not distinguish them. Records and
// alerts keep the labels, as with [WithGroupBy], and rules read only records with matching labels.
// Default and none: all targets of the job.
func WithTargets(matchers ...names.Matcher) Option {
	return optionFunc(func(c *config) { c.matchers = slices.Clone(matchers) })
}

// WithInterval sets the evaluation interval, in whole seconds from 1s to 1m. It also sets the shortest
// window of the records, which is five times as long. Intervals below the default are for tests.
// Default and 0: [DefaultInterval].
func WithInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.interval = cmp.Or(d, DefaultInterval) })
}

// WithRunbookURL sets the annotation runbook_url of the alerts. The placeholders {alert}, {service},
// {job}, {sli}, {slo} and {severity} are replaced by the values of the alert. Default:
// [DefaultRunbookURL]. "": no such annotation.
func WithRunbookURL(template string) Option {
	return optionFunc(func(c *config) { c.runbook = template })
}

// WithDashboardURL sets the annotation dashboard_url, with the placeholders of [WithRunbookURL].
// Default and "": none.
func WithDashboardURL(template string) Option {
	return optionFunc(func(c *config) { c.dashboard = template })
}

// WithAlertLabels adds labels to every alert, such as a team for Alertmanager to route by.
// Default and nil: none.
func WithAlertLabels(labels map[string]string) Option {
	return optionFunc(func(c *config) { c.alertLabels = maps.Clone(labels) })
}

// WithoutPresence omits the alerts [AlertSeriesGone] and [AlertTargetsDown]. Default: they are
// included. They stay quiet for an idle service, whose series keep their values.
func WithoutPresence() Option {
	return optionFunc(func(c *config) { c.presence = false })
}

// WithTrafficCeased adds the alert [AlertTrafficCeased]. Default: not included, because many healthy
// services are idle at night.
func WithTrafficCeased() Option {
	return optionFunc(func(c *config) { c.ceased = true })
}

// WithMostlyIgnored adds the alert [AlertMostlyIgnored]. Default: not included.
func WithMostlyIgnored() Option {
	return optionFunc(func(c *config) { c.ignored = true })
}

// WithExactBudget computes the budget from the raw counters over the whole period instead of summing
// records. It is correct from the first day, including the time before the rules were loaded, but
// expensive to evaluate: use it for small services. Default: sums. [Static] does not support it.
func WithExactBudget() Option {
	return optionFunc(func(c *config) { c.exact = true })
}

// WithBreakdown also records events and errors by the labels of each SLI, for dashboards, over three
// windows: the shortest, twelve times that (5m and 1h by default) and the period. Default: not
// recorded. [Static] does not support it.
func WithBreakdown() Option {
	return optionFunc(func(c *config) { c.breakdown = true })
}

// WithKeepFiringFor keeps a burn-rate alert firing for this long after its condition ends. It needs
// Prometheus 2.42; writing it as [VMAlert] is an error. Default, zero or less: not at all.
func WithKeepFiringFor(d time.Duration) Option {
	return optionFunc(func(c *config) { c.keepFiringFor = max(d, 0) })
}

// WithQueryOffset evaluates all rules at this offset into the past, for samples that arrive late, such
// as those pushed by OTLP. It needs Prometheus 2.53. Default, zero or less: none.
func WithQueryOffset(d time.Duration) Option {
	return optionFunc(func(c *config) { c.queryOffset = max(d, 0) })
}
