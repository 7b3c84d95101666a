// Package otelsli turns "is this service good enough for its users?" into code. You declare a
// Service Level Indicator once, next to the operation it judges; counters, alerts, dashboards and
// error budgets follow from that declaration.
//
//	type Labels struct{ Channel, Tier string }
//
//	var placeOrder = otelsli.MustNew(otelsli.Spec{
//		Name:        "place_order",
//		Description: "A customer places an order.",
//		Threshold:   300 * time.Millisecond,
//		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
//	}, []Labels{{"web", "gold"}, {"web", "free"}, {"app", "gold"}, {"app", "free"}})
//
//	func (s *Shop) Place(ctx context.Context, o Order) (err error) {
//		defer placeOrder.Start(ctx, Labels{o.Channel, o.Tier}).End(&err)
//		…
//	}
//
// This package imports only the OpenTelemetry API. The package setup, below this one, exports the
// counters from main.
//
// # Which method
//
//   - [SLI.Start] with [Timer.End] for a function: records its error, its duration and a panic.
//   - [SLI.Do] for a closure, and for work that may call [runtime.Goexit].
//   - [SLI.Observe] when duration and error are already known.
//   - [SLI.Record] when the caller decides the outcome itself.
//   - [SLI.With] for hot loops: resolves the labels once; the result has the same methods without
//     them.
//
// # Outcomes
//
// Every event has exactly one [Outcome]: Success, Slow (past the threshold), Failed or Ignored.
// Each series has one cell per outcome, and recording is one atomic add to one cell. The exported
// counters are sums of cells, computed from a single reading at collection: no collection ever
// shows more errors than events. See [Layout] for the counters.
//
// [Classify] judges an error, unless [WithClassifier] replaces it; [Ignore] marks errors that are
// the caller's fault.
//
// # Labels
//
// Labels are a comparable struct of strings, bools and integers. The field FeedID becomes the label
// feed_id; the tag `sli:"feed"` gives it another name. Integers and bools with a String method are
// exported as what it returns. Every declared combination exists at 0 from the first collection;
// [Product2] helps to list them.
//
// Events of undeclared combinations are never lost. The first [DefaultUndeclaredLimit] such
// combinations of an SLI are logged and get a series each; all others share one series with the
// label values [OverflowValue].
//
// # Exemplars
//
// A failed or slow event recorded with the context of a sampled span leaves the IDs of its trace
// and span on the error and apdex counters, as their [Exemplar]. It leads from a burnt error budget
// on a dashboard to a trace of what burnt it. [WithExemplars] selects which spans leave one.
//
// # Catalogs
//
// SLIs live in a [Catalog]. Applications use the default one. A library takes a *Catalog from its
// user and returns the error of [New] instead of calling [MustNew] in a package variable.
//
// # Concurrency and cost
//
// Everything is safe for concurrent use, before and after the export is set up: events recorded
// early are exported later. Finding a series by its labels is one map lookup without a lock.
// Recording a known label combination allocates nothing, except for the exemplar that a series
// keeps, at most once every [ExemplarInterval] for each outcome.
package otelsli
