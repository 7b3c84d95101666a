package otelsli

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// DefaultUndeclaredLimit is the number of undeclared combinations of an SLI that get their own
// series, unless [WithUndeclaredLimit] sets another.
const DefaultUndeclaredLimit = 100

// An Option configures how an SLI runs; its [Spec] says what it is.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	catalog    *Catalog
	labelNames []string
	classifier Classifier
	threshold  any // func(L) time.Duration
	limit      int
}

func newConfig(options []Option) config {
	c := config{limit: DefaultUndeclaredLimit}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	if c.catalog == nil {
		c.catalog = Default()
	}
	return c
}

// WithCatalog declares the SLI in c. Libraries take a catalog from their user. Default and nil: the
// catalog that [Default] returns.
func WithCatalog(c *Catalog) Option {
	return optionFunc(func(cfg *config) { cfg.catalog = c })
}

// WithClassifier makes f decide the outcome of each event. Default and nil: [Classify].
func WithClassifier(f Classifier) Option {
	return optionFunc(func(cfg *config) { cfg.classifier = f })
}

// WithThreshold sets the threshold of each label combination to f(labels). It calls f once per
// series, when the series is created. If f returns 0, [Spec].Threshold applies; if it returns less
// than 0, latency is not judged and the series has no apdex. The overflow series always has
// Spec.Threshold. Default and nil: Spec.Threshold for all.
//
// L must be the label type of the SLI.
func WithThreshold[L comparable](f func(L) time.Duration) Option {
	return optionFunc(func(cfg *config) {
		cfg.threshold = nil
		if f != nil {
			cfg.threshold = f
		}
	})
}

// WithLabelNames names the labels of an SLI whose label type is an array of strings, for names that
// are known only at run time:
//
//	otelsli.New(spec, [][2]string{{"web", "gold"}}, otelsli.WithLabelNames("channel", "tier"))
func WithLabelNames(names ...string) Option {
	return optionFunc(func(cfg *config) { cfg.labelNames = slices.Clone(names) })
}

// WithUndeclaredLimit sets how many undeclared combinations get their own series; the events of all
// others are counted in one overflow series. Each series that is added copies the index of the
// known ones, which makes a limit in the thousands expensive: declare such combinations instead.
// Default: [DefaultUndeclaredLimit]. Zero or less is strict: every undeclared combination
// overflows.
func WithUndeclaredLimit(n int) Option {
	return optionFunc(func(cfg *config) { cfg.limit = max(n, 0) })
}

// thresholdFunc returns the function of WithThreshold, or nil if there is none.
func thresholdFunc[L comparable](c config, p *problems) func(L) time.Duration {
	if c.threshold == nil {
		return nil
	}
	f, ok := c.threshold.(func(L) time.Duration)
	if !ok {
		p.add("WithThreshold", fmt.Sprintf("a %T", c.threshold), "a func(%v) time.Duration", reflect.TypeFor[L]())
	}
	return f
}
