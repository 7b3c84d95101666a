package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

// info records the objective and its owner as labels. It is the only series that ends when these are
// edited.
func (s *scope) info() Rule {
	rule := s.rule(RecordInfo, 0, "1 + 0 * "+s.record(RecordPeriodEvents))
	maps.Copy(rule.Labels, s.alert)
	rule.Labels[labelObjective] = number(s.objective)
	rule.Labels[labelPeriod] = Duration(s.period)
	rule.metric.Labels = slices.Sorted(slices.Values(slices.Concat(s.by, sortedKeys(rule.Labels))))
	return rule
}

// portfolio records the budgets of feature categories and owners, if there are any. Their SLIs are
// known here, so no join with [RecordInfo] is needed, which could fail while its labels change.
func (g *generator) portfolio(slis []otelsli.SLIDescription) {
	categories, owners := make(map[string][]string), make(map[string][]string)
	for _, sli := range slis {
		if sli.Objective == nil {
			continue
		}
		if sli.FeatureCategory != "" {
			categories[sli.FeatureCategory] = append(categories[sli.FeatureCategory], sli.Name)
		}
		if sli.Owner != "" {
			owners[sli.Owner] = append(owners[sli.Owner], sli.Name)
		}
	}
	var rules []Rule
	for _, category := range slices.Sorted(maps.Keys(categories)) {
		rules = append(rules, g.shared(RecordCategoryBudget, labelFeatureCategory, category, categories[category]))
	}
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		rules = append(rules, g.shared(RecordOwnerBudget, labelOwner, owner, owners[owner]))
	}
	g.add(&scope{config: g.config, id: g.service}, StageGroups, rules)
}

// shared records the budget that several SLIs have left together, per kind of objective. Each SLI is
// weighted by its events.
func (g *generator) shared(name, label, value string, slis []string) Rule {
	members := names.Equal(otelsli.AttributeSLI, slis[0])
	if len(slis) > 1 {
		members = names.Regexp(otelsli.AttributeSLI, strings.Join(slis, "|"))
	}
	s := &scope{
		config:  g.config,
		by:      g.by(otelsli.AttributeSLO),
		labels:  map[string]string{labelService: g.service, label: value},
		targets: append(slices.Clone(g.targets), members),
	}
	allowed := s.sum(s.record(RecordAllowedErrors))
	return s.rule(name, 0, fmt.Sprintf("1 - %s / (%s > 0)\nor 1 + 0 * %s", s.sum(s.record(RecordPeriodErrors)), allowed, allowed))
}

// by returns the labels that are kept from the targets, and others.
func (g *generator) by(others ...string) []string {
	return slices.Concat([]string{labelJob}, g.groupBy, others)
}
