package rules

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// DefaultRunbookURL is where the annotation runbook_url points, unless [WithRunbookURL] says
// otherwise.
const DefaultRunbookURL = "https://github.com/otelsli/otelsli-go/blob/main/docs/runbooks.md#{alert}"

// urlPlaceholders are what stands for a label of the alert in the templates of URLs, and the
// template of Prometheus that it becomes. The name of the alert and the severity are known.
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
const burnSummary = "{{ $labels.job }}: {{ $labels.sli }} burns its {{ $labels.slo }} budget at {{ $value | humanize }} times the sustainable rate"

// burnDescription says what is bad, how much of the budget went, and when it ends at this pace. It
// counts events, as the budget does, and does not multiply the burn rate by the time: in a quiet
// night that would be wrong by as much as the night is quieter than the day. The record of the
// budget is some minutes behind, so that what went in the window is taken to be gone.
func (s *scope) burnDescription(t Tier) string {
	long := Duration(t.Long)
	errors, allowed := recordErrors+long+"%[1]s", "("+RecordAllowedErrors+"%[1]s > 0)"
	atMost := "1 - " + errors + " / " + allowed
	left := "(" + RecordBudgetRemaining + "%[1]s < " + atMost + " or " + atMost + ")"
	return s.selectorOfAlert() +
		inWords(errors+" / "+recordEvents+long+"%[1]s", humanizeRatio) + " of the events of {{ $labels.sli }} " + s.bad() +
		" in the last " + long + "; " + s.allowance() +
		" The error budget burns at {{ $value | humanize }} times the sustainable rate" +
		with(errors+" / "+allowed, ": {{ if gt (. | first | value) 1.0 }}{{ . | first | value | humanize }} times all{{ else }}"+
			humanizeRatio+"{{ end }} of it went in the last "+long) +
		with(left, "{{ if gt (. | first | value) 0.0 }}, "+humanizeRatio+" is left, and at this pace it ends in "+
			inWords(fmt.Sprintf("%s * %s / %s * %d", left, allowed, errors, int64(t.Long.Seconds())), "{{ . | first | value | humanizeDuration }}")+
			"{{ else }}, and nothing is left{{ end }}") + "." + s.coverageInWords()
}

// coverageInWords warns of a budget that is known in part. An exact one does not depend on the age of
// the rules.
func (s *scope) coverageInWords() string {
	if s.exact {
		return ""
	}
	return with(RecordCoverage+"%[1]s < "+number(enoughCoverage), " So far the budget knows "+humanizeRatio+" of its "+Duration(s.period)+".")
}

// enoughCoverage is from when on a budget is not said to be known in part.
const enoughCoverage = 0.9

const humanizeRatio = "{{ . | first | value | humanizePercentage }}"

// selectorOfAlert sets $of to the selector of the records of the alert, whose names it follows.
func (s *scope) selectorOfAlert() string {
	var selector, values []string
	for _, label := range s.keys() {
		selector = append(selector, label+"=%q")
		values = append(values, "$labels."+label)
	}
	return fmt.Sprintf("{{ $of := printf `{%s}` %s }}", strings.Join(selector, ","), strings.Join(values, " "))
}

// with writes a text with the result of a query, in which %[1]s is $of, and nothing without one.
func with(query, text string) string {
	return "{{ with printf `" + query + "` $of | query }}" + text + "{{ end }}"
}

// inWords is with for a number that the sentence cannot do without.
func inWords(query, text string) string {
	return "{{ with printf `" + query + "` $of | query }}" + text + "{{ else }}?{{ end }}"
}

// bad says what is wrong with bad events.
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
	budget, _ := strconv.ParseFloat(s.budget, 64) // what budgetOf wrote, without the noise of 1 - objective
	return fmt.Sprintf("the objective of %s over %s allows %s.", percent(s.objective), Duration(s.period), percent(budget))
}
