// Package declarative exports the SLIs of a process through an OpenTelemetry SDK that a declarative
// configuration file describes, the one that OTEL_CONFIG_FILE names. It is a module of its own, so
// that only those who import it link the SDKs for traces and logs.
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
// # Which set-up
//
// The file describes one SDK for metrics, traces and logs, in the same way for all languages. What
// reads it is [go.opentelemetry.io/contrib/otelconf], and the SLIs are guests of its MeterProvider, by
// [otelsli.Catalog.Register]. Where no such file is asked for, the package setup is the better one.
// On this road the SLIs have no exemplars and no start time of their own series; Prometheus and
// Graphite are not there; views of the file apply to SLIs as to everything else; an application's
// callback that fails costs the SLIs their export; and readers of metrics shut down one after the
// other.
//
// # The file
//
// It has to have the format 1.x and a meter_provider with a reader: without one the SLIs would leave by
// no way. An unknown variable in ${…} is empty, as the specification says; inside {…} otelconf sees no
// variables, which Start refuses. The file is the whole
// configuration: no other OTEL_* variable replaces what it says. (The SDK adds OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES where the file leaves them open.) A file without service.instance.id is
// warned about: two processes of a service that push without one overwrite each other's values.
//
// # Cardinality
//
// The SDK folds the series of an instrument beyond a limit, 2000 by default, into one. Start knows
// the limit of each reader from the file, and refuses SLIs that do not fit, with what to write into
// the file; combinations of labels that come later overflow into the SLI's own overflow series.
//
// # Concurrency and cost
//
// Everything may be used by several goroutines at once. Recording an event costs what it costs
// everywhere, one atomic add; a collection costs about 2 µs for each counter of a series, in each
// reader.
package declarative
