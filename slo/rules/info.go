package rules

import (
	"fmt"
	"maps"

	"github.com/otelsli/otelsli-go/otelsli"
)

// info records what the objective is as labels. It is the one series that an edit of the
// objective or of its owner ends; nothing else has these labels.
func (s *scope) info() Rule {
	rule := s.rule(RecordInfo, 0, "vector(1)")
	maps.Copy(rule.Labels, s.alert)
	rule.Labels[labelObjective] = number(s.objective)
	rule.Labels[labelPeriod] = Duration(s.period)
	rule.metric.Labels = sortedKeys(rule.Labels)
	return rule
}

// portfolio records the budgets of feature categories and owners, if there are any.
func (g *generator) portfolio(slis []otelsli.SLIDescription) {
	var category, owner bool
	for _, sli := range slis {
		if sli.Objective != nil {
			category = category || sli.FeatureCategory != ""
			owner = owner || sli.Owner != ""
		}
	}
	s := &scope{
		config: g.config,
		id:     g.service,
		by:     append([]string{labelJob}, g.groupBy...),
		labels: map[string]string{labelService: g.service},
	}
	var rules []Rule
	if category {
		rules = append(rules, s.shared(RecordCategoryBudget, labelFeatureCategory))
	}
	if owner {
		rules = append(rules, s.shared(RecordOwnerBudget, labelOwner))
	}
	g.add(s, StageGroups, rules)
}

// shared is the budget that is left to all SLIs with the same value of a label of their info.
// Each weighs as many events as it has.
func (s *scope) shared(name, label string) Rule {
	by := list(append(s.keys(), otelsli.AttributeSLO, label))
	info := fmt.Sprintf("group by (service, sli, slo, %s) (%s{%s=%q,%s!=\"\"})", label, RecordInfo, labelService, s.service, label)
	total := func(record string) string {
		return fmt.Sprintf("sum by (%s) (%s * on (service, sli, slo) group_left (%s) %s)", by, s.record(record), label, info)
	}
	allowed := total(RecordAllowedErrors)
	rule := s.rule(name, 0, fmt.Sprintf("1 - %s / (%s > 0)\nor 1 + 0 * %s", total(RecordPeriodErrors), allowed, allowed))
	rule.metric.Labels = append(rule.metric.Labels, otelsli.AttributeSLO, label)
	return rule
}
