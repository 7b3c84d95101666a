// Package otelslitest helps to test that code records its Service Level Indicators: that a failure
// of an operation is a failure of its SLI, under the labels that were declared.
//
//	func TestPlaceSoldOut(t *testing.T) {
//		shop := &Shop{}
//		otelslitest.AssertDelta(t, placeOrder, OrderLabels{"web", Gold}, otelsli.Counts{otelsli.Failed: 1}, func() {
//			shop.Place(t.Context(), "web", Gold)
//		})
//	}
//
// # Which assertion
//
//   - [AssertDelta] for SLIs in package variables, which other tests use too: it compares the
//     counts before and after a function.
//   - [AssertOutcome] for SLIs of a catalog that the test has for itself, which [NewCatalog] makes:
//     it looks at all that was counted. [Counts] is for what it cannot say.
//   - [AssertInitialized] for what has to be exported at 0 before the first event.
//   - [AssertNoOverflow] and [AssertNoUndeclared] at the end of a test that uses the code widely:
//     they find labels that were recorded and not declared.
//
// # Failures
//
// An assertion that fails reports it as [testing.TB.Errorf] does, with a table of what the SLI has
// counted, and returns false; the test goes on. What was recorded under other labels than expected
// is in that table.
//
// # Side effects
//
// None: no assertion makes a series, and none makes prefix or layout of a catalog final, as a
// collection would.
//
// # Concurrency
//
// All functions may be called by several goroutines. Tests that run in parallel and record on the
// same series see each other's events; a catalog of its own for each test prevents that.
package otelslitest
