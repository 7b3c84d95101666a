package conformance

import (
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A mode is a way to get from a catalog to rules.
type mode struct {
	layout   otelsli.Layout
	static   bool
	strategy names.Strategy
}

func (m mode) String() string {
	rules := "generated"
	if m.static {
		rules = "static"
	}
	return m.layout.String() + "/" + rules + "/" + m.strategy.String()
}

// modes are all that there are.
func modes() []mode {
	var all []mode
	for _, s := range names.Strategies() {
		all = append(all,
			mode{otelsli.Counters, false, s},
			mode{otelsli.Outcomes, false, s},
			mode{otelsli.Outcomes, true, s})
	}
	return all
}

// set makes the rules for the catalog that d describes.
func (m mode) set(d *otelsli.Description, period time.Duration, options ...rules.Option) (*rules.Set, error) {
	options = append(options, rules.WithTranslation(m.strategy))
	if m.static {
		return rules.Static([]time.Duration{period}, options...)
	}
	return rules.Generate(d, rules.Job(jobName), options...)
}

const jobName = "shop"
