// Package diff reports what a change of declarations does to everything built on them: which series
// continue, restart or end, and which rules and alerts change.
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
// A counter is identified by its name and its labels. If either changes, a new series starts: the
// history stays under the old one, and the error budget loses it. Any other change, above all that of
// an objective, keeps every series; the budget becomes what the new objective leaves of the old events.
//
//   - [Break] ends series that something may still need;
//   - [Notice] changes what is counted, or what alerts;
//   - [None] changes only descriptive text.
//
// # Renames
//
// If an SLI is gone and a new one has the same kind, labels, threshold, objective, owner and feature
// category, the new one is taken to be the old one renamed.
//
// # Alerts
//
// [Report.Alerts] compares what rules.Generate makes of both: burn-rate alerts that are added, removed
// or changed, by SLI, objective and tier.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. A thousand SLIs take a fraction of a second, most of which
// is spent generating the rules of both.
package diff
