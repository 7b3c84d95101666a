// Package throttle bounds how often the same is said, where strangers or the code of others decide how
// often it happens.
//
//	var complaints throttle.Throttle
//	…
//	if skipped, ok := complaints.Pass(time.Minute, 1); ok {
//		logger.Warn("…", "suppressed", skipped)
//	}
//
// # Throttle or outage
//
// A [Throttle] is for events that have no end, such as requests without credentials: some are let
// through in each interval, and the next one that is tells how many were not. What fails and then works
// again has a log of the package outage, which says when it began and when it was over.
//
// # Interval
//
// An interval begins with the first event that is let through after the one before has ended, not with
// the clock: there are never more than so many within one, and up to twice as many around the end of
// one, where they are let through late in it.
//
// # Which events share one
//
// Those of which one says as much as another. A rare one that shares with frequent ones is lost among
// them: it has a Throttle of its own.
//
// # Concurrency and cost
//
// All methods may be called by several goroutines at once. An event costs a lock and a reading of the
// clock, whether it is let through or not, and allocates nothing.
package throttle
