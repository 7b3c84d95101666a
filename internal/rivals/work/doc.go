// Package work is what the libraries are compared in: pieces of work, and how each of them does it.
//
//	for _, c := range work.All(work.Sizes) {
//		for _, r := range c.Rivals {
//			subject := r.New()
//			subject.Run(1000)
//			subject.Close()
//		}
//	}
//
// # A fair case
//
// Every rival of a [Case] does the same work, and as its own documentation says it is done fastest: what
// can be resolved or made beforehand is. The event is one request that succeeded within its threshold,
// which users of other libraries count in two counters, one of all events and one of the successes; ours
// counts it once. [Subject].Result says what has come of the work, and a test holds the rivals of each
// case against each other by it: the same number of events, the same lines of a scrape, the same points
// of an export.
//
// Where there is one, the limit is a rival too: a bare atomic add, or a Go map that leads to one.
//
// # Inlining
//
// A subject runs in a loop of its own, so that calls are compiled as they are in a program: those of a
// few nanoseconds would otherwise be dwarfed by the call of the loop's body.
//
// # Concurrency
//
// A [Subject] is used by one goroutine at a time. Those of several goroutines start them themselves and
// wait for them: n is the number of operations of all of them together.
//
// # Cost
//
// Making a subject of 100,000 series takes up to some seconds and some hundred MB. Its memory is free
// when it is not referenced any more and Close has been called.
package work
