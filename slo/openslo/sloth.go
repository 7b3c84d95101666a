package openslo

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Sloth writes a set as a Sloth specification, version prometheus/v1. It contains only the objectives
// of one period, because Sloth has one period per run, --default-slo-period.
type Sloth struct {
	// Period of the objectives to write; it must be one of [Set.Periods]. Default and 0:
	// [otelsli.DefaultWindow], which is also the default of Sloth.
	Period time.Duration
}

type slothSpec struct {
	Version string     `yaml:"version"`
	Service string     `yaml:"service"`
	SLOs    []slothSLO `yaml:"slos"`
}

type slothSLO struct {
	Name        string            `yaml:"name"`
	Objective   decimal           `yaml:"objective"`
	Description string            `yaml:"description,omitempty"`
	Labels      map[string]string `yaml:"labels"`
	SLI         slothSLI          `yaml:"sli"`
	Alerting    slothAlerting     `yaml:"alerting"`
}

type slothSLI struct {
	Events slothEvents `yaml:"events"`
}

type slothEvents struct {
	ErrorQuery string `yaml:"error_query"`
	TotalQuery string `yaml:"total_query"`
}

type slothAlerting struct {
	Name        string            `yaml:"name"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations"`
	PageAlert   slothAlert        `yaml:"page_alert"`
	TicketAlert slothAlert        `yaml:"ticket_alert"`
}

type slothAlert struct {
	Disable bool              `yaml:"disable,omitempty"`
	Labels  map[string]string `yaml:"labels,omitempty"`
}

// slothName matches what Sloth accepts as the name of a service.
var slothName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?$`)

func (f Sloth) documents(s *Set) ([]any, error) {
	period := cmp.Or(f.Period, otelsli.DefaultWindow)
	if !slices.Contains(s.Periods(), period) {
		p := problems.In("openslo")
		p.Add("Sloth.Period", period.String(), "one of the periods of the objectives: %v", s.Periods())
		return nil, p.Err()
	}
	spec := slothSpec{Version: "prometheus/v1", Service: s.Service}
	if !slothName.MatchString(spec.Service) {
		spec.Service = dnsLabel(spec.Service)
	}
	for _, o := range s.Objectives {
		if o.Period == period {
			spec.SLOs = append(spec.SLOs, s.sloth(o))
		}
	}
	return []any{spec}, nil
}

// window is a placeholder that Sloth replaces by each window.
const window = "{{.window}}"

func (s *Set) sloth(o Objective) slothSLO {
	events, errors := fmt.Sprintf("rate(%s[%s])", o.events, window), fmt.Sprintf("rate(%s[%s])", o.errors, window)
	slo := slothSLO{
		Name:        o.SLI + "-" + o.SLO,
		Objective:   percent(o.Target),
		Description: o.Description,
		Labels:      map[string]string{otelsli.AttributeSLI: o.SLI, otelsli.AttributeSLO: o.SLO},
		SLI: slothSLI{slothEvents{
			ErrorQuery: fmt.Sprintf("sum(%s)", errors),
			TotalQuery: fmt.Sprintf("sum(%s)", o.onlyJudged(events, errors)),
		}},
		Alerting: slothAlerting{
			Name:        rules.AlertBudgetBurn,
			Annotations: map[string]string{"summary": s.Service + ": " + o.SLI + " is burning its " + o.SLO + " error budget"},
			PageAlert:   o.slothAlert(s.page),
			TicketAlert: o.slothAlert(s.ticket),
		},
	}
	// Ownership is only on alerts: on records, an edit of it would start new series.
	slo.Alerting.Labels = ownership(o)
	return slo
}

// slothAlert is disabled if no tier with the severity can fire.
func (o Objective) slothAlert(severity string) slothAlert {
	if !slices.ContainsFunc(o.Tiers, func(t rules.Tier) bool { return t.Severity == severity }) {
		return slothAlert{Disable: true}
	}
	return slothAlert{Labels: map[string]string{"severity": severity}}
}

func ownership(o Objective) map[string]string {
	labels := make(map[string]string)
	if o.Category != "" {
		labels["feature_category"] = o.Category
	}
	if o.Owner != "" {
		labels["owner"] = o.Owner
	}
	return labels
}
