// Package diff says what a change of declarations does to what is built on them: which series go on,
// begin anew or end, and which rules and alerts change with them.
//
//	report, err := diff.Compare(before, after)
//	if err != nil {
//		return err
//	}
//	for _, c := range report.Changes {
//		fmt.Println(c.Severity, c.SLI, c.Field, c.Series)
//	}
//
// # What matters
//
// A counter is known by its name and its labels. A change of either begins it anew: its history is
// under the old name, and the error budget forgets it. A change of anything else, of an objective
// above all, keeps every series; the budget is then what the new objective leaves of the old events.
//
//   - [Break] is a change that ends series which something may still need;
//   - [Notice] changes what is counted, or what alerts;
//   - [None] changes texts.
//
// # Renames
//
// An SLI that is gone beside a new one with the same kind, labels, threshold and objective is taken
// for a renamed one.
//
// # Alerts
//
// [Report.Alerts] compares what rules.Generate makes of both: burn-rate alerts that come, go or
// change, by SLI, objective and tier.
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once. A thousand SLIs take a fraction of a
// second, most of it to generate the rules of both.
package diff
