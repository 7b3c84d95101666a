package graphitebridge

// A clock assigns timestamps, in seconds, to the lines of a series. Some receivers keep only one value
// of a series per second, the last or any: of two increments with the same second one would be lost,
// and of two totals the older one might be kept forever.
type clock struct {
	asked  int64 // when the last increment was sent
	given  int64 // the timestamp of that increment, or of the last total
	before int64 // the timestamp before that
}

// tooFar is how many seconds ahead a timestamp must be for receivers to drop the line silently.
const tooFar = 24 * 60 * 60

// give returns the timestamp for an increment of time t, sent now; it is later than any before. It
// gives only one timestamp within a second, unless this is the final flush. A clock that was set back
// does not stop it. After timestamps that were too far ahead it goes back to t: those lines are lost,
// and anything dated after them would be lost as well.
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

// setBack is how many seconds the clock must be behind the last timestamp to count as set back. Totals
// then go back to t: values dated in the future would not be shown until then.
const setBack = 10

// free reports whether a total of time t, sent now, can have that timestamp.
func (c *clock) free(t, now int64) bool {
	return t > c.given || t < c.given && now+setBack < c.given
}

// date returns the timestamp for a total of time t, sent now: t if it is free, otherwise the second
// after the last timestamp. That is not in the future, except in the final flush.
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

// takeBack frees the last timestamp, which no receiver has seen. Otherwise a receiver that refuses
// connections several times a second would drive the clock into the future.
func (c *clock) takeBack() { c.asked, c.given = 0, c.before }
