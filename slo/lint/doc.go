// Package lint finds what is allowed in a declaration but seldom meant: alerts that can never fire,
// windows that hold too few scrapes, labels that a scrape renames, and what it all costs.
//
//	for _, f := range lint.Check(catalog.Describe(), lint.WithPods(20), lint.WithRetention(15*24*time.Hour)) {
//		fmt.Println(f.Severity, f.SLI, f.Message, f.Fix)
//	}
//
// # Checks
//
// [Checks] lists them. What is wrong in itself, such as an objective of 100 %, is no finding but an
// error where the SLI is declared or its description is read.
//
// # Severities
//
// An [Error] is something that does not work. A [Warning] works otherwise than most would think. An
// [Info] is worth to know. [Worst] gives the most severe of some findings.
//
// # What has to be known
//
// Some checks need what is not in a declaration, and are left out without it: the retention of the
// server ([WithRetention]), the traffic ([WithTraffic]), the temporality and the receiver
// ([WithDeltaTowardsPrometheus]). The cost is that of one process, unless [WithPods] says how many
// there are.
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once. A thousand SLIs take some 15 ms with
// [WithRules], and half a second without, for the rules are made then.
package lint
