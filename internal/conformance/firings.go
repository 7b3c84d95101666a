package conformance

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"
)

// A firing is one alert from when it began to when it ended.
type firing struct {
	labels   labels.Labels
	from, to time.Time // to: the first evaluation at which it did not fire any more
}

func (f firing) name() string { return f.labels.Get(labels.AlertName) }

type firings []firing

// add reads the firings of an alert from the result of its expression over time.
func (all firings) add(r promrules.Rule, m promql.Matrix, every time.Duration) firings {
	for _, x := range m {
		b := labels.NewBuilder(x.Metric)
		r.Labels().Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
		b.Set(labels.AlertName, r.Name())
		current := firing{labels: b.Labels()}
		for i, p := range x.Floats {
			at := time.UnixMilli(p.T).UTC()
			if i == 0 || p.T-x.Floats[i-1].T > every.Milliseconds() {
				if i > 0 {
					all = append(all, current)
				}
				current.from = at
			}
			current.to = at.Add(every)
		}
		all = append(all, current)
	}
	return all
}

// of returns the firings of an alert in which the labels have these values, given in pairs.
func (all firings) of(name string, pairs ...string) firings {
	return slices.DeleteFunc(slices.Clone(all), func(f firing) bool {
		if f.name() != name {
			return true
		}
		for i := 0; i < len(pairs); i += 2 {
			if f.labels.Get(pairs[i]) != pairs[i+1] {
				return true
			}
		}
		return false
	})
}
