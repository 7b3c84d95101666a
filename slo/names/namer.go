package names

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Count is a kind of event that an SLI counts.
type Count uint8

const (
	// Total counts the events that count for the error rate: successes, slow successes and failures.
	Total Count = iota
	// Failed counts the events of Total that failed.
	Failed
	// Ignored counts the events that count neither way.
	Ignored
	// Judged counts the successes whose latency was judged.
	Judged
	// Satisfied counts the events of Judged that took no longer than their threshold.
	Satisfied
	// Slow counts the events of Judged that took longer than their threshold.
	Slow
)

// outcomes lists the outcomes that each Count includes.
var outcomes = [...][]otelsli.Outcome{
	Total:     {otelsli.Success, otelsli.Slow, otelsli.Failed},
	Failed:    {otelsli.Failed},
	Ignored:   {otelsli.Ignored},
	Judged:    {otelsli.Success, otelsli.Slow},
	Satisfied: {otelsli.Success},
	Slow:      {otelsli.Slow},
}

// A Namer returns selectors for the metrics of one catalog behind one kind of receiver.
type Namer struct {
	Prefix   string // "": [otelsli.DefaultPrefix]
	Layout   otelsli.Layout
	Strategy Strategy
}

// Of returns the Namer of the catalog that d describes.
func Of(d *otelsli.Description, s Strategy) Namer {
	return Namer{Prefix: d.Prefix, Layout: d.Layout, Strategy: s}
}

// Counter returns the selector of the counter of c for an SLI. In the layout Outcomes, an empty name
// selects all SLIs of the catalog, and a count of several outcomes selects several series, to be
// summed.
//
// In the layout Outcomes, Judged and Satisfied also select the successes of series whose latency is
// not judged, if an SLI has some: those without a series of Slow.
func (n Namer) Counter(sli string, c Count) Selector {
	counters := n.Layout.Counters(n.prefix(), otelsli.Spec{Name: sli, Kind: otelsli.ErrorRate | otelsli.Apdex})
	if n.Layout != otelsli.Outcomes {
		i := slices.IndexFunc(counters, func(x otelsli.Counter) bool { return slices.Equal(x.Outcomes(), outcomes[c]) })
		return Selector{Metric: n.Strategy.Metric(counters[i].Name)}
	}
	s := Selector{Metric: n.Strategy.Metric(counters[0].Name)} // of all outcomes
	if sli != "" {
		s = s.With(Equal(otelsli.AttributeSLI, sli))
	}
	return s.With(outcomeMatcher(outcomes[c]))
}

func outcomeMatcher(outcomes []otelsli.Outcome) Matcher {
	if len(outcomes) == 1 {
		return Equal(otelsli.AttributeOutcome, outcomes[0].String())
	}
	all := make([]string, len(outcomes))
	for i, o := range outcomes {
		all[i] = o.String()
	}
	return Regexp(otelsli.AttributeOutcome, strings.Join(all, "|"))
}

// ObjectiveRatio returns the selector of the exported objectives, by SLI and SLO.
func (n Namer) ObjectiveRatio() Selector { return n.ofCatalog(otelsli.ObjectiveRatioName) }

// ObjectiveWindow returns the selector of the windows of the exported objectives, in seconds.
func (n Namer) ObjectiveWindow() Selector { return n.ofCatalog(otelsli.ObjectiveWindowName) }

// Undeclared returns the selector of the counter of events with undeclared labels, by SLI and series.
func (n Namer) Undeclared() Selector { return n.ofCatalog(otelsli.UndeclaredName) }

func (n Namer) ofCatalog(name func(prefix string) string) Selector {
	return Selector{Metric: n.Strategy.Metric(name(n.prefix()))}
}

func (n Namer) prefix() string { return cmp.Or(n.Prefix, otelsli.DefaultPrefix) }

// String returns the name of the count, such as "Failed".
func (c Count) String() string {
	names := []string{"Total", "Failed", "Ignored", "Judged", "Satisfied", "Slow"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("Count(%d)", uint8(c))
}
