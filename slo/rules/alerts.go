package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// Names of the alerts.
const (
	// AlertBudgetBurn fires while an error budget burns too fast. The label tier says how fast.
	AlertBudgetBurn = "SLOErrorBudgetBurn"
	// AlertSeriesGone fires when the series of an SLI are gone but its processes are not. It is a
	// page if no SLI of the job is counted any more, and a ticket if others still are.
	AlertSeriesGone = "SLISeriesGone"
	// AlertTargetsDown fires when the series of an SLI and all processes of its job are gone.
	AlertTargetsDown = "SLITargetsDown"
	// AlertTrafficCeased fires when there are no events, but there were an hour ago and a day ago.
	AlertTrafficCeased = "SLITrafficCeased"
	// AlertMostlyIgnored fires when more events are ignored than judged.
	AlertMostlyIgnored = "SLIMostlyIgnored"
	// AlertPeriodUnserved fires when a process exports an objective whose period the static file
	// has no rules for.
	AlertPeriodUnserved = "SLOPeriodUnserved"
)

// An AlertInfo describes an alert, for documentation.
type AlertInfo struct {
	Name        string
	Description string
	Default     bool // present unless an option removes it
}

// Alerts returns all alerts that a set can contain.
func Alerts() []AlertInfo {
	return []AlertInfo{
		{AlertBudgetBurn, "The error budget burns faster than the factor of the tier, over both its long and its short window.", true},
		{AlertSeriesGone, "The series of the SLI are gone, but processes of its job are still there.", true},
		{AlertTargetsDown, "The series of the SLI are gone, and so are all processes of its job.", true},
		{AlertTrafficCeased, "There are no events, but there were an hour ago and a day ago.", false},
		{AlertMostlyIgnored, "More events are ignored than judged: the SLI looks good because it judges so few.", false},
		{AlertPeriodUnserved, "The static file has no rules for the period of the objective, which therefore has no budget and no alerts.", true},
	}
}

// burnAlerts makes one alert per tier. The expression compares burn rates, which makes the burn rate
// the value of the alert. Without events it is 0/0 = NaN, which exceeds no factor.
func (s *scope) burnAlerts() []Rule {
	rules := make([]Rule, 0, len(s.tiers))
	for _, t := range s.tiers {
		long, short := Duration(t.Long), Duration(t.Short)
		expr := fmt.Sprintf("%s > %s\nand %s > %s", s.burn(t.Long), number(t.Factor), s.burn(t.Short), number(t.Factor))
		if s.minFailures > 0 {
			// Increases are extrapolated, so 5 failures may show as 4.9.
			expr += fmt.Sprintf("\nand %s >= %s", s.record(recordErrors+long), number(float64(s.minFailures)-0.5))
		}
		if s.filter != "" {
			expr += "\nand " + s.filter
		}
		// The result already has the labels of the objective; these make the labels of each rule
		// unique, which linters check.
		rule := s.raise(AlertBudgetBurn, t.Severity, expr, t.For, map[string]string{
			labelTier: t.Name, labelLongWindow: long, labelShortWindow: short, labelPeriod: Duration(s.period),
		})
		rule.KeepFiringFor = s.keepFiringFor
		rule.Annotations = s.annotate(AlertBudgetBurn, t.Severity, burnSummary, s.burnDescription(t))
		rules = append(rules, rule)
	}
	return rules
}

// burn is the burn rate over a window.
func (s *scope) burn(window time.Duration) string {
	w := Duration(window)
	return fmt.Sprintf("%s / %s / %s", s.record(recordErrors+w), s.record(recordEvents+w), s.budget)
}

// raise makes an alerting rule without annotations. Label values are escaped because the server
// expands the labels of alerts as templates, and the name of a team is not one.
func (s *scope) raise(alert, severity, expr string, pending time.Duration, labels map[string]string) Rule {
	all := make(map[string]string)
	for _, more := range []map[string]string{s.labels, s.alert, s.alertLabels, labels} {
		for label, value := range more {
			all[label] = untemplated(value)
		}
	}
	all[labelSeverity] = untemplated(severity)
	return Rule{Alert: alert, Expr: expr, For: pending, Labels: all}
}

func untemplated(text string) string { return strings.ReplaceAll(text, "{{", "{{`{{`}}") }

// trafficWindow is the window of the alerts about traffic, 30m by default.
func (s *scope) trafficWindow() time.Duration { return 6 * s.base() }

// minTraffic is the number of events in that window from which traffic is worth an alert: one per
// minute.
const minTraffic = 30

func (s *scope) trafficCeased() Rule {
	w := s.trafficWindow()
	events := s.record(recordEvents + Duration(w))
	expr := fmt.Sprintf("%[1]s == 0\nand %[1]s offset %[2]s > %[3]d\nand %[1]s offset 1d > %[3]d",
		events, Duration(2*w), minTraffic)
	rule := s.raise(AlertTrafficCeased, s.ticket, expr, s.base(), nil)
	rule.Annotations = s.annotate(AlertTrafficCeased, s.ticket,
		"{{ $labels.job }}: {{ $labels.sli }} no longer has any traffic",
		fmt.Sprintf("{{ $labels.sli }} had no events in the last %s, but more than %d over the same length of time both %s and 1d ago. "+
			"Either callers cannot reach the service, or they have no reason to call it.", Duration(w), minTraffic, Duration(2*w)))
	return rule
}

func (s *scope) mostlyIgnored(ignored names.Selector) Rule {
	w := s.trafficWindow()
	events := s.record(recordEvents + Duration(w))
	expr := fmt.Sprintf("%d + %s < on (%s) group_left () %s",
		minTraffic, events, list(s.by), s.sum(increase(ignored, w)))
	rule := s.raise(AlertMostlyIgnored, s.ticket, expr, 0, nil)
	rule.Annotations = s.annotate(AlertMostlyIgnored, s.ticket,
		"{{ $labels.job }}: most {{ $labels.sli }} events are ignored",
		"In the last "+Duration(w)+", more events of {{ $labels.sli }} were ignored than judged. "+
			"Ignored events burn no budget, so whatever is wrong with them does not show in the objective.")
	return rule
}

// periodUnserved is for static files only.
func (s *scope) periodUnserved(periods []time.Duration) Rule {
	terms := []string{s.record(RecordPeriod)}
	for _, p := range periods {
		terms = append(terms, decimal(int64(p.Seconds())))
	}
	// Processes with the layout Counters export objectives too, but this file does not serve them.
	// Nor does it serve those for which other rules were generated.
	others := names.Selector{Metric: RecordPeriod, Matchers: append(slices.Clone(s.targets), names.Matcher{Label: labelService, Op: "!=", Value: ""})}
	expr := strings.Join(terms, " != ") + "\nand " + s.record(EventsIncrease(s.base())) +
		fmt.Sprintf("\nunless on (%s) %s", list(s.by), others)
	rule := s.raise(AlertPeriodUnserved, s.ticket, expr, 10*s.interval, nil) // records of other rules may have just begun
	rule.Annotations = s.annotate(AlertPeriodUnserved, s.ticket,
		"{{ $labels.job }}: no rules cover the {{ $labels.slo }} objective of {{ $labels.sli }}",
		"The {{ $labels.slo }} objective of {{ $labels.sli }} has a period of {{ $value | humanizeDuration }}, "+
			"which the loaded rules do not cover, so it has no error budget and no burn-rate alerts. Generate rules for that period, or change the objective.")
	return rule
}
