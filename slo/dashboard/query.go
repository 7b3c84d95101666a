package dashboard

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Labels of targets, records and alerts, in addition to those of package otelsli.
const (
	labelJob             = "job"
	labelInstance        = "instance"
	labelService         = "service"
	labelFeatureCategory = "feature_category"
)

// ownLabels are labels that WithGroupBy cannot add variables for.
var ownLabels = []string{
	labelJob, labelInstance, labelService, otelsli.AttributeSLI, otelsli.AttributeSLO, otelsli.AttributeOutcome,
}

// metricAlerts is the metric that Prometheus writes for pending and firing alerts.
const metricAlerts = "ALERTS"

// Names and prefixes of variables. The prefixes allow a label to be called "job".
const (
	variableDatasource = "datasource"
	variableLabel      = "label_"
	variableGroup      = "target_"
)

// chosen matches the values selected in a variable.
func chosen(label, variable string) names.Matcher { return names.Regexp(label, "$"+variable) }

// literal matches a value, protecting anything in it that Grafana would expand as a variable.
func literal(label, value string) names.Matcher {
	if !strings.Contains(value, "$") && !strings.Contains(value, "[[") {
		return names.Equal(label, value)
	}
	return names.Regexp(label, strings.ReplaceAll(regexp.QuoteMeta(value), `\$`, `[$]`))
}

// A scope selects the records that a panel reads: those of a service, a category or one objective.
type scope struct {
	*generator
	matchers []names.Matcher
}

// scope returns the scope of the whole service, or of the part that the matchers select.
func (g *generator) scope(matchers ...names.Matcher) scope {
	return scope{generator: g, matchers: append([]names.Matcher{g.ofService()}, matchers...)}
}

func (g *generator) ofService() names.Matcher {
	if g.static {
		return names.Equal(labelService, "")
	}
	return literal(labelService, g.service)
}

// targets matches the selected values of the target labels.
func (g *generator) targets() []names.Matcher {
	all := append([]names.Matcher{chosen(labelJob, labelJob)}, g.places...)
	for _, label := range g.groupBy {
		all = append(all, chosen(label, variableGroup+label))
	}
	return all
}

func (s scope) record(name string) string {
	return names.Selector{Metric: name, Matchers: s.matchers}.With(s.targets()...).String()
}

// by returns the labels that distinguish the records of a scope.
func (g *generator) by() string {
	return strings.Join(append([]string{labelJob}, g.groupBy...), ", ") + ", " + otelsli.AttributeSLI + ", " + otelsli.AttributeSLO
}

// legend identifies the target of a series.
func (g *generator) legend(rest string) string {
	parts := []string{"{{job}}"}
	for _, label := range g.groupBy {
		parts = append(parts, "{{"+label+"}}")
	}
	return strings.TrimSpace(strings.Join(append(parts, rest), " "))
}

// burn is the burn rate over a window: 0 if there are no events, because then nothing burns, and no
// value if nothing is recorded.
func (s scope) burn(window time.Duration) string {
	errors, events := s.record(rules.ErrorsIncrease(window)), s.record(rules.EventsIncrease(window))
	return fmt.Sprintf("%s / (%s > 0) / %s\nor 0 * %s", errors, events, s.record(rules.RecordBudget), events)
}

// badShare is the share of bad events in the shortest window; it has no value without events.
func (s scope) badShare() string {
	return fmt.Sprintf("%s / (%s > 0)", s.record(rules.ErrorsIncrease(s.base)), s.record(rules.EventsIncrease(s.base)))
}

// recent is the window of burn rates that belong to no tier: 1h unless the rules have another base.
func (g *generator) recent() time.Duration { return 12 * g.base }

// firing counts the burn-rate alerts: 0 if none fires, but no value unless the rules are evaluated.
func (s scope) firing() string {
	alerts := names.Selector{Metric: metricAlerts, Matchers: s.matchers}.With(s.targets()...).
		With(names.Equal("alertname", rules.AlertBudgetBurn), names.Equal("alertstate", "firing"))
	return fmt.Sprintf("count(%s)\nor 0 * count(%s)", alerts, s.record(rules.RecordObjective))
}

// A source is the counters of one SLI.
type source struct {
	*generator
	sli otelsli.SLIDescription
}

// counter selects the counter of c, filtered by the variables.
func (s source) counter(c names.Count) names.Selector {
	sel := s.namer.Counter(s.sli.Name, c).With(s.targets()...).With(chosen(labelInstance, labelInstance))
	for _, label := range s.sli.Labels {
		sel = sel.With(chosen(label, variableLabel+label))
	}
	return sel
}

// over sums a function of a counter over a window. If the selector of the judged events may include
// more than was judged, see [names.Namer.Counter], it drops series without a counter of slow events.
func (s source) over(function, window, by string, c names.Count) string {
	vector := fmt.Sprintf("%s(%s[%s])", function, s.counter(c), window)
	if c == names.Judged && s.namer.Layout == otelsli.Outcomes {
		vector += fmt.Sprintf(" and ignoring (outcome) %s(%s[%s])", function, s.counter(names.Slow), window)
	}
	if by == "" {
		return fmt.Sprintf("sum(%s)", vector)
	}
	return fmt.Sprintf("sum by (%s) (%s)", by, vector)
}

// rate is events per second.
func (s source) rate(by string, c names.Count) string {
	return s.over("rate", "$__rate_interval", by, c)
}

// share is the share of bad events; it has no value without events.
func (s source) share(by string, bad, all names.Count) string {
	return fmt.Sprintf("%s / (%s > 0)", s.rate(by, bad), s.rate(by, all))
}
