// Package outage logs faults that repeat, so that a log stays readable while something is down for
// hours.
//
//	exports := outage.New(logger, "otelsli: export fails", "otelsli: export works again", "pipeline", "otlp")
//	…
//	exports.Failed(err) // after each that failed
//	exports.Worked()    // after each that did not
//
// # What is written
//
// An outage is what lies between two successes. Its first failure is written at once, as a warning;
// then, as long as it lasts, at most one line every [Interval], with the number of failures so far
// and since when; and one line, as information, when it is over. While all is well nothing is
// written.
//
// Something that fails and works in turns has a burst of lines of its own: no more than [Burst]
// outages begin with a line within one [Interval]. An outage that began without a line has one as
// soon as there may be one again, and none at its end where it had none before.
//
// # Which faults share a log
//
// A [Log] is for one thing that can fail: the exports of one pipeline, the collections before them.
// Two that fail for reasons of their own have a Log each, or the one that has failed for hours hides
// the other. What changes during an outage is the error and the attributes of each line, not whether
// there is one.
//
// # Concurrency and cost
//
// All methods may be called by several goroutines at once. The logger is never called with a lock
// held, so that one that blocks holds up its caller alone. A success while all is well costs a
// lock; a nil *Log does nothing.
package outage
