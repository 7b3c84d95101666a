package names

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Count is what there is to count about an SLI.
type Count uint8

const (
	// Total is the events that count for the error rate: successes, slow ones, failures.
	Total Count = iota
	// Failed is the events of Total that failed.
	Failed
	// Ignored is the events that count neither way.
	Ignored
	// Judged is the successes whose latency was judged.
	Judged
	// Satisfied is the events of Judged that came within their threshold.
	Satisfied
	// Slow is the events of Judged that came past their threshold.
	Slow
)

// outcomes are those whose events each Count counts.
var outcomes = [...][]otelsli.Outcome{
	Total:     {otelsli.Success, otelsli.Slow, otelsli.Failed},
	Failed:    {otelsli.Failed},
	Ignored:   {otelsli.Ignored},
	Judged:    {otelsli.Success, otelsli.Slow},
	Satisfied: {otelsli.Success},
	Slow:      {otelsli.Slow},
}

// A Namer finds the metrics of one catalog behind one kind of receiver.
type Namer struct {
	Prefix   string // "": [otelsli.DefaultPrefix]
	Layout   otelsli.Layout
	Strategy Strategy
}

// Of returns the Namer of the catalog that d describes.
func Of(d *otelsli.Description, s Strategy) Namer {
	return Namer{Prefix: d.Prefix, Layout: d.Layout, Strategy: s}
}

// Counter returns the selector of what counts c for an SLI. In the layout Outcomes "" is all SLIs
// of the catalog. Several outcomes are several series, to be summed.
//
// In the layout Outcomes, Judged and Satisfied also select the successes of series whose latency is
// not judged, if an SLI has such series beside others: those without a series of Slow.
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

// ObjectiveRatio returns the selector of the objectives that the processes export, by SLI and SLO.
func (n Namer) ObjectiveRatio() Selector { return n.ofCatalog(otelsli.ObjectiveRatioName) }

// ObjectiveWindow returns the selector of the windows of the objectives, in seconds.
func (n Namer) ObjectiveWindow() Selector { return n.ofCatalog(otelsli.ObjectiveWindowName) }

// Undeclared returns the selector of the events with undeclared labels, by SLI and series.
func (n Namer) Undeclared() Selector { return n.ofCatalog(otelsli.UndeclaredName) }

func (n Namer) ofCatalog(name func(prefix string) string) Selector {
	return Selector{Metric: n.Strategy.Metric(name(n.prefix()))}
}

func (n Namer) prefix() string { return cmp.Or(n.Prefix, otelsli.DefaultPrefix) }

// String names the count, such as "Failed".
func (c Count) String() string {
	names := []string{"Total", "Failed", "Ignored", "Judged", "Satisfied", "Slow"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("Count(%d)", uint8(c))
}
