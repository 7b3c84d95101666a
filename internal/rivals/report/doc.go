// Package report shows what package measure has found, beside what it should be.
//
//	r := report.New(results, options)
//	err := r.WriteText(os.Stdout)
//
// # Forms
//
// [Report.WriteText] is for a terminal, [Report.WriteJSON] for programs, and [Report.Update] replaces
// the part of a Markdown document between two lines:
//
//	<!-- rivals:begin -->
//	<!-- rivals:end -->
//
// All three have the same rows. A row's ratio is what the rival costs divided by what ours does: above
// 1 ours is cheaper.
//
// # Targets
//
// A [Target] is a bound on one cost in terms of another, both from the same run. Those whose rows were
// not measured are left out.
//
// # Concurrency
//
// A Report does not change once it is made.
package report
