package rules

import "fmt"

// budgetRules records the objective and what is left of its budget. Without events, nothing is spent:
// what is left is 1, not NaN.
func (s *scope) budgetRules() []Rule {
	events, errors := s.record(RecordPeriodEvents), s.record(RecordPeriodErrors)
	consumed := fmt.Sprintf("%s / (%s > 0) / %s", errors, events, s.budget)
	rules := []Rule{
		s.rule(RecordAllowedErrors, 0, fmt.Sprintf("%s * %s", events, s.budget)),
		s.rule(RecordBudgetRemaining, 0, fmt.Sprintf("1 - %s\nor 1 + 0 * %s", consumed, events)),
		s.rule(RecordBudgetConsumed, 0, fmt.Sprintf("%s\nor 0 * %s", consumed, events)),
	}
	if s.objective == 0 {
		return rules // a static file records the objectives that the processes export
	}
	return append(rules,
		s.rule(RecordObjective, 0, fmt.Sprintf("%s + 0 * %s", number(s.objective), events)),
		s.rule(RecordBudget, 0, fmt.Sprintf("%s + 0 * %s", s.budget, events)),
		s.rule(RecordPeriod, 0, fmt.Sprintf("%d + 0 * %s", int64(s.period.Seconds()), events)))
}
