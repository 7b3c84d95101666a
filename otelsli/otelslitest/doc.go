// Package otelslitest helps test that code records its Service Level Indicators: that a failed
// operation is a failure of its SLI, under declared labels.
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
//     counts before and after a function call.
//   - [AssertOutcome] for SLIs in a catalog that only this test uses, made by [NewCatalog]: it
//     checks all events counted so far. [Counts] is for checks that it cannot express.
//   - [AssertInitialized] for what must be exported at 0 before the first event.
//   - [AssertNoOverflow] and [AssertNoUndeclared] at the end of a test that exercises the code
//     broadly: they find labels that were recorded but not declared.
//
// # Failures
//
// A failed assertion calls [testing.TB.Errorf] with a table of what the SLI has counted and returns
// false; the test continues. Events recorded under unexpected labels are in that table.
//
// # Side effects
//
// None: no assertion creates a series, and none makes the prefix or layout of a catalog final, as a
// collection would.
//
// # Concurrency
//
// All functions are safe for concurrent use. Parallel tests that record on the same series see each
// other's events; give each test its own catalog to prevent that.
package otelslitest
