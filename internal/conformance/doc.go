// Package conformance evaluates the rules of slo/rules by the engine and the rule manager of
// Prometheus, in process and in simulated time, and compares what they say with what happened.
//
// It is a module of its own, because the engine brings more than a hundred others with it. Nothing
// imports it.
//
// # How it works
//
// A world is a fleet of pods, each with a catalog of package otelsli that records real events, and
// a scraper that puts what the catalog collects into a store, under the names that the translator
// of Prometheus gives them. The rules are written as a file, read back by Prometheus' own loader,
// and evaluated in one of two ways:
//
//   - evaluator.history evaluates each rule over the whole of the time by one range query, stage by
//     stage, which takes milliseconds for days;
//   - evaluator.live evaluates group by group and minute by minute, as the rule manager does.
//
// Both let every stage see only what the stage before it recorded nearly one interval ago, which is
// the worst that a server does. Truth is counted beside it all, event by event.
//
// # Modes
//
// Every case runs for the layout Counters, and for the layout Outcomes with generated rules and
// with the static file, each under the translations of names.
//
// # What is compared
//
// Every window of every objective, events and errors, with what was counted: within 1 % and 3
// events, unless a case says otherwise and why. The windows that increase() reads are extrapolated
// to their edges, which lie up to one scrape from a sample; that is where the tolerance goes.
//
// # Other generators
//
// With -rivals and a folder that holds sloth-generated.yml and pyrra-generated.yml, two more tests
// evaluate those on the same data, and compare what a server reads for them:
//
//	go test -run Rival -v . -rivals /path/to/folder
//
// The tables of docs/rules.md and docs/slo-maths.md are what TestDetectionAndReset and these log.
package conformance
