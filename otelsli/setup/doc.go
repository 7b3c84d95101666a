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
// exporter of the OpenTelemetry SDK, [WithGraphite] sends to Graphite and OpenTSDB receivers, and
// [WithGrafanaCloud] to the gateway of Grafana Cloud. Any number of them work side by side: one that
// is down or that never answers delays no other one, and no event that is recorded.
//
// [WithPrometheusGuard] says who may scrape: with tokens, passwords or client certificates, over TLS,
// and how often. /healthz and /readyz stay open to everybody.
//
// Without any of these options the environment decides: OTEL_METRICS_EXPORTER is a list of otlp,
// prometheus, graphite, console and none; unset, it is otlp, as the specification says.
//
// # Resource
//
// All metrics are sent with the resource of [WithService] and [WithResourceAttributes], which beat
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which beat what detectors find. Detectors are by
// choice: [WithHost], [WithProcess], [WithContainer], [WithKubernetes], [WithResourceDetectors] for
// those of others, or OTEL_RESOURCE_DETECTORS. Without any of these there is a service.instance.id,
// random and the same for as long as the process runs, so that two processes of a service do not
// overwrite each other's values.
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
// # What it says about itself
//
// Every pipeline reports itself by metrics named otelsli.pipeline.…: see [MetricExports] and those
// that follow. [Telemetry.Ready] says whether the process should be sent requests, as /readyz does,
// and [Telemetry.Health] what has become of each pipeline. The logger of [WithLogger] gets one line when
// something begins to fail, one every five minutes while it does, and one when it works again.
//
// # Environment
//
// The OTEL_* and OTELSLI_* variables for metrics are read here and nowhere else; docs/setup.md has
// all of them. An option in code beats the environment; an empty variable is an unset one; a value
// that cannot be used is an error of Start, not a line in a log. A variable that holds a secret may
// be replaced by one with _FILE at its end, which names a file. Variables of older systems are
// taken where the standard ones are not set, and named in the log. [WithoutEnvironment] reads none
// of them.
//
// # Check
//
// [Check] tells what a Start would use, each value with its source and without secrets, or all that
// is wrong. [Connect] exports one metric by each push pipeline as well, and says what came back. The
// command "otelsli config check" is both, for an environment without code.
//
// # Concurrency and cost
//
// Start and Check may be called by several goroutines at once, with catalogs of their own. A
// configuration costs some hundred look-ups of variables, once; nothing here is on the path of an
// event.
package setup
