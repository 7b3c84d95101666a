package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// newResource says who sends the metrics. Later sources beat earlier ones: defaults, environment,
// options.
func newResource(ctx context.Context, cfg *config) (*resource.Resource, error) {
	detectors := []resource.Option{
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			semconv.ServiceName("unknown_service:"+filepath.Base(os.Args[0])),
			semconv.ServiceInstanceID(instanceID()),
		),
	}
	if cfg.env.lookup != nil {
		detectors = append(detectors, resource.WithFromEnv())
	}
	var own []attribute.KeyValue
	if cfg.serviceName != "" {
		own = append(own, semconv.ServiceName(cfg.serviceName))
	}
	if cfg.serviceVersion != "" {
		own = append(own, semconv.ServiceVersion(cfg.serviceVersion))
	}
	detectors = append(detectors, resource.WithAttributes(append(own, cfg.attributes...)...))
	res, err := resource.New(ctx, detectors...)
	if err != nil {
		return resource.Empty(), fmt.Errorf("setup: resource (OTEL_RESOURCE_ATTRIBUTES is a list of key=value): %w", err)
	}
	return res, nil
}

// instanceID tells the processes of a service apart: without it, two that push by OTLP overwrite
// each other's values. It is random, for the name of a pod is the same for its containers and for
// their restarts, and that of the host for all processes on it. It stays the same for as long as
// the process runs, so that a new Start goes on with the series of the one before.
var instanceID = sync.OnceValue(uuid.NewString)
