package openslo

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/otelsli/otelsli-go/slo/rules"
)

type policySpec struct {
	Description         string      `yaml:"description"`
	AlertWhenBreaching  bool        `yaml:"alertWhenBreaching"`
	AlertWhenResolved   bool        `yaml:"alertWhenResolved"`
	Conditions          []condition `yaml:"conditions"`
	NotificationTargets []targetRef `yaml:"notificationTargets"`
}

type targetRef struct {
	TargetRef string `yaml:"targetRef"`
}

type condition struct {
	Kind     string        `yaml:"kind"`
	Metadata metadata      `yaml:"metadata"`
	Spec     conditionSpec `yaml:"spec"`
}

type conditionSpec struct {
	Description string   `yaml:"description"`
	Severity    string   `yaml:"severity"`
	Condition   burnRate `yaml:"condition"`
}

type burnRate struct {
	Kind           string  `yaml:"kind"`
	Op             string  `yaml:"op"`
	Threshold      decimal `yaml:"threshold"`
	LookbackWindow string  `yaml:"lookbackWindow"`
	AlertAfter     string  `yaml:"alertAfter"`
}

type notificationSpec struct {
	Description string `yaml:"description"`
	Target      string `yaml:"target"`
}

// policies returns a notification target for each severity and an AlertPolicy for each tier, each once:
// objectives with the same period share them.
func (s *Set) policies() []any {
	var targets, policies []any
	var known []string
	for _, o := range s.Objectives {
		for _, t := range o.Tiers {
			if name := "target " + dnsLabel(t.Severity); !slices.Contains(known, name) {
				known = append(known, name)
				targets = append(targets, notification(t.Severity))
			}
			if name := policyName(t); !slices.Contains(known, name) {
				known = append(known, name)
				policies = append(policies, policy(t))
			}
		}
	}
	return append(targets, policies...)
}

// notification is a target that names only its severity: who is notified is configured elsewhere.
func notification(severity string) object {
	return object{
		apiVersion, "AlertNotificationTarget",
		metadata{Name: dnsLabel(severity)},
		notificationSpec{Description: "The receiver of alerts with severity " + severity + ".", Target: severity},
	}
}

func policy(t rules.Tier) object {
	name, window := policyName(t), shorthand(t.Long)
	factor := strconv.FormatFloat(t.Factor, 'f', -1, 64)
	description := fmt.Sprintf("The error budget burns at more than %s times the sustainable rate over %s.", factor, window)
	return object{apiVersion, "AlertPolicy", metadata{Name: name}, policySpec{
		Description:        description,
		AlertWhenBreaching: true,
		AlertWhenResolved:  true,
		Conditions: []condition{{
			Kind:     "AlertCondition",
			Metadata: metadata{Name: name},
			Spec: conditionSpec{
				Description: description,
				Severity:    t.Severity,
				// The window already delays the alert; a minute is the shortest possible value.
				Condition: burnRate{Kind: "burnrate", Op: "gt", Threshold: decimal(factor), LookbackWindow: window, AlertAfter: "1m"},
			},
		}},
		NotificationTargets: []targetRef{{dnsLabel(t.Severity)}},
	}}
}
