package graphitebridge

// A clock gives the lines of a series their seconds. Some receivers keep only one of the values that
// a series has in a second, the last or any: increments that shared one would be lost, and of two
// totals the older one might be kept for ever.
type clock struct {
	asked  int64 // the second at which the last increment was sent
	given  int64 // the second that it was given, or the last total
	before int64 // the second that the one before it was given
}

// tooFar is from how many seconds ahead receivers drop a line without a word.
const tooFar = 24 * 60 * 60

// give returns the second for an increment of time t, sent now, later than any before. Within one
// second it gives only one, unless there is no later occasion; a clock that was set back does not
// stop it. It only follows a clock that was too far ahead: what was sent then is nowhere, and all that
// is dated after it would be lost as well.
func (c *clock) give(t, now int64, final bool) (second int64, ok bool) {
	if now == c.asked && !final {
		return 0, false
	}
	second = max(t, c.given+1)
	if c.given-now > tooFar {
		second = t
	}
	c.asked = now
	c.before, c.given = c.given, second
	return second, true
}

// setBack is from how many seconds on a clock that is behind was set back. Totals then follow it:
// what is dated in the future is not shown before.
const setBack = 10

// free reports whether a total of time t, sent now, can have that second.
func (c *clock) free(t, now int64) bool {
	return t > c.given || t < c.given && now+setBack < c.given
}

// date returns the second for a total of time t, sent now: its own where that is free, or the one
// after the last, which is not in the future unless there is no later occasion.
func (c *clock) date(t, now int64, final bool) (second int64, ok bool) {
	if !c.free(t, now) {
		if now <= c.given && !final {
			return 0, false
		}
		t = c.given + 1
	}
	c.before, c.given = c.given, t
	return t, true
}

// takeBack makes the last second free again: no receiver has seen it. Were it not, a receiver that
// refuses connections several times a second would drive the clock into the future.
func (c *clock) takeBack() { c.asked, c.given = 0, c.before }
