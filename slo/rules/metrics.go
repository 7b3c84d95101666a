package rules

import (
	"cmp"
	"slices"
	"time"
)

// What is recorded over a window has the window at the end of its name, see [EventsIncrease].
const (
	recordEvents      = "sli:events:increase"
	recordErrors      = "sli:errors:increase"
	recordLabelEvents = "sli:label_events:increase"
	recordLabelErrors = "sli:label_errors:increase"
	periodSuffix      = "_period"
)

// What is recorded by each objective. The numbers of the budget are ratios of events over the
// period of the objective.
const (
	RecordCountedEvents     = "sli:events:counted"
	RecordCountedErrors     = "sli:errors:counted"
	RecordPeriodEvents      = recordEvents + periodSuffix
	RecordPeriodErrors      = recordErrors + periodSuffix
	RecordAllowedErrors     = "slo:errors_allowed:increase" + periodSuffix
	RecordObjective         = "slo:objective:ratio"
	RecordPeriod            = "slo:period:seconds"
	RecordBudget            = "slo:error_budget:ratio"
	RecordBudgetRemaining   = "slo:error_budget_remaining:ratio"
	RecordBudgetConsumed    = "slo:error_budget_consumed:ratio"
	RecordCoverage          = "slo:error_budget_coverage:ratio"
	RecordAsOf              = "slo:error_budget_as_of:timestamp_seconds"
	RecordInfo              = "slo:info"
	RecordSLIs              = "sli:slis:count"
	RecordCategoryBudget    = "slo:feature_category:error_budget_remaining:ratio"
	RecordOwnerBudget       = "slo:owner:error_budget_remaining:ratio"
	RecordLabelPeriodEvents = recordLabelEvents + periodSuffix
	RecordLabelPeriodErrors = recordLabelErrors + periodSuffix
)

// Labels of records and alerts, beside those of package otelsli.
const (
	labelJob             = "job"
	labelService         = "service"
	labelSeverity        = "severity"
	labelTier            = "tier"
	labelLongWindow      = "long_window"
	labelShortWindow     = "short_window"
	labelFeatureCategory = "feature_category"
	labelOwner           = "owner"
	labelObjective       = "objective"
	labelPeriod          = "period"

	// labelPart tells the terms of a sum apart, within one expression. No label of an SLI or of a
	// target can be called so.
	labelPart = "__part__"
)

// EventsIncrease returns the name of the record of the events in a window, such as
// "sli:events:increase5m".
func EventsIncrease(window time.Duration) string { return recordEvents + Duration(window) }

// ErrorsIncrease returns the name of the record of the bad events in a window: failures for the
// objective availability, slow events for apdex.
func ErrorsIncrease(window time.Duration) string { return recordErrors + Duration(window) }

// LabelEventsIncrease returns the name of the record of the events in a window by the labels of
// the SLI. See [WithBreakdown].
func LabelEventsIncrease(window time.Duration) string { return recordLabelEvents + Duration(window) }

// LabelErrorsIncrease is as LabelEventsIncrease, for the bad events.
func LabelErrorsIncrease(window time.Duration) string { return recordLabelErrors + Duration(window) }

// A Metric describes what is recorded under one name, for documentation and dashboards.
type Metric struct {
	Name        string
	Description string
	Unit        string   // "events", "SLIs", "ratio", "seconds" or ""
	Labels      []string // that its series have, sorted, beside those of the SLI in a breakdown
}

// descriptions are those of the records whose names do not depend on a window.
var descriptions = map[string]Metric{
	RecordPeriodEvents:      {Unit: unitEvents, Description: "Events over the period of the objective."},
	RecordPeriodErrors:      {Unit: unitEvents, Description: "Bad events over the period of the objective."},
	RecordAllowedErrors:     {Unit: unitEvents, Description: "Bad events that the objective allows over its period, for the events that there were."},
	RecordObjective:         {Unit: unitRatio, Description: "Share of events that are to be good."},
	RecordPeriod:            {Unit: unitSeconds, Description: "Period that the objective is held over."},
	RecordBudget:            {Unit: unitRatio, Description: "Share of events that may be bad: 1 less the objective."},
	RecordBudgetRemaining:   {Unit: unitRatio, Description: "Share of the error budget of the period that is left; below 0 where more than all is burnt, 1 where there were no events."},
	RecordBudgetConsumed:    {Unit: unitRatio, Description: "Share of the error budget of the period that is burnt; above 1 where that is more than all."},
	RecordCoverage:          {Unit: unitRatio, Description: "Share of the period that the budget knows about: less than 1 while the rules are younger than the period, or where there was no data."},
	RecordAsOf:              {Unit: unitSeconds, Description: "Time of the newest record that the budget knows, as seconds since 1970. The present less this is how far the budget is behind."},
	RecordInfo:              {Description: "Always 1; its labels say what the objective is, who owns it and what it belongs to."},
	RecordSLIs:              {Unit: unitSLIs, Description: "SLIs of the job that are counted, be they idle or not."},
	RecordCategoryBudget:    {Unit: unitRatio, Description: "Share of the error budgets of a feature category that is left, its SLIs weighted by their events, each over its own period."},
	RecordOwnerBudget:       {Unit: unitRatio, Description: "Share of the error budgets of an owner that is left, weighted as those of the feature categories."},
	RecordLabelPeriodEvents: {Unit: unitEvents, Description: "Events over the period of the objective, by the labels of the SLI."},
	RecordLabelPeriodErrors: {Unit: unitEvents, Description: "Bad events over the period of the objective, by the labels of the SLI."},
}

// windowed are the descriptions of the records that have their window in the name.
var windowed = map[string]Metric{
	recordEvents:        {Unit: unitEvents, Description: "Events in the last %s."},
	recordErrors:        {Unit: unitEvents, Description: "Bad events in the last %s: failures (availability) or slow successes (apdex)."},
	RecordCountedEvents: {Unit: unitEvents, Description: "Events in the last %s, and in a gap without scrapes before them, counted and not extrapolated: what longer windows are summed from."},
	RecordCountedErrors: {Unit: unitEvents, Description: "Bad events in the last %s, and in a gap without scrapes before them, counted and not extrapolated."},
	recordLabelEvents:   {Unit: unitEvents, Description: "Events in the last %s by the labels of the SLI."},
	recordLabelErrors:   {Unit: unitEvents, Description: "Bad events in the last %s by the labels of the SLI."},
}

const (
	unitEvents  = "events"
	unitSLIs    = "SLIs"
	unitRatio   = "ratio"
	unitSeconds = "seconds"
)

// Metrics returns what the set records, sorted by name, each name once.
func (s *Set) Metrics() []Metric {
	byName := make(map[string]Metric)
	for _, g := range s.Groups {
		for _, r := range g.Rules {
			if r.Record != "" {
				r.metric.Name = r.Record
				byName[r.Record] = r.metric
			}
		}
	}
	all := make([]Metric, 0, len(byName))
	for _, m := range byName {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
