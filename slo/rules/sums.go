package rules

import (
	"fmt"
	"time"
)

// summed adds up the records of the base window. Each event is in baseRecords of them, the newest
// ones in fewer, so far: (baseRecords - 1) / 2 on average, which the last record repays. It is a
// term of a sum and not of an addition, so that there need not be one, and the window is read once.
func (s *scope) summed(name string, window time.Duration) string {
	record := s.record(name + Duration(s.base()))
	return fmt.Sprintf("sum without (%[5]s) (\n"+
		"  sum_over_time(%[1]s[%[2]s])\n"+
		"  or label_replace(%[3]d * %[1]s, \"%[5]s\", \"newest\", \"\", \"\")\n"+
		") / %[4]d", record, Duration(window), (baseRecords-1)/2, baseRecords, labelPart)
}

// days records the windows that are too long to be read from the counters every minute.
func (s *scope) days() []Rule {
	var rules []Rule
	for _, w := range windows(s.tiers) {
		if w > rawLimit {
			rules = append(rules,
				s.rule(recordEvents, w, s.summed(RecordCountedEvents, w)),
				s.rule(recordErrors, w, s.summed(RecordCountedErrors, w)))
		}
	}
	return rules
}

// periodIntervals is how many intervals lie between two records of the period: few enough that
// readers, which look back 5 minutes, always find one.
const periodIntervals = 4

// periodRules record the period of the objective. src is where the exact variant reads; without
// it the budget is summed up.
func (s *scope) periodRules(src *source) []Rule {
	events, errors := s.summed(RecordCountedEvents, s.period), s.summed(RecordCountedErrors, s.period)
	if src != nil {
		events, errors = s.sum(src.increase(s.period)), s.orZero(s.sum(increase(src.errors, s.period)), *src)
	}
	base := s.record(RecordCountedEvents + Duration(s.base()))
	return []Rule{
		s.rule(RecordPeriodEvents, 0, s.only(events)),
		s.rule(RecordPeriodErrors, 0, s.only(errors)),
		s.rule(RecordCoverage, 0, s.only(fmt.Sprintf("clamp_max(count_over_time(%s[%s]) / %d, 1)",
			base, Duration(s.period), s.period/s.interval))),
		s.rule(RecordAsOf, 0, s.only(fmt.Sprintf("timestamp(%s)", base))),
	}
}

// only drops the objectives that have another period.
func (s *scope) only(expr string) string {
	if s.filter == "" {
		return expr
	}
	return fmt.Sprintf("(\n%s\n)\nand %s", expr, s.filter)
}
