package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

// A source is what one kind of objective counts: where the events and the bad ones among them are.
type source struct {
	events, errors names.Selector

	// judged drops the events of series that have no errors counter, where the selector of the
	// events cannot: in the layout Outcomes, successes whose latency is not judged.
	judged bool
}

// A scope is one objective, or all of a static file, with what all its rules have in common.
type scope struct {
	*config
	id        string            // part of the names of its groups
	by        []string          // labels that are kept of the series
	labels    map[string]string // labels that are added
	targets   []names.Matcher   // of whom it is; none: of all
	period    time.Duration
	tiers     []Tier
	budget    string  // PromQL: a literal, or records with the same labels as ours
	objective float64 // 0: of a static file, which serves all
	filter    string  // PromQL that only objectives of this period pass; "": all do
	alert     map[string]string
}

// baseRecords is how many records of the shortest window overlap: each event is in so many.
const baseRecords = 5

func (c *config) base() time.Duration { return baseRecords * c.interval }

// rawLimit is the longest window that is computed from the counters.
const rawLimit = 6 * time.Hour

// record returns the selector of what this scope recorded under the name. What is generated for
// one service is none of a static file's; and what other rules record of the same service for
// other targets, such as the job staging/shop beside prod/shop, is none of ours.
func (s *scope) record(name string) string {
	sel := names.Selector{Metric: name, Matchers: slices.Clone(s.targets)}
	sel.Matchers = append(sel.Matchers, names.Equal(labelService, s.labels[labelService]))
	for _, label := range []string{otelsli.AttributeSLI, otelsli.AttributeSLO} {
		if value, ok := s.labels[label]; ok {
			sel.Matchers = append(sel.Matchers, names.Equal(label, value))
		}
	}
	return sel.String()
}

// sum adds up a vector of raw series.
func (s *scope) sum(vector string) string { return sumBy(s.by, vector) }

func sumBy(by []string, vector string) string {
	return fmt.Sprintf("sum by (%s) (%s)", strings.Join(by, ", "), vector)
}

// keys are the labels that identify an objective's records, those of the SLI's name last.
func (s *scope) keys() []string {
	return slices.Concat(s.by, slices.DeleteFunc(sortedKeys(s.labels), func(label string) bool {
		return slices.Contains(s.by, label)
	}))
}

// rule makes a recording rule; what it is comes from the tables of metrics.go.
func (s *scope) rule(name string, window time.Duration, expr string) Rule {
	m := descriptions[name]
	if window > 0 {
		m = windowed[name]
		m.Description = fmt.Sprintf(m.Description, Duration(window))
		name += Duration(window)
	}
	m.Name = name
	m.Labels = slices.Sorted(slices.Values(s.keys()))
	return Rule{Record: name, Expr: expr, Labels: maps.Clone(s.labels), metric: m}
}

// place are the labels by which the targets are told from those of other rules.
func (c *config) place() []string {
	labels := []string{labelJob}
	for _, m := range c.matchers {
		labels = append(labels, m.Label)
	}
	return labels
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
