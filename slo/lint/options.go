package lint

import (
	"cmp"
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option tells [Check] what is not in a declaration.
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

// DefaultScrapeInterval is the time between two scrapes, unless [WithScrapeInterval] says otherwise.
const DefaultScrapeInterval = 15 * time.Second

// Numbers of series of all processes above which there is a finding, unless [WithMaxSeries] sets
// others.
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

// WithRules sets the rules that the SLIs are watched by: their tiers and windows are checked, and
// what they cost. Default and nil: the standard tiers, and what rules.Generate makes by default.
func WithRules(set *rules.Set) Option {
	return optionFunc(func(c *config) { c.set = set })
}

// WithScrapeInterval sets the time between two scrapes or exports. Default, 0 and less:
// [DefaultScrapeInterval].
func WithScrapeInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.scrape = cmp.Or(max(d, 0), DefaultScrapeInterval) })
}

// WithRetention sets how long the server keeps data. Default, 0 and less: unknown, and not checked.
func WithRetention(d time.Duration) Option {
	return optionFunc(func(c *config) { c.retention = max(d, 0) })
}

// WithPods sets how many processes export the catalog at the same time. Default, 0 and less: 1.
func WithPods(n int) Option {
	return optionFunc(func(c *config) { c.pods = max(n, 1) })
}

// WithMaxSeries sets how many series of all processes an SLI may have, and all SLIs together.
// Default, 0 and less: [DefaultMaxSeriesPerSLI] and [DefaultMaxSeries].
func WithMaxSeries(perSLI, all int) Option {
	return optionFunc(func(c *config) {
		c.perSLI, c.all = cmp.Or(max(perSLI, 0), DefaultMaxSeriesPerSLI), cmp.Or(max(all, 0), DefaultMaxSeries)
	})
}

// WithTraffic sets how many events in a second each SLI has. Default, 0 and less: unknown, and not
// checked.
func WithTraffic(rps float64) Option {
	return optionFunc(func(c *config) { c.traffic = max(rps, 0) })
}

// WithMinFailures is rules.WithMinFailures. Default: rules.DefaultMinFailures. Zero or less: no
// minimum.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithDeltaTowardsPrometheus says that the catalog is exported with delta temporality to a server
// that speaks PromQL. Default: it is not, or not known.
func WithDeltaTowardsPrometheus() Option {
	return optionFunc(func(c *config) { c.delta = true })
}
