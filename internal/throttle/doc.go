// Package throttle limits how often the same thing is logged, if strangers or foreign code decide
// how often it happens.
//
//	var complaints throttle.Throttle
//	…
//	if skipped, ok := complaints.Pass(time.Minute, 1); ok {
//		logger.Warn("…", "suppressed", skipped)
//	}
//
// # Throttle or outage
//
// A [Throttle] is for events that have no end, such as requests without credentials: some pass in
// each interval, and the next one that passes reports how many did not. For something that fails
// and then works again, use the package outage, which logs when it began and when it was over.
//
// # Interval
//
// An interval does not follow the clock: it begins with the first event that passes after the
// previous interval has ended. The limit is never exceeded within one interval, but up to twice as
// many events can pass around its end, if they pass late in it.
//
// # Which events share one
//
// Events share a Throttle if one says as much as another. A rare event that shares one with
// frequent events is lost among them: give it its own.
//
// # Concurrency and cost
//
// All methods are safe for concurrent use. An event costs a lock and a clock reading, whether it
// passes or not, and allocates nothing.
package throttle
