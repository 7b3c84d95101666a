package rules

import (
	"fmt"
	"time"
)

// summed adds up the records of the base window. Each event is in baseRecords of them; the newest are
// missing from (baseRecords - 1) / 2 on average so far, which the last record makes up for. That
// correction is a term of the aggregation, not of a binary "+": it may be absent, and the window is
// read only once.
func (s *scope) summed(name string, window time.Duration) string {
	record := s.record(name + Duration(s.base()))
	return fmt.Sprintf("sum without (%[5]s) (\n"+
		"  sum_over_time(%[1]s[%[2]s])\n"+
		"  or label_replace(%[3]d * %[1]s, \"%[5]s\", \"newest\", \"\", \"\")\n"+
		") / %[4]d", record, Duration(window), (baseRecords-1)/2, baseRecords, labelPart)
}

// days records the windows that are too long to be computed from the counters every minute.
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

// periodIntervals is the number of intervals between two records of the period: few enough that
// queries, which look back 5 minutes, always find one.
const periodIntervals = 4

// periodRules makes the records over the period of the objective: from the counters src if given,
// otherwise as sums.
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

// only drops objectives with another period.
func (s *scope) only(expr string) string {
	if s.filter == "" {
		return expr
	}
	return fmt.Sprintf("(\n%s\n)\nand %s", expr, s.filter)
}
