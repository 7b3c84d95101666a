// Package lint finds declarations that are valid but seldom intended: alerts that can never fire,
// windows that contain too few scrapes, labels that a scrape renames, and high cost.
//
//	for _, f := range lint.Check(catalog.Describe(), lint.WithPods(20), lint.WithRetention(15*24*time.Hour)) {
//		fmt.Println(f.Severity, f.SLI, f.Message, f.Fix)
//	}
//
// # Checks
//
// [Checks] lists them. Invalid declarations, such as an objective of 100 %, are not findings but errors,
// reported when the SLI is declared or its description is read.
//
// # Severities
//
// An [Error] does not work. A [Warning] works differently from what most people expect. An [Info] is
// worth knowing. [Worst] returns the most severe of several findings.
//
// # What has to be known
//
// Some checks need information that is not in a declaration and are skipped without it: the retention
// of the server ([WithRetention]), the traffic ([WithTraffic]), the temporality and the receiver
// ([WithDeltaTowardsPrometheus]). The cost is that of one process, unless [WithPods] sets how many
// there are.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. A thousand SLIs take about 15 ms with [WithRules], and half
// a second without it, because the rules then have to be generated.
package lint
