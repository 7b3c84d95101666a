package lint

import (
	"cmp"
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option tells [Check] what a declaration does not contain.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	set         *rules.Set
	scrape      time.Duration
	retention   time.Duration
	pods        int
	perSLI, all int
	traffic     float64
	minFailures int
	delta       bool
}

// DefaultScrapeInterval is the time between two scrapes. Override it with [WithScrapeInterval].
const DefaultScrapeInterval = 15 * time.Second

// Numbers of series, over all processes, above which there is a finding. Override them with
// [WithMaxSeries].
const (
	DefaultMaxSeriesPerSLI = 10_000
	DefaultMaxSeries       = 100_000
)

func newConfig(options []Option) config {
	c := config{
		scrape: DefaultScrapeInterval, pods: 1, minFailures: rules.DefaultMinFailures,
		perSLI: DefaultMaxSeriesPerSLI, all: DefaultMaxSeries,
	}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithRules sets the rules that watch the SLIs, whose tiers and windows are checked. Default and nil:
// what rules.Generate makes without options.
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.set = set })
}

// WithScrapeInterval sets the time between two scrapes or exports. Default, zero or less:
// [DefaultScrapeInterval].
func WithScrapeInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.scrape = cmp.Or(max(d, 0), DefaultScrapeInterval) })
}

// WithRetention sets how long the server keeps data. Default, zero or less: unknown, and not checked.
func WithRetention(d time.Duration) Option {
	return optionFunc(func(c *config) { c.retention = max(d, 0) })
}

// WithPods sets how many processes export the catalog at the same time. Default, zero or less: 1.
func WithPods(n int) Option {
	return optionFunc(func(c *config) { c.pods = max(n, 1) })
}

// WithMaxSeries sets how many series, over all processes, each SLI and all SLIs together may have.
// Default, zero or less: [DefaultMaxSeriesPerSLI] and [DefaultMaxSeries].
func WithMaxSeries(perSLI, all int) Option {
	return optionFunc(func(c *config) {
		c.perSLI, c.all = cmp.Or(max(perSLI, 0), DefaultMaxSeriesPerSLI), cmp.Or(max(all, 0), DefaultMaxSeries)
	})
}

// WithTraffic sets the traffic of each SLI in events per second. Default, zero or less: unknown, and
// not checked.
func WithTraffic(rps float64) Option {
	return optionFunc(func(c *config) { c.traffic = max(rps, 0) })
}

// WithMinFailures must match rules.WithMinFailures. Default: rules.DefaultMinFailures. Zero or less: no
// minimum.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithDeltaTowardsPrometheus states that the catalog is exported with delta temporality to a server
// that is queried with PromQL. Default: it is not, or that is unknown.
func WithDeltaTowardsPrometheus() Option {
	return optionFunc(func(c *config) { c.delta = true })
}
