package names

import (
	"cmp"
	"fmt"
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

// counts says, for each Count, what its counter is called in the layout Counters, after
// "<prefix>.<name>.", and which outcomes it is in the layout Outcomes. The constants of package
// otelsli are not exported; a test compares these with what a catalog emits.
var counts = [...]struct {
	suffix   string
	outcomes []otelsli.Outcome
}{
	Total:     {"total", []otelsli.Outcome{otelsli.Success, otelsli.Slow, otelsli.Failed}},
	Failed:    {"error.total", []otelsli.Outcome{otelsli.Failed}},
	Ignored:   {"ignored.total", []otelsli.Outcome{otelsli.Ignored}},
	Judged:    {"apdex.total", []otelsli.Outcome{otelsli.Success, otelsli.Slow}},
	Satisfied: {"apdex.success.total", []otelsli.Outcome{otelsli.Success}},
	Slow:      {"slow.total", []otelsli.Outcome{otelsli.Slow}},
}

// What follows "<prefix>." for the metrics of the catalog as a whole.
const (
	suffixEvents          = "events.total"
	suffixUndeclared      = "undeclared.total"
	suffixObjectiveRatio  = "objective.ratio"
	suffixObjectiveWindow = "objective.window.seconds"
)

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
	if n.Layout != otelsli.Outcomes {
		return Selector{Metric: n.metric(sli + "." + counts[c].suffix)}
	}
	s := Selector{Metric: n.metric(suffixEvents)}
	if sli != "" {
		s = s.With(Equal(otelsli.AttributeSLI, sli))
	}
	return s.With(outcomeMatcher(counts[c].outcomes))
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
func (n Namer) ObjectiveRatio() Selector { return Selector{Metric: n.metric(suffixObjectiveRatio)} }

// ObjectiveWindow returns the selector of the windows of the objectives, in seconds.
func (n Namer) ObjectiveWindow() Selector { return Selector{Metric: n.metric(suffixObjectiveWindow)} }

// Undeclared returns the selector of the events with undeclared labels, by SLI and series.
func (n Namer) Undeclared() Selector { return Selector{Metric: n.metric(suffixUndeclared)} }

func (n Namer) metric(rest string) string {
	return n.Strategy.Metric(cmp.Or(n.Prefix, otelsli.DefaultPrefix) + "." + rest)
}

// String names the count, such as "Failed".
func (c Count) String() string {
	names := []string{"Total", "Failed", "Ignored", "Judged", "Satisfied", "Slow"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("Count(%d)", uint8(c))
}
