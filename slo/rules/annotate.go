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
const burnSummary = "{{ $labels.job }}: {{ $labels.sli }} burns its {{ $labels.slo }} budget at {{ $value | humanize }} times the rate that it lasts for"

// burnDescription says how much is burnt, how fast, and when the budget ends at this pace. What the
// templates of Prometheus cannot compute, a query does.
func (s *scope) burnDescription(t Tier) string {
	return fmt.Sprintf("In the last %s so many events of {{ $labels.sli }} %s that the error budget%s burns {{ $value | humanize }} times as fast as it lasts: "+
		"%s of it in that time.%s", Duration(t.Long), s.bad(), s.budgetInWords(), s.burntInWords(t), s.leftInWords(t))
}

// bad says what is wrong with bad events.
func (s *scope) bad() string {
	switch s.labels[otelsli.AttributeSLO] {
	case otelsli.SLOAvailability:
		return "failed"
	case otelsli.SLOApdex:
		return "were slow"
	}
	return "were bad"
}

func (s *scope) budgetInWords() string {
	if s.objective == 0 {
		return " of " + Duration(s.period)
	}
	return fmt.Sprintf(" of %s over %s", percent(s.objective), Duration(s.period))
}

func (s *scope) burntInWords(t Tier) string {
	return fmt.Sprintf("{{ with printf `vector(%%f * %s)` $value | query }}{{ . | first | value | humanizePercentage }}{{ end }}",
		number(float64(t.Long)/float64(s.period)))
}

// partOfPeriod is what a burn rate over the long window is to be multiplied by to be a share of
// the budget.
func (s *scope) partOfPeriod(t Tier) string {
	return strconv.FormatFloat(t.Share(s.period)/t.Factor, 'g', 6, 64)
}

// leftInWords corrects the record of the budget, which is some minutes behind, by what is burnt in
// the long window: that is not left.
func (s *scope) leftInWords(t Tier) string {
	var selector, values strings.Builder
	for _, label := range s.keys() {
		fmt.Fprintf(&selector, "%s=%%q,", label)
		fmt.Fprintf(&values, "$labels.%s ", label)
	}
	left := fmt.Sprintf("clamp_max(%s{%s}, 1 - %%f * %s)",
		RecordBudgetRemaining, strings.TrimSuffix(selector.String(), ","), s.partOfPeriod(t))
	return fmt.Sprintf("{{ with printf `%[1]s` %[2]s$value | query }}{{ if gt (. | first | value) 0.0 }}"+
		" Of the whole budget {{ . | first | value | humanizePercentage }} is left; at this pace it ends in"+
		" {{ with printf `%[1]s * %[3]d / %%f` %[2]s$value $value | query }}{{ . | first | value | humanizeDuration }}{{ end }}."+
		"{{ else }} The whole budget is spent.{{ end }}{{ end }}", left, values.String(), int64(s.period.Seconds()))
}
