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

// Labels of targets, records and alerts, beside those of package otelsli.
const (
	labelJob             = "job"
	labelInstance        = "instance"
	labelService         = "service"
	labelFeatureCategory = "feature_category"
)

// ownLabels cannot be the names of further variables for targets.
var ownLabels = []string{
	labelJob, labelInstance, labelService, otelsli.AttributeSLI, otelsli.AttributeSLO, otelsli.AttributeOutcome,
}

// metricAlerts is the metric in which Prometheus keeps the alerts that are pending or firing.
const metricAlerts = "ALERTS"

// Names of variables. Those of labels have a prefix, so that a label may be called "job".
const (
	variableDatasource = "datasource"
	variableLabel      = "label_"
	variableGroup      = "target_"
)

// chosen matches what is chosen in a variable.
func chosen(label, variable string) names.Matcher { return names.Regexp(label, "$"+variable) }

// literal matches a value, whatever Grafana might take in it for a variable.
func literal(label, value string) names.Matcher {
	if !strings.Contains(value, "$") && !strings.Contains(value, "[[") {
		return names.Equal(label, value)
	}
	return names.Regexp(label, strings.ReplaceAll(regexp.QuoteMeta(value), `\$`, `[$]`))
}

// A scope is the records that a panel reads: of a service, of a category, or of one objective.
type scope struct {
	*generator
	matchers []names.Matcher
}

// scope returns that of the whole service, or of the part that the matchers select.
func (g *generator) scope(matchers ...names.Matcher) scope {
	return scope{generator: g, matchers: append([]names.Matcher{g.ofService()}, matchers...)}
}

func (g *generator) ofService() names.Matcher {
	if g.static {
		return names.Equal(labelService, "")
	}
	return literal(labelService, g.service)
}

// targets match what is chosen of the labels of targets.
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

// by are the labels that tell the records of a scope apart.
func (g *generator) by() string {
	return strings.Join(append([]string{labelJob}, g.groupBy...), ", ") + ", " + otelsli.AttributeSLI + ", " + otelsli.AttributeSLO
}

// legend names the targets of a series.
func (g *generator) legend(rest string) string {
	parts := []string{"{{job}}"}
	for _, label := range g.groupBy {
		parts = append(parts, "{{"+label+"}}")
	}
	return strings.TrimSpace(strings.Join(append(parts, rest), " "))
}

// burn is the burn rate over a window: 0 where there are no events, for then nothing burns, and
// no value where nothing is recorded.
func (s scope) burn(window time.Duration) string {
	errors, events := s.record(rules.ErrorsIncrease(window)), s.record(rules.EventsIncrease(window))
	return fmt.Sprintf("%s / (%s > 0) / %s\nor 0 * %s", errors, events, s.record(rules.RecordBudget), events)
}

// badShare is the share of bad events in the shortest window; no value where there are no events.
func (s scope) badShare() string {
	return fmt.Sprintf("%s / (%s > 0)", s.record(rules.ErrorsIncrease(s.base)), s.record(rules.EventsIncrease(s.base)))
}

// recent is the window of burn rates where no tier is meant: 1h unless the rules have another base.
func (g *generator) recent() time.Duration { return 12 * g.base }

// firing counts the burn-rate alerts: 0 only where the rules are evaluated at all.
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

// counter selects what counts c, as the variables choose.
func (s source) counter(c names.Count) names.Selector {
	sel := s.namer.Counter(s.sli.Name, c).With(s.targets()...).With(chosen(labelInstance, labelInstance))
	for _, label := range s.sli.Labels {
		sel = sel.With(chosen(label, variableLabel+label))
	}
	return sel
}

// over sums a function of a counter over a window. Where the selector of the judged events has more
// than was judged, see [names.Namer.Counter], what has no counter of slow events is dropped.
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

// rate is events a second.
func (s source) rate(by string, c names.Count) string {
	return s.over("rate", "$__rate_interval", by, c)
}

// share is the share of bad among all events; no value where there are none.
func (s source) share(by string, bad, all names.Count) string {
	return fmt.Sprintf("%s / (%s > 0)", s.rate(by, bad), s.rate(by, all))
}
