package rules

import (
	"cmp"
	"slices"
	"time"
)

// The names of records over a window end in that window; see [EventsIncrease].
const (
	recordEvents      = "sli:events:increase"
	recordErrors      = "sli:errors:increase"
	recordLabelEvents = "sli:label_events:increase"
	recordLabelErrors = "sli:label_errors:increase"
	periodSuffix      = "_period"
)

// Names of the records of each objective. Budgets are ratios of events over the period of the
// objective.
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

// Labels of records and alerts, in addition to those of package otelsli.
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

	// labelPart distinguishes the terms of a sum within one expression. No label of an SLI or target
	// can have this name.
	labelPart = "__part__"
)

// EventsIncrease returns the name of the record that counts the events in a window, such as
// "sli:events:increase5m".
func EventsIncrease(window time.Duration) string { return recordEvents + Duration(window) }

// ErrorsIncrease returns the name of the record that counts the bad events in a window: failures for
// the objective availability, slow events for apdex.
func ErrorsIncrease(window time.Duration) string { return recordErrors + Duration(window) }

// LabelEventsIncrease returns the name of the record that counts the events in a window by the labels
// of the SLI. See [WithBreakdown].
func LabelEventsIncrease(window time.Duration) string { return recordLabelEvents + Duration(window) }

// LabelErrorsIncrease is like [LabelEventsIncrease], but for bad events.
func LabelErrorsIncrease(window time.Duration) string { return recordLabelErrors + Duration(window) }

// A Metric describes the record with one name, for documentation and dashboards.
type Metric struct {
	Name        string
	Description string
	Unit        string   // "events", "SLIs", "ratio", "seconds" or ""
	Labels      []string // of its series, sorted
}

// descriptions describes the records whose names do not contain a window.
var descriptions = map[string]Metric{
	RecordPeriodEvents:      {Unit: unitEvents, Description: "Events over the period of the objective."},
	RecordPeriodErrors:      {Unit: unitEvents, Description: "Bad events over the period of the objective."},
	RecordAllowedErrors:     {Unit: unitEvents, Description: "Bad events that the objective allows over its period, given the events in it."},
	RecordObjective:         {Unit: unitRatio, Description: "Share of events that should be good."},
	RecordPeriod:            {Unit: unitSeconds, Description: "Period of the objective."},
	RecordBudget:            {Unit: unitRatio, Description: "Share of events that may be bad: 1 minus the objective."},
	RecordBudgetRemaining:   {Unit: unitRatio, Description: "Share of the period's error budget that is left: below 0 if overspent, 1 if there were no events."},
	RecordBudgetConsumed:    {Unit: unitRatio, Description: "Share of the period's error budget that is spent: above 1 if overspent."},
	RecordCoverage:          {Unit: unitRatio, Description: "Share of the period that the budget covers: below 1 while the rules are younger than the period, or if data is missing."},
	RecordAsOf:              {Unit: unitSeconds, Description: "Unix time of the newest record in the budget. The current time minus this is how far the budget is behind."},
	RecordInfo:              {Description: "Always 1; its labels state the objective, its period, its owner and its feature category."},
	RecordSLIs:              {Unit: unitSLIs, Description: "SLIs of the job that are counted, idle or not."},
	RecordCategoryBudget:    {Unit: unitRatio, Description: "Share of the error budgets of a feature category that is left; its SLIs are weighted by their events, each over its own period."},
	RecordOwnerBudget:       {Unit: unitRatio, Description: "Share of the error budgets of an owner that is left, weighted like those of feature categories."},
	RecordLabelPeriodEvents: {Unit: unitEvents, Description: "Events over the period of the objective, by the labels of the SLI."},
	RecordLabelPeriodErrors: {Unit: unitEvents, Description: "Bad events over the period of the objective, by the labels of the SLI."},
}

// windowed describes the records whose names end in their window.
var windowed = map[string]Metric{
	recordEvents:        {Unit: unitEvents, Description: "Events in the last %s."},
	recordErrors:        {Unit: unitEvents, Description: "Bad events in the last %s: failures (availability) or slow successes (apdex)."},
	RecordCountedEvents: {Unit: unitEvents, Description: "Events in the last %s and in a scrape gap just before, counted without extrapolation. Longer windows are sums of it."},
	RecordCountedErrors: {Unit: unitEvents, Description: "Bad events in the last %s and in a scrape gap just before, counted without extrapolation."},
	recordLabelEvents:   {Unit: unitEvents, Description: "Events in the last %s by the labels of the SLI."},
	recordLabelErrors:   {Unit: unitEvents, Description: "Bad events in the last %s by the labels of the SLI."},
}

const (
	unitEvents  = "events"
	unitSLIs    = "SLIs"
	unitRatio   = "ratio"
	unitSeconds = "seconds"
)

// Metrics returns the records of the set, sorted by name, each name once.
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
