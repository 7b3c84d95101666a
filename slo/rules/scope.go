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

// A source is the counters of one kind of objective: of all its events, and of the bad ones.
type source struct {
	events, errors names.Selector

	// judged drops the events of series without an errors counter, which the selector of the
	// events cannot do in the layout Outcomes: successes whose latency is not judged.
	judged bool
}

// A scope is what the rules of one objective, or of all objectives of a static file, have in common.
type scope struct {
	*config
	id        string            // part of the names of its groups
	by        []string          // labels kept from the series
	labels    map[string]string // labels added to them
	targets   []names.Matcher   // targets that are counted; none: all
	period    time.Duration
	tiers     []Tier
	budget    string  // PromQL: a literal, or a record with the same labels
	objective float64 // 0: a static file, which serves any
	filter    string  // PromQL that selects objectives with this period; "": all
	alert     map[string]string
}

// baseRecords is how many records of the shortest window overlap, and thus count each event.
const baseRecords = 5

func (c *config) base() time.Duration { return baseRecords * c.interval }

// rawLimit is the longest window that is computed from the counters.
const rawLimit = 6 * time.Hour

// record returns the selector of what this scope records under the name. It excludes records that
// other rules made: those of generated rules from a static file, and those of the same service for
// other targets, such as the job staging/shop from the rules for prod/shop.
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

// keys are the labels that identify an objective's records: those kept from the series, then those
// added.
func (s *scope) keys() []string {
	return slices.Concat(s.by, slices.DeleteFunc(sortedKeys(s.labels), func(label string) bool {
		return slices.Contains(s.by, label)
	}))
}

// rule makes a recording rule, with its description from the tables in metrics.go.
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

// place are the labels that distinguish these targets from those of other rules.
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
