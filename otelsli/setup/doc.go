// Package setup exports the SLIs of a process, and all its other OpenTelemetry metrics, with one
// call in main.
//
//	func main() {
//		err := setup.Run(context.Background(), serve, setup.WithPrometheus(":9464"), setup.WithOTLP())
//		if err != nil {
//			log.Fatal(err)
//		}
//	}
//
//	func serve(ctx context.Context) error { … } // returns when ctx is cancelled
//
// [Run] adds the handling of SIGINT and SIGTERM to [Start] and [Telemetry.Shutdown], which can be
// called by hand too.
//
// # Pipelines
//
// Each way out of the process is a pipeline with a name: [WithOTLP] pushes to a collector or a
// backend, [WithPrometheus] serves /metrics, [WithConsole] prints, [WithExporter] takes any other
// exporter of the OpenTelemetry SDK. Any number of them work side by side: one that is down or
// that never answers delays no other one, and no event that is recorded.
//
// Without any of these options the environment decides: OTEL_METRICS_EXPORTER is a list of otlp,
// prometheus, console and none; unset, it is otlp, as the specification says.
//
// # Start
//
// Start reads and validates everything first and returns all problems joined; each names its
// option or variable and says what would be right. Then come the resource, the exporters (which
// do not connect yet), the pipelines, the MeterProvider, the global provider, and last of all the
// listener of /metrics: the first scrape already has every declared series, at 0. A step that
// fails undoes the ones before it.
//
// # Shutdown
//
// Shutdown keeps /metrics open until it has been scraped once more, if [WithScrapeDrain] asks for
// it. Then all push pipelines make their last collection and export, at the same time, and the
// listener closes. It returns by the deadline of its context, and by [WithShutdownTimeout] where
// that has none; a pipeline that has not finished by then is left behind and named in the error.
//
// # Environment
//
// The OTEL_* variables for metrics are read here and nowhere else. An option in code beats the
// environment; an empty variable is an unset one; a value that cannot be used is an error of
// Start, not a line in a log. [WithoutEnvironment] reads none of them.
package setup
