package simulate

import (
	"cmp"
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// An Option changes what [Run] assumes about the rules and the service. Options that rules.Generate
// has too must be the same there.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	minFailures int
	interval    time.Duration
	history     time.Duration
}

func newConfig(options []Option) config {
	c := config{minFailures: rules.DefaultMinFailures, interval: rules.DefaultInterval}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithMinFailures must match rules.WithMinFailures. Default: rules.DefaultMinFailures. Zero or less: no
// minimum.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithInterval must match rules.WithInterval. Default and 0: rules.DefaultInterval.
func WithInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.interval = cmp.Or(d, rules.DefaultInterval) })
}

// WithHistory sets how long the service had been running before the incident. In a younger service the
// longer windows contain less traffic, so their alerts fire sooner. Default, zero or less: longer than
// every window.
func WithHistory(d time.Duration) Option {
	return optionFunc(func(c *config) { c.history = max(d, 0) })
}

func (c config) validate(p *problems, o rules.Objective) {
	if c.interval < time.Second || c.interval > time.Hour {
		p.add("WithInterval", c.interval, "1s to 1h")
	}
	if !(o.Target > 0 && o.Target < 1) {
		p.add("objective: target", o.Target, "a ratio between 0 and 1, such as 0.999")
	}
	if o.Period < time.Hour || o.Period > 4*maxLasts {
		p.add("objective: period", o.Period, "1h to %s", rules.Duration(4*maxLasts))
	}
	for _, t := range o.Tiers {
		if t.Long <= 0 || t.Short <= 0 || t.Long > maxLasts || t.Short > t.Long {
			p.add("objective: tier "+t.Name, t.Long, "windows above 0, the long one at most %s", rules.Duration(maxLasts))
		}
	}
}
