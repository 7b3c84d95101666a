// Package measure finds out what subjects of package work cost, on a machine that does other things too.
//
//	results := measure.Case(c, measure.Options{Rounds: 7, Time: 100 * time.Millisecond})
//
// # How
//
// The rivals of a case take turns: each round has one sample of every rival, beginning with another one
// each time. A cost is the median of its samples, and the ratio of two the median of their ratios in
// each round. Whatever disturbs the machine for a while thus disturbs all rivals alike. A sample runs
// as many operations as take the time of [Options], at least one, and starts right after a garbage
// collection, with its caches as the rival before left them.
//
// # CPU time
//
// What counts is the CPU time of the process, user and system, that an operation takes, not the time
// on the clock: it is what a service pays for, it has the work of all goroutines in it, that of the
// garbage collector too, and a process that is kept waiting does not pay. Where the operating system
// does not tell it, it is the time on the clock.
//
// Goroutines that are to disturb each other do so only while they run at the same time: of their samples
// the first that used nearly all CPUs is taken, or the best of some.
//
// Garbage that is left when a sample ends is not collected within it. That is in favour of whoever
// allocates.
//
// # Memory
//
// The memory of a subject is that of the live objects which it adds to the heap, as the garbage
// collector counts them.
//
// # Concurrency
//
// Only one measurement at a time makes sense in a process.
package measure
