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
// [Run] combines [Start] and [Telemetry.Shutdown] with the handling of SIGINT and SIGTERM. You can
// also call Start and Shutdown yourself.
//
// # Pipelines
//
// Each way out of the process is a named pipeline: [WithOTLP] pushes to a collector or a backend,
// [WithPrometheus] serves /metrics, [WithConsole] prints, [WithExporter] accepts any other
// OpenTelemetry SDK exporter, [WithGraphite] sends to Graphite and OpenTSDB receivers, and
// [WithGrafanaCloud] to the gateway of Grafana Cloud. Any number of them run side by side: one that
// is down or never answers delays neither the others nor any event.
//
// [WithPrometheusGuard] restricts who may scrape and how often: with tokens, passwords or client
// certificates, over TLS. /healthz and /readyz stay open to everyone.
//
// Without any of these options, the environment decides: OTEL_METRICS_EXPORTER is a list of otlp,
// prometheus, graphite, console and none. If it is unset, it is otlp, as the specification says.
//
// # Resource
//
// All metrics are sent with the resource of [WithService] and [WithResourceAttributes], which
// override OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which override what detectors find.
// Detectors are opt-in: [WithHost], [WithProcess], [WithContainer], [WithKubernetes],
// [WithResourceDetectors] for third-party ones, or OTEL_RESOURCE_DETECTORS. Unless one of these
// sets it, there is a random service.instance.id, which stays the same for the life of the process.
// It keeps two processes of a service from overwriting each other's values.
//
// # Start
//
// Start first reads and validates everything and returns all problems joined; each names its option
// or variable and says what would be right. It then creates the resource, the exporters (which do
// not connect yet), the pipelines, the MeterProvider, the global provider and, last of all, the
// listener of /metrics: the first scrape already has every declared series, at 0. If a step fails,
// Start undoes the ones before it.
//
// # Shutdown
//
// Shutdown keeps /metrics open until it has been scraped once more, if [WithScrapeDrain] asks for
// it. Then all push pipelines collect and export a last time, in parallel, and the listener closes.
// Shutdown returns by the deadline of its context or, without one, within [WithShutdownTimeout]. A
// pipeline that has not finished by then is abandoned and named in the error.
//
// # Self-monitoring
//
// Every pipeline reports on itself in metrics named otelsli.pipeline.…: see [MetricExports] and
// those that follow it. [Telemetry.Ready] says whether the process should receive requests, as does
// /readyz, and [Telemetry.Health] gives the state of each pipeline. The logger of [WithLogger] gets
// one line when something begins to fail, one every five minutes while it does, and one when it
// works again.
//
// # Environment
//
// The OTEL_* and OTELSLI_* variables for metrics are read here and nowhere else; docs/setup.md
// lists them all. An option in code overrides the environment. An empty variable counts as unset. A
// value that cannot be used is an error of Start, not a line in a log. A variable that holds a
// secret has a counterpart ending in _FILE, which names a file with the value. Variables of older
// systems are used if the standard ones are not set, and are named in the log. [WithoutEnvironment]
// ignores all of them.
//
// # Check
//
// [Check] reports what Start would use, each value with its source and without secrets, or
// everything that is wrong. [Connect] also exports one metric through each push pipeline and
// reports the result. The command "otelsli config check" does both for an environment, without
// code.
//
// # Concurrency and cost
//
// Start and Check are safe for concurrent use with different catalogs. Configuration costs a few
// hundred variable lookups, once; nothing here is on the path of an event.
package setup
