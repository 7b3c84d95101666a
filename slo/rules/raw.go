package rules

import (
	"fmt"
	"time"

	"github.com/otelsli/otelsli-go/slo/names"
)

// raw records events and errors over the windows that are short enough to be read from the
// counters, which is exact and survives a gap in the scrapes, and the base of the longer ones.
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

// rawWindows are the windows that are read from the counters, ascending.
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

// orZero makes errors 0 where there are events and no counter of errors, as before the first
// failure of a program that does not begin its counters at 0.
func (s *scope) orZero(errors string, src source) string {
	return errors + "\nor 0 * " + s.sum(src.increase(s.base()))
}

// maxGap is the longest gap in the scrapes that is bridged.
const maxGap = time.Hour

// counted is how many events there were in the base window, in whole numbers: the last sample less
// the last one before the window, or less the first in it where the series is new or began anew
// before it. It differs from increase() in two ways that matter where windows are summed up. A
// burst between two scrapes counts for what it is, and not for 5 % more or 16 % less, by how the
// evaluations fall. And where a series was not scraped for a while, what happened in the gap is in
// the difference, while no window of increase() holds a sample from either side. Only where a
// counter began anew within the window, increase() it is.
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
