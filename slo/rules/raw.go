package rules

import (
	"fmt"
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// raw records events and errors over the windows that are short enough to be computed from the
// counters, and, if longer is set, the records that longer windows are summed from.
func (s *scope) raw(src source, longer bool) []Rule {
	var rules []Rule
	for _, w := range s.rawWindows() {
		rules = append(rules,
			s.rule(recordEvents, w, s.sum(src.increase(w))),
			s.rule(recordErrors, w, s.orZero(s.sum(increase(src.errors, w)), src)))
	}
	if longer {
		rules = append(rules,
			s.rule(RecordCountedEvents, s.base(), s.sum(src.onlyJudged(s.counted(src.events), s.base()))),
			s.rule(RecordCountedErrors, s.base(), s.orZero(s.sum(s.counted(src.errors)), src)))
	}
	return rules
}

// rawWindows returns the windows that are computed from the counters, ascending.
func (s *scope) rawWindows() []time.Duration {
	tiers := append([]Tier{{Short: s.base(), Long: 12 * s.base()}}, s.tiers...)
	if s.ceased || s.ignored {
		tiers = append(tiers, Tier{Short: s.base(), Long: s.trafficWindow()})
	}
	all := windows(tiers)
	for i, w := range all {
		if w > rawLimit {
			return all[:i]
		}
	}
	return all
}

func increase(sel names.Selector, window time.Duration) string {
	return fmt.Sprintf("increase(%s[%s])", sel, Duration(window))
}

func (src source) increase(window time.Duration) string {
	return src.onlyJudged(increase(src.events, window), window)
}

func (src source) onlyJudged(vector string, window time.Duration) string {
	if !src.judged {
		return vector
	}
	return fmt.Sprintf("(%s) and ignoring (outcome) last_over_time(%s[%s])", vector, src.errors, Duration(window))
}

// orZero makes errors 0 where there are events but no counter of errors, as before the first failure
// of a program that does not start its counters at 0.
func (s *scope) orZero(errors string, src source) string {
	return errors + "\nor 0 * " + s.sum(src.increase(s.base()))
}

// maxGap is the longest scrape gap that is bridged.
const maxGap = time.Hour

// counted returns PromQL for the events in the base window, in whole numbers: the last sample minus
// the last one before the window, or minus the lowest one in it if the series is new or was reset in
// between. It differs from increase() in two ways that matter when windows are summed. A burst between
// two scrapes counts exactly, rather than up to 5 % too high or 16 % too low depending on when the
// rules are evaluated. And the difference includes what happened in a scrape gap, which no window of
// increase() spans. If the counter was reset within the window, increase() is used after all.
func (s *scope) counted(sel names.Selector) string {
	return fmt.Sprintf(`
  (
    last_over_time(%[1]s[%[2]s])
    - (last_over_time(%[1]s[%[3]s] offset %[2]s) <= min_over_time(%[1]s[%[2]s]) or min_over_time(%[1]s[%[2]s]))
    unless resets(%[1]s[%[4]s]) > 0
  )
  or increase(%[1]s[%[2]s])
`, sel, Duration(s.base()), Duration(maxGap), Duration(s.base()+s.interval))
}
