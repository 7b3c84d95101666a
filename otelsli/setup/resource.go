package setup

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// newResource says who sends the metrics. Later sources beat earlier ones: defaults, detectors in
// the order in which they were asked for, environment, options.
func newResource(ctx context.Context, cfg *config) (*resource.Resource, error) {
	cfg.resolveDetections(&cfg.env)
	detected, schemas := cfg.detect(ctx)
	sources := []resource.Option{
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			semconv.ServiceName("unknown_service:"+filepath.Base(os.Args[0])),
			semconv.ServiceInstanceID(instanceID()),
		),
		resource.WithAttributes(detected...),
	}
	sources = append(sources,
		resource.WithAttributes(environmentAttributes(&cfg.env)...),
		resource.WithAttributes(cfg.ownAttributes()...))
	res, err := resource.New(ctx, sources...)
	if err != nil {
		return resource.Empty(), fmt.Errorf("setup: resource: %w", err)
	}
	if slices.ContainsFunc(schemas, func(url string) bool { return url != res.SchemaURL() }) {
		return resource.NewSchemaless(res.Attributes()...), nil // one URL would be wrong about some of them
	}
	return res, nil
}

// identity are the attributes that no process can be without: those with the same ones overwrite each
// other's values.
var identity = []attribute.Key{semconv.ServiceNameKey, semconv.ServiceInstanceIDKey}

// environmentAttributes reads what the specification has for the resource. The SDK's own detector
// takes a value that it cannot decode as it is.
func environmentAttributes(env *environment) (attributes []attribute.KeyValue) {
	const variable = "OTEL_RESOURCE_ATTRIBUTES"
	text, _ := env.text(variable)
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		key, value, ok := strings.Cut(item, "=")
		key = strings.TrimSpace(key)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || key == "" || err != nil {
			env.wrong(variable, item, "a list of key=value, with a percent sign, a comma and an equals sign in values as %%25, %%2C and %%3D")
			continue
		}
		if value == "" && slices.Contains(identity, attribute.Key(key)) {
			continue // as a variable that is empty
		}
		attributes = append(attributes, attribute.String(key, value))
	}
	if name, _ := env.text("OTEL_SERVICE_NAME"); name != "" {
		attributes = append(attributes, semconv.ServiceName(name))
	}
	return attributes
}

// ownAttributes are those of the options.
func (c *config) ownAttributes() []attribute.KeyValue {
	var own []attribute.KeyValue
	if c.serviceName != "" {
		own = append(own, semconv.ServiceName(c.serviceName))
	}
	if c.serviceVersion != "" {
		own = append(own, semconv.ServiceVersion(c.serviceVersion))
	}
	return append(own, c.attributes...)
}

// instanceID tells the processes of a service apart: without it, two that push by OTLP overwrite
// each other's values. It is random, for the name of a pod is the same for its containers and for
// their restarts, and that of the host for all processes on it. It stays the same for as long as
// the process runs, so that a new Start goes on with the series of the one before.
var instanceID = sync.OnceValue(uuid.NewString)
