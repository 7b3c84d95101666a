// Package sloflags is the flags that the commands about objectives share: where the catalog comes
// from, and what the rules are to be like.
//
//	var source sloflags.Source
//	var rules sloflags.Rules
//	source.Add(cmd, app)
//	rules.Add(cmd)
//
// # The configuration file
//
// What is the same for a repository is in a file, otelsli.yaml in the working directory, or that of
// --config. Its fields are the names of flags, of all commands; a flag on the command line wins:
//
//	from: ./cmd/shop
//	job: shop
//	out: deploy/slo
//	alert-label: [team=checkout]
//	tier:
//	  - page-fast:page:14.4:1h:5m
//
// An unknown field is an error that names the one that was probably meant.
//
// # Durations
//
// They may be written in days and weeks too: 30d, 1w, 1d12h.
//
// # Concurrency
//
// The flags are those of one command, which runs once.
package sloflags
