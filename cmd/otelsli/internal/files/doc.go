// Package files writes generated files, or checks that they are current.
//
//	out := files.Output{Dir: "deploy/slo", Kind: "rules-shop"}
//	out.Add("shop-rules.yml", data)
//	changes, err := out.Write()
//
// # What is touched
//
// Each file is written beside its place and renamed into it, so that a reader never sees half a file.
// A file whose content is right already is left alone. What was written is listed in a manifest,
// .otelsli-<kind>.json in the same directory: a file that is in it and no longer generated is
// removed, and nothing else ever is. A file that is there and was not generated is not overwritten,
// unless Force says so.
//
// # Checks
//
// [Output.Changes] says what Write would do, with unified differences, and touches nothing.
//
// # Concurrency
//
// An Output is for one goroutine. Two processes that write to the same directory at the same time
// each leave whole files, of which some may be the other's.
package files
