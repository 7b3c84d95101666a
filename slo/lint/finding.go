package lint

import (
	"cmp"
	"fmt"
	"slices"
)

// A Severity is the severity of a finding.
type Severity string

// The severities, least severe first.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Error   Severity = "error"
)

var ranks = []Severity{Info, Warning, Error}

func (s Severity) rank() int { return slices.Index(ranks, s) }

// AtLeast reports whether s is at least as severe as other.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

// A Finding is one thing that is seldom intended.
type Finding struct {
	Check    string   `json:"check"` // name of the check, such as "unreachable-alert"
	Severity Severity `json:"severity"`
	SLI      string   `json:"sli,omitempty"`   // "": the catalog as a whole
	Field    string   `json:"field,omitempty"` // of the declaration, such as "Objective.Availability"
	Message  string   `json:"message"`         // what is wrong
	Fix      string   `json:"fix"`             // how to put it right
}

// Worst returns the highest severity of the findings, or "" if there are none.
func Worst(findings []Finding) Severity {
	var worst Severity
	for _, f := range findings {
		if f.Severity.AtLeast(worst) {
			worst = f.Severity
		}
	}
	return worst
}

// sortFindings sorts by SLI, those of the whole catalog first, and then by severity, most severe first.
func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.SLI, b.SLI), b.Severity.rank()-a.Severity.rank(), cmp.Compare(a.Check, b.Check))
	})
}

// A CheckInfo describes a check, for documentation.
type CheckInfo struct {
	Name        string   `json:"name"`
	Severity    Severity `json:"severity"` // the highest of its findings
	Description string   `json:"description"`
}

// Names of the checks.
const (
	checkAlert     = "unreachable-alert"
	checkScrapes   = "short-window"
	checkRetention = "retention"
	checkTraffic   = "traffic"
	checkLabel     = "overwritten-label"
	checkName      = "name"
	checkDelta     = "delta"
	checkSeries    = "series"
	checkObjective = "no-objective"
	checkOwner     = "no-owner"
	checkText      = "no-description"
	checkLatency   = "unjudged-latency"
	checkEmpty     = "empty"
)

// Checks returns all checks, sorted by name.
func Checks() []CheckInfo {
	all := []CheckInfo{
		{checkAlert, Error, "A burn-rate alert that even a full outage cannot trigger. An error if that is true of all alerts of an objective."},
		{checkScrapes, Error, "A window of an alert or record that holds fewer than four scrapes: one missed scrape makes it blind."},
		{checkRetention, Warning, "An objective or a window that is longer than the retention of the server."},
		{checkTraffic, Warning, "Traffic so low that an alert never sees the failures it needs, or that the budget of a period is less than one failure."},
		{checkLabel, Warning, "A label that scrape configurations often set too: Prometheus then renames it to exported_…"},
		{checkName, Info, "A name that repeats a part of the metric names, or reads like one of the counters."},
		{checkDelta, Error, "Delta temporality for Prometheus, which rejects it or counts wrongly."},
		{checkSeries, Warning, "More series than one SLI, or all of them, should have across all processes."},
		{checkObjective, Info, "An SLI without an objective: no budget, no burn-rate alert."},
		{checkOwner, Info, "An SLI with an objective but no owner: nothing says who gets its alerts."},
		{checkText, Info, "An SLI without a description."},
		{checkLatency, Info, "A threshold without an apdex objective: slow events burn no budget."},
		{checkEmpty, Error, "A catalog without SLIs."},
	}
	slices.SortFunc(all, func(a, b CheckInfo) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// String returns the finding as one line.
func (f Finding) String() string {
	subject := "catalog"
	if f.SLI != "" {
		subject = fmt.Sprintf("SLI %q", f.SLI)
	}
	if f.Field != "" {
		subject += ": " + f.Field
	}
	return fmt.Sprintf("%s: %s: %s: %s (%s)", f.Severity, subject, f.Message, f.Fix, f.Check)
}
