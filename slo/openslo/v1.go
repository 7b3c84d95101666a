package openslo

import (
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// V1 writes a set as OpenSLO, version openslo/v1: a stream of YAML documents, one per object.
type V1 struct{}

const apiVersion = "openslo/v1"

// Limits of OpenSLO, in characters.
const (
	maxDescription = 1050
	maxDisplayName = 63
)

type object struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
	Spec       any      `yaml:"spec"`
}

type metadata struct {
	Name        string            `yaml:"name"`
	DisplayName string            `yaml:"displayName,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
}

type serviceSpec struct {
	Description string `yaml:"description,omitempty"`
}

type indicatorSpec struct {
	Description string      `yaml:"description,omitempty"`
	RatioMetric ratioMetric `yaml:"ratioMetric"`
}

type ratioMetric struct {
	Counter bool   `yaml:"counter"`
	Bad     metric `yaml:"bad"`
	Total   metric `yaml:"total"`
}

type metric struct {
	MetricSource metricSource `yaml:"metricSource"`
}

type metricSource struct {
	MetricSourceRef string            `yaml:"metricSourceRef,omitempty"`
	Type            string            `yaml:"type,omitempty"`
	Spec            map[string]string `yaml:"spec"`
}

type objectiveSpec struct {
	Description     string       `yaml:"description,omitempty"`
	Service         string       `yaml:"service"`
	IndicatorRef    string       `yaml:"indicatorRef"`
	BudgetingMethod string       `yaml:"budgetingMethod"`
	TimeWindow      []timeWindow `yaml:"timeWindow"`
	Objectives      []target     `yaml:"objectives"`
	AlertPolicies   []policyRef  `yaml:"alertPolicies,omitempty"`
}

type timeWindow struct {
	Duration  string `yaml:"duration"`
	IsRolling bool   `yaml:"isRolling"`
}

type target struct {
	DisplayName string  `yaml:"displayName"`
	Target      decimal `yaml:"target"`
}

type policyRef struct {
	AlertPolicyRef string `yaml:"alertPolicyRef"`
}

func (V1) documents(s *Set) ([]any, error) {
	p := problems.In("openslo")
	for _, o := range s.Objectives {
		for _, t := range o.Tiers {
			if dnsLabel(t.Severity) == "" {
				p.Add("V1: severity of the tier "+t.Name, t.Severity, "a name with a letter or a digit")
			}
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	service := object{apiVersion, "Service", metadata{Name: dnsLabel(s.Service), DisplayName: cut(s.Service, maxDisplayName)}, serviceSpec{}}
	all := append([]any{service}, s.policies()...)
	for _, o := range s.Objectives {
		all = append(all, s.indicator(o), s.objective(o))
	}
	return all, nil
}

// name returns the name of the SLI and SLO objects of an objective.
func (s *Set) name(o Objective) string { return dnsLabel(s.Service + "-" + o.SLI + "-" + o.SLO) }

func (s *Set) metadata(o Objective) metadata {
	labels := ownership(o)
	labels[otelsli.AttributeSLI], labels[otelsli.AttributeSLO] = o.SLI, o.SLO
	return metadata{Name: s.name(o), DisplayName: cut(o.SLI+" "+o.SLO, maxDisplayName), Labels: labels}
}

func (s *Set) indicator(o Objective) object {
	spec := indicatorSpec{
		Description: cut(o.Description, maxDescription),
		RatioMetric: ratioMetric{
			Counter: true,
			Bad:     s.metric(fmt.Sprintf("sum(%s)", o.errors)),
			Total:   s.metric(fmt.Sprintf("sum(%s)", o.onlyJudged(o.events.String(), o.errors.String()))),
		},
	}
	return object{apiVersion, "SLI", s.metadata(o), spec}
}

func (s *Set) metric(query string) metric {
	source := metricSource{MetricSourceRef: s.dataSource, Spec: map[string]string{"query": query}}
	if s.dataSource == "" {
		source.Type = "Prometheus"
	}
	return metric{source}
}

// onlyJudged drops the events of series whose latency is not judged, if their selector cannot.
func (o Objective) onlyJudged(events, errors string) string {
	if !o.judged {
		return events
	}
	return fmt.Sprintf("%s and ignoring (%s) %s", events, otelsli.AttributeOutcome, errors)
}

func (s *Set) objective(o Objective) object {
	spec := objectiveSpec{
		Description:     cut(o.Description, maxDescription),
		Service:         dnsLabel(s.Service),
		IndicatorRef:    s.name(o),
		BudgetingMethod: "Occurrences",
		TimeWindow:      []timeWindow{{shorthand(o.Period), true}},
		Objectives:      []target{{o.SLO, ratio(o.Target)}},
	}
	for _, t := range o.Tiers {
		spec.AlertPolicies = append(spec.AlertPolicies, policyRef{policyName(t)})
	}
	return object{apiVersion, "SLO", s.metadata(o), spec}
}

// policyName includes the window, because the windows of a tier depend on the period.
func policyName(t rules.Tier) string { return dnsLabel(t.Name + "-" + shorthand(t.Long)) }
