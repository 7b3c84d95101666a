// Package outage logs repeated faults, keeping the log readable while something is down for hours.
//
//	exports := outage.New(logger, "otelsli: export fails", "otelsli: export works again", "pipeline", "otlp")
//	…
//	exports.Failed(err) // after each failure
//	exports.Worked()    // after each success
//
// # What is logged
//
// An outage is the time between two successes. Its first failure is logged at once, as a warning.
// While it lasts, at most one line is logged every [Interval], with the number of failures so far
// and since when. When it is over, one line is logged, at level info. Nothing is logged while
// everything works.
//
// Something that alternates between failing and working is limited too: at most [Burst] outages
// begin with a line within one [Interval]. An outage that began without a line gets one as soon as
// that is allowed again; if it never got one, its end is not logged either.
//
// # Which faults share a log
//
// A [Log] is for one thing that can fail: the exports of one pipeline, or the collections before
// them. Things that fail for different reasons need a Log each, or the one that has failed for
// hours hides the other. During an outage, the error and the attributes may vary from line to line;
// that does not affect whether a line is logged.
//
// # Concurrency and cost
//
// All methods are safe for concurrent use. The logger is never called with a lock held, so a logger
// that blocks delays only its caller. A success while everything works costs a lock; a nil *Log
// does nothing.
package outage
