// Package sloflags holds the flags shared by the commands about objectives: where the catalog comes
// from, and how the rules are generated.
//
//	var source sloflags.Source
//	var rules sloflags.Rules
//	source.Add(cmd)
//	rules.Add(cmd)
//
// # The configuration file
//
// Settings shared by a whole repository go into a file: otelsli.yaml in the working directory, or the
// file given by --config. Its fields are named after the flags of all commands; a flag on the command
// line takes precedence:
//
//	from: ./cmd/shop
//	job: shop
//	out: deploy/slo
//	alert-label: [team=checkout]
//	tier:
//	  - page-fast:page:14.4:1h:5m
//
// An unknown field is an error, which suggests the one that was probably meant.
//
// # Durations
//
// Durations can also be given in days and weeks: 30d, 1w, 1d12h.
//
// # Concurrency
//
// The flags belong to one command, which runs once.
package sloflags
