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
// Most programs use package otelsli/setup instead, which builds pipelines from options or the
// environment.
//
// # Why not PeriodicReader
//
// A [Pipeline] does what the SDK's PeriodicReader does, and still delivers the SLIs when something
// breaks:
//
//   - An application's callback that fails, panics or hangs does not affect the SLIs. PeriodicReader
//     then exports nothing at all, not even at shutdown.
//   - An exporter that ignores its context is abandoned at the deadline and named in the error.
//     PeriodicReader's Shutdown waits for it forever.
//   - The pipeline knows how each export ended, so deltas add up to what was recorded (see below).
//   - Start exports at once, not an interval later, so that receivers that ignore start times see every
//     declared series at 0 before it counts.
//
// [NewProducer] is for programs that need to keep their own reader.
//
// # Temporality
//
// The exporter decides, by the temporality it selects for a synchronous counter, which is what an SLI
// is to its user. The preferences delta and lowmemory thus both result in deltas.
//
// A cumulative series starts at its creation. A delta starts where the last delivered one ended; the
// first one of a series starts at its creation. Every series is in every collection, even with 0. A
// failed export is not lost: its interval merges into the next one, so the delivered deltas add up to
// exactly what was recorded. What was delivered is kept with the catalog under the pipeline's name: a
// later pipeline of the same name continues where the previous one ended.
//
// Two cases cannot be known from this side. An export that timed out may have arrived; its interval is
// then counted twice, because delivery is at least once. An OTLP partial success counts as delivered:
// the protocol forbids sending any of it again, because the receiver kept the rest.
//
// # Exemplars
//
// The points of error, apdex and slow counters carry the exemplar of their series, as described at
// [otelsli.Point.Exemplar]. A cumulative series keeps the newest one until another replaces it; a delta
// has it only if it falls into the delta's own interval.
//
// # Outcomes
//
// The errors of periodic exports go to [WithErrorHandler]. Every round, whatever its outcome, goes to
// [WithObserver]: how it ended, how long collection and export took, and how many data points were
// sent, rejected and lost. Package otelsli/setup turns this into metrics, log lines and /health.json.
//
// # Concurrency and cost
//
// All methods are safe for concurrent use. Each pipeline has one goroutine, and one more while it
// collects or exports. A blocked exporter delays neither another pipeline nor a recording call. At most
// one collection of the application and one export run at a time.
//
// Buffers are kept between rounds: once each series has been exported, a collection of SLIs makes no
// allocations per series. The buffers take 104 bytes per counter and series, and 64 bytes more per
// series if deltas are exported.
package slisdk
