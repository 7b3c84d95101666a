// Package slisdk pushes the SLIs of a catalog, together with all metrics of the application,
// through any exporter of the OpenTelemetry SDK.
//
//	pipeline, err := slisdk.NewPipeline("otlp", otelsli.Default(), exporter)
//	if err != nil {
//		return err
//	}
//	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(pipeline.Reader()))
//	pipeline.Start()
//	…
//	err = pipeline.Shutdown(ctx)
//
// Programs seldom call it themselves: package otelsli/setup does it from options or the
// environment.
//
// # Why not PeriodicReader
//
// A [Pipeline] does what the SDK's PeriodicReader does, and keeps the SLIs when something breaks:
//
//   - An application's callback that fails, panics or hangs costs the SLIs nothing. PeriodicReader
//     then exports nothing at all, at shutdown neither.
//   - An exporter that ignores its context is abandoned at the deadline and named in the error.
//     PeriodicReader's Shutdown waits for it for ever.
//   - The end of an export is known, so that deltas add up to what was recorded (see below).
//   - The first export is made by Start, not an interval later, so that receivers that ignore start
//     times see every declared series at 0 before it counts.
//
// [NewProducer] is for programs that want to keep a reader of their own nevertheless.
//
// # Temporality
//
// The exporter decides, by the temporality that it has for a synchronous counter, which is what
// an SLI is to its user. The preferences delta and lowmemory thus both give deltas.
//
// A cumulative series starts at its birth. A delta starts where the last delivered one ended, a
// series' first one at its birth, and every series is in every collection, also with 0. An export
// that failed is not lost: its interval merges into the next, so that the sum of the deltas that
// were delivered is exactly what was recorded. What was delivered is kept with the catalog under
// the pipeline's name, so that a pipeline that follows another of its name goes on where that one
// ended.
//
// Two cases cannot be known from this side. An export that failed by a time-out may have arrived:
// then its interval is counted twice, for delivery is at least once. A partial success, as OTLP
// names it, is taken as delivered: its protocol forbids sending any of it again, for the receiver
// kept the rest.
//
// # Exemplars
//
// The points of error, apdex and slow counters carry the exemplar of their series, as
// [otelsli.Point.Exemplar] says. In a cumulative series the newest is there until another one takes its
// place; a delta has it only if it is of the delta's own interval.
//
// # What became of it
//
// The errors of periodic exports go to [WithErrorHandler], and every round, whatever became of it, to
// [WithObserver]: how it ended, how long collection and export took, how many data points were sent,
// rejected and lost. Package otelsli/setup makes metrics, log lines and /health.json of them.
//
// # Concurrency and cost
//
// All methods may be called by several goroutines at once. Each pipeline has one goroutine, and
// one more while it collects or exports; a blocked exporter delays neither another pipeline nor a
// recording call. At most one collection of the application and one export are running at a time.
//
// Buffers are kept between rounds: a collection of SLIs allocates nothing by series once each has
// been exported once. They take 104 bytes for each counter of each series, and 64 bytes more for
// each series where deltas are exported.
package slisdk
