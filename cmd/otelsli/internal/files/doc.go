// Package files writes generated files, or checks that they are up to date.
//
//	out := files.Output{Dir: "deploy/slo", Kind: "rules-shop"}
//	out.Add("shop-rules.yml", data)
//	changes, err := out.Write()
//
// # What is touched
//
// Each file is replaced atomically: it is written under a temporary name and renamed. Files whose content
// is already right are left alone. A manifest in the same directory, .otelsli-<kind>.json, lists the
// files that were written. A listed file that is no longer generated is removed; no other file ever is.
// An existing file that was not generated is not overwritten, unless Force is set.
//
// # Checks
//
// [Output.Changes] returns what Write would do, with unified diffs, and changes nothing.
//
// # Concurrency
//
// An Output is for one goroutine. If two processes write to the same directory at the same time, every
// file is complete, but comes from either process.
package files
