package rules

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// DefaultRunbookURL is the template of the annotation runbook_url. Override it with [WithRunbookURL].
const DefaultRunbookURL = "https://github.com/otelsli/otelsli-go/blob/main/docs/runbooks.md#{alert}"

// urlPlaceholders maps the placeholders in URL templates to the labels of the alert that replace them.
// The name of the alert and the severity are known in advance.
var urlPlaceholders = map[string]string{
	"{alert}":    "",
	"{severity}": "",
	"{job}":      "job",
	"{service}":  "service",
	"{sli}":      "sli",
	"{slo}":      "slo",
}

func (s *scope) annotate(alert, severity, summary, description string) map[string]string {
	all := map[string]string{"summary": summary, "description": description}
	if s.runbook != "" {
		all["runbook_url"] = expandURL(s.runbook, alert, severity)
	}
	if s.dashboard != "" {
		all["dashboard_url"] = expandURL(s.dashboard, alert, severity)
	}
	return all
}

func expandURL(template, alert, severity string) string {
	return placeholder.ReplaceAllStringFunc(template, func(name string) string {
		switch name {
		case "{alert}":
			return strings.ToLower(alert) // as the anchors of headings are
		case "{severity}":
			return url.QueryEscape(severity)
		}
		return "{{ $labels." + urlPlaceholders[name] + " | urlquery }}"
	})
}

// burnSummary is one line for a pager.
const burnSummary = "{{ $labels.job }}: {{ $labels.sli }} is burning its {{ $labels.slo }} error budget at {{ $value | humanize }} times the sustainable rate"

// burnDescription says what is bad, how much of the budget was spent, and when it ends at this pace. It
// counts events, as the budget does. Multiplying the burn rate by time instead would be wrong by the
// ratio of day to night traffic. The recorded budget is some minutes behind, so it is taken to be
// reduced by at least what the window spent.
func (s *scope) burnDescription(t Tier) string {
	long := Duration(t.Long)
	errors, allowed := recordErrors+long+"%[1]s", "("+RecordAllowedErrors+"%[1]s > 0)"
	atMost := "1 - " + errors + " / " + allowed
	left := "(" + RecordBudgetRemaining + "%[1]s < " + atMost + " or " + atMost + ")"
	return s.selectorOfAlert() +
		inWords(errors+" / "+recordEvents+long+"%[1]s", humanizeRatio) + " of {{ $labels.sli }} events " + s.bad() +
		" in the last " + long + "; " + s.allowance() +
		" The error budget is burning at {{ $value | humanize }} times the sustainable rate" +
		with(errors+" / "+allowed, ": {{ if gt (. | first | value) 1.0 }}{{ . | first | value | humanize }} times the whole budget{{ else }}"+
			humanizeRatio+" of it{{ end }} was spent in the last "+long) +
		with(left, "{{ if gt (. | first | value) 0.0 }}, "+humanizeRatio+" is left, and at this rate it runs out in "+
			inWords(fmt.Sprintf("%s * %s / %s * %d", left, allowed, errors, int64(t.Long.Seconds())), "{{ . | first | value | humanizeDuration }}")+
			"{{ else }}, and nothing is left{{ end }}") + "." + s.coverageInWords()
}

// coverageInWords warns that the budget covers only part of the period. An exact budget does not depend
// on the age of the rules.
func (s *scope) coverageInWords() string {
	if s.exact {
		return ""
	}
	return with(RecordCoverage+"%[1]s < "+number(enoughCoverage), " So far the budget covers only "+humanizeRatio+" of its "+Duration(s.period)+".")
}

// enoughCoverage is the coverage from which there is no such warning.
const enoughCoverage = 0.9

const humanizeRatio = "{{ . | first | value | humanizePercentage }}"

// selectorOfAlert sets $of to the label matchers of the alert's records, to append to their names.
func (s *scope) selectorOfAlert() string {
	var selector, values []string
	for _, label := range s.keys() {
		selector = append(selector, label+"=%q")
		values = append(values, "$labels."+label)
	}
	return fmt.Sprintf("{{ $of := printf `{%s}` %s }}", strings.Join(selector, ","), strings.Join(values, " "))
}

// with writes a text about the result of a query, in which %[1]s is $of; without a result, nothing.
func with(query, text string) string {
	return "{{ with printf `" + query + "` $of | query }}" + text + "{{ end }}"
}

// inWords is like with, for a number that the sentence needs: without a result it writes "?".
func inWords(query, text string) string {
	return "{{ with printf `" + query + "` $of | query }}" + text + "{{ else }}?{{ end }}"
}

// bad says what happened to the bad events.
func (s *scope) bad() string {
	switch s.labels[otelsli.AttributeSLO] {
	case otelsli.SLOAvailability:
		return "failed"
	case otelsli.SLOApdex:
		return "were slow"
	}
	return "{{ if eq $labels.slo `" + otelsli.SLOApdex + "` }}were slow{{ else }}failed{{ end }}"
}

// allowance says what the objective allows.
func (s *scope) allowance() string {
	if s.objective == 0 {
		return "the objective over " + Duration(s.period) + " allows " + inWords(RecordBudget+"%[1]s", humanizeRatio) + "."
	}
	budget, _ := strconv.ParseFloat(s.budget, 64) // from budgetOf, free of rounding errors
	return fmt.Sprintf("the objective of %s over %s allows %s.", percent(s.objective), Duration(s.period), percent(budget))
}
