package graphitebridge

// A clock gives increments of a series their seconds. Some receivers keep only the last value that
// a series has in a second: an increment that shared one would be lost.
type clock struct {
	asked  int64 // the second at which the last increment was sent
	given  int64 // the second that it was given
	before int64 // the second that the one before it was given
}

// give returns the second for an increment of time t, sent now, later than any before. Within one
// second it gives only one, unless there is no later occasion; a clock that was set back does not
// stop it.
func (c *clock) give(t, now int64, final bool) (second int64, ok bool) {
	if now == c.asked && !final {
		return 0, false
	}
	c.asked = now
	c.before, c.given = c.given, max(t, c.given+1)
	return c.given, true
}

// takeBack makes the last second free again: no receiver has seen it. Were it not, a receiver that
// refuses connections several times a second would drive the clock into the future.
func (c *clock) takeBack() { c.asked, c.given = 0, c.before }
