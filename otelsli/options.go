package otelsli

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// DefaultUndeclaredLimit is the number of undeclared combinations of an SLI that become series of
// their own, unless [WithUndeclaredLimit] sets another.
const DefaultUndeclaredLimit = 100

// An Option says how an SLI runs; what it is, its [Spec] says.
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

// WithCatalog declares the SLI in c. Libraries take one from their user. Default and nil: the
// catalog that [Default] returns.
func WithCatalog(c *Catalog) Option {
	return optionFunc(func(cfg *config) { cfg.catalog = c })
}

// WithClassifier lets f decide the outcome of an event. Default and nil: [Classify].
func WithClassifier(f Classifier) Option {
	return optionFunc(func(cfg *config) { cfg.classifier = f })
}

// WithThreshold lets f give a threshold for each combination of labels; it is called once, when
// the series is born. Where f returns 0, [Spec].Threshold holds; where it returns less than 0,
// latency is not judged and the series has no apdex. The overflow series has Spec.Threshold.
// Default and nil: Spec.Threshold for all.
//
// L must be the type of the SLI's labels.
func WithThreshold[L comparable](f func(L) time.Duration) Option {
	return optionFunc(func(cfg *config) {
		cfg.threshold = nil
		if f != nil {
			cfg.threshold = f
		}
	})
}

// WithLabelNames names the labels of an SLI whose labels are an array of strings, for names that
// are known only at run time:
//
//	otelsli.New(spec, [][2]string{{"web", "gold"}}, otelsli.WithLabelNames("channel", "tier"))
func WithLabelNames(names ...string) Option {
	return optionFunc(func(cfg *config) { cfg.labelNames = slices.Clone(names) })
}

// WithUndeclaredLimit sets how many undeclared combinations become series of their own; the
// events of all further ones are counted in one overflow series. Each that is kept copies what is
// known, so that a limit of thousands is dear: declare them instead. Default:
// [DefaultUndeclaredLimit]. Zero or less is strict: every undeclared combination overflows.
func WithUndeclaredLimit(n int) Option {
	return optionFunc(func(cfg *config) { cfg.limit = max(n, 0) })
}

// thresholdFunc returns the function of WithThreshold, nil where there is none.
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
