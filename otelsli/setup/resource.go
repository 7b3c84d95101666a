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

// newResource creates the resource. Later sources override earlier ones: defaults, detectors in the
// order in which they were requested, environment, options.
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
		return resource.NewSchemaless(res.Attributes()...), nil // a single URL would be wrong for some of them
	}
	return res, nil
}

// identity lists the attributes that every process needs: processes that share them overwrite each
// other's values.
var identity = []attribute.Key{semconv.ServiceNameKey, semconv.ServiceInstanceIDKey}

// environmentAttributes reads the resource variables of the specification. The SDK's own detector
// would use a value that it cannot decode as it is.
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
			continue // like an empty variable
		}
		attributes = append(attributes, attribute.String(key, value))
	}
	if name, _ := env.text("OTEL_SERVICE_NAME"); name != "" {
		attributes = append(attributes, semconv.ServiceName(name))
	}
	return attributes
}

// ownAttributes returns the attributes set by options.
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

// instanceID tells the processes of a service apart: without it, two that push over OTLP overwrite
// each other's values. It is random, because a pod name is shared by the pod's containers and their
// restarts, and a host name by all processes on the host. It stays the same for the life of the
// process, so a new Start continues the series of the previous one.
var instanceID = sync.OnceValue(uuid.NewString)
