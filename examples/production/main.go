// Production is a service as a platform team would want it: its code does not say where its metrics
// go, and it ends without losing a request or an event. Copy main.go and server.go; orders.go is
// the service itself.
//
// # The code
//
// It declares SLIs next to the code they judge, registers its routes before Run, so that the first
// scrape has them all at 0, and gives [setup.Run] a function that serves until its context ends.
//
// # The environment
//
// Everything is set where the service is deployed, and checked there with `otelsli config check`:
//
//	env:
//	- {name: OTEL_SERVICE_NAME, value: shop}
//	- {name: OTEL_METRICS_EXPORTER, value: "otlp,prometheus"}
//	- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector:4318"}
//	- {name: OTEL_EXPORTER_PROMETHEUS_HOST, value: "0.0.0.0"}
//	- {name: OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE, value: /etc/scrape/token}
//	- {name: OTELSLI_RUNTIME_METRICS, value: "true"}
//	- {name: OTEL_RESOURCE_DETECTORS, value: "kubernetes,process"}
//	- {name: K8S_NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
//	- {name: OTELSLI_TERMINATION_DELAY, value: "5000"}
//	- {name: OTELSLI_GRACE_PERIOD, value: "20000"}
//
// # Shutdown
//
// On SIGTERM, in this order:
//
//  1. GET /readyz of the service answers 503, so that the load balancer stops sending requests.
//     Until it notices, for OTELSLI_TERMINATION_DELAY, everything is served as before.
//  2. The listener closes, and running requests have drainTimeout to finish.
//  3. All pipelines export once more, in parallel, within 10 seconds. Then /metrics closes.
//
// A request that does not end does not cost the last export: what still runs after
// OTELSLI_GRACE_PERIOD is abandoned. The pod therefore needs a terminationGracePeriodSeconds of
// more than 5 + 20 + 10:
//
//	readinessProbe: {httpGet: {path: /readyz, port: 8080}, periodSeconds: 2, failureThreshold: 1}
//	terminationGracePeriodSeconds: 40
package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"

	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func main() {
	if err := run(cmp.Or(os.Getenv("SHOP_ADDR"), ":8080")); err != nil {
		slog.Error("shop", "error", err)
		os.Exit(1)
	}
}

func run(addr string) error {
	mux, err := routes()
	if err != nil {
		return err
	}
	return setup.Run(context.Background(), func(ctx context.Context) error {
		handleProbes(mux, setup.FromContext(ctx))
		return serve(ctx, addr, mux)
	})
}
