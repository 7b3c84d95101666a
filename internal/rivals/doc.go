// The rivals command measures what counting and exporting service level indicators costs, and what
// the same work costs with the libraries that one would use instead, all in one run:
//
//	cd internal/rivals && go run .            # about 6 minutes
//	cd internal/rivals && go run . -short     # a quick look, 20 seconds
//	cd internal/rivals && go run . -run '^scrape/text' -o json
//
// It prints a table: who did what at what cost, in terms of what it costs us, with what allocations,
// and which of the project's targets are met. With -doc it also writes the table into a document:
//
//	make bench-rivals                         # that of docs/performance.md
//
// # Packages
//
//   - work has the pieces of work, and how each library does them
//   - measure runs them in turns and takes medians
//   - report has the targets and the table
//
// The same cases are Go benchmarks, for profiles:
//
//	go test -run '^$' -bench 'Rivals/scrape/text/10000$/otelsli$' -cpuprofile cpu.out
//
// # Tests
//
// The tests hold the rivals of each case against each other, so that they do the same work, and hold
// ours to ratios that are far from where noise could bring them, and to numbers of allocations, which
// have no noise.
package main
