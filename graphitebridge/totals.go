package graphitebridge

import "github.com/otelsli/otelsli-go/graphitebridge/line"

// A showing is what a receiver may know of the totals that an entry sent last.
type showing uint8

const (
	unshown    showing = iota // nothing
	maybeShown                // written but not acknowledged
	shown
)

// takeTotals sets e.sum to the totals to send next. They get a timestamp of their own, or must wait
// for one, unless they equal those sent with the last timestamp.
func (e *entry) takeTotals(now int64, final bool) (second int64, ok bool) {
	if e.repeats(now) {
		second = e.clock.given
	} else if second, ok = e.clock.date(e.second, now, final); ok {
		e.shown = unshown
		e.totals(e.sum)
	} else {
		return 0, false
	}
	e.taken = takenTotals
	return second, true
}

// repeats reports whether sending the totals now would only repeat the last line.
func (e *entry) repeats(now int64) bool {
	if e.shown == unshown || e.clock.free(e.second, now) {
		return false
	}
	for i, v := range e.sum {
		if v != e.total(i) {
			return false
		}
	}
	return true
}

// totals writes the sums over all parts to dst.
func (e *entry) totals(dst []line.Number) {
	for i := range dst {
		dst[i] = e.total(i)
	}
}

// total returns the sum over all parts of value i. A part without any sample has no values.
func (e *entry) total(i int) (n line.Number) {
	for j := range e.parts {
		if values := e.parts[j].total; i < len(values) {
			n = n.Add(values[i])
		}
	}
	return n
}
