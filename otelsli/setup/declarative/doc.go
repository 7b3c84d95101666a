// Package declarative exports the SLIs of a process through an OpenTelemetry SDK that is configured
// by a declarative configuration file, the one that OTEL_CONFIG_FILE names. It is a separate
// module, so that only those who import it link the SDKs for traces and logs.
//
//	func main() {
//		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//		defer stop()
//		telemetry, err := declarative.Start(ctx, "") // "": as OTEL_CONFIG_FILE says
//		if err != nil {
//			log.Fatal(err)
//		}
//		defer telemetry.Shutdown(context.Background())
//		serve(ctx)
//	}
//
// # Which setup
//
// The file describes one SDK for metrics, traces and logs, in the same way for all languages.
// [go.opentelemetry.io/contrib/otelconf] reads it, and the SLIs are registered with its
// MeterProvider by [otelsli.Catalog.Register]. Unless you need such a file, use the package setup.
// Here, SLIs have neither exemplars nor per-series start times; there is no Prometheus endpoint and
// no Graphite; the views in the file apply to SLIs too; an application callback that fails costs
// the SLIs their export; and metric readers shut down one after the other.
//
// # The file
//
// The file must have the format 1.x and a meter_provider with a reader; without one the SLIs would
// not be exported. An unknown variable in ${…} is empty, as the specification says. otelconf does
// not see variables inside {…}, which Start therefore rejects. The file is the whole configuration:
// no other OTEL_* variable overrides it. (The SDK adds OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES if the file leaves them open.) Start warns about a file without
// service.instance.id: two processes of a service that push without one overwrite each other's
// values.
//
// # Cardinality
//
// The SDK folds the series of an instrument beyond a limit, 2000 by default, into one. Start knows
// the limit of each reader from the file and rejects SLIs that do not fit, with advice on what to
// write into the file; later label combinations overflow into the SLI's own overflow series.
//
// # Concurrency and cost
//
// Everything is safe for concurrent use. Recording an event costs one atomic add, as everywhere; a
// collection costs about 2 µs for each counter of a series, in each reader.
package declarative
