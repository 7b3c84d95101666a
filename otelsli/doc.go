// Package otelsli turns "is this service good enough for its users?" into code. A Service Level
// Indicator is declared once, next to the operation that it judges; counters, alerts, dashboards
// and error budgets follow from that declaration.
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
// This package imports the OpenTelemetry API alone. What main needs to export the counters is in
// the package setup below this one.
//
// # Which verb
//
//   - [SLI.Start] with [Timer.End] around a function: it sees the error, the duration and a panic.
//   - [SLI.Do] around a closure, also where the work may call [runtime.Goexit].
//   - [SLI.Observe] where duration and error are known.
//   - [SLI.Record] where the caller judges.
//   - [SLI.With] once, and the same verbs on the result, in hot loops.
//
// # Outcomes
//
// Every event has one [Outcome]: Success, Slow (past the threshold), Failed or Ignored. Each is a
// cell of the event's series, and recording is one atomic add to one cell. The exported counters
// are sums of cells, made from one reading of them when they are collected, so that no collection
// ever shows more errors than events. See [Layout] for the counters.
//
// An error is judged by [Classify], unless [WithClassifier] gives another; [Ignore] marks errors
// that are the caller's fault.
//
// # Labels
//
// Labels are a comparable struct of strings, bools and integers. A field FeedID is the label
// feed_id; a tag `sli:"feed"` names it otherwise. Integers and bools that have a String method are
// exported by it. All combinations that are declared exist at 0 from the first collection on;
// [Product2] helps to list them.
//
// A combination that was not declared is never lost: it becomes a series of its own, up to
// [DefaultUndeclaredLimit] of them, and is logged; all further ones share one series with the
// label values [OverflowValue].
//
// # Exemplars
//
// A failed or slow event that is recorded with the context of a sampled span leaves the IDs of its
// trace and span on the error and apdex counters, as their [Exemplar]: a dashboard leads from a burnt
// error budget to a trace of what burnt it. [WithExemplars] says which spans do.
//
// # Catalogs
//
// SLIs live in a [Catalog]. Applications use the default one; a library takes a *Catalog from its
// user and returns the error of [New], instead of calling [MustNew] in a package variable.
//
// # Concurrency and cost
//
// Everything may be used by several goroutines at once, before the export is set up as well as
// after: what is recorded early is exported later. Finding a series by its labels is one map
// lookup without a lock; nothing on the way of an event allocates, as long as its combination of
// labels is known, but the exemplar that a series keeps of an outcome once in [ExemplarInterval].
package otelsli
