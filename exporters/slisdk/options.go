package slisdk

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultInterval is the time between two exports, as in the OpenTelemetry SDK.
	DefaultInterval = time.Minute

	// DefaultTimeout bounds one collection and its export, as in the OpenTelemetry SDK.
	DefaultTimeout = 30 * time.Second
)

// An Option configures a [Pipeline].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	interval    time.Duration
	timeout     time.Duration
	resource    *resource.Resource
	producers   []sdkmetric.Producer
	handle      func(error)
	observe     func(Round) // nil: none
	exportFirst bool
}

func newConfig(options []Option) config {
	c := config{
		interval:    DefaultInterval,
		timeout:     DefaultTimeout,
		resource:    resource.Empty(),
		handle:      otel.Handle,
		exportFirst: true,
	}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithInterval sets the time from the start of one export to the start of the next. An export that
// takes longer delays the next. Default: [DefaultInterval]. Zero or less is an error.
func WithInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.interval = d })
}

// WithTimeout bounds one collection and its export together; collecting the application's metrics
// may take at most half of it. It also bounds [Pipeline.Flush] and [Pipeline.Shutdown] if their
// context has no deadline. Default: [DefaultTimeout]. Zero or less is an error.
func WithTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.timeout = d })
}

// WithResource sets the resource to export until the resource of the MeterProvider with the
// pipeline's reader is known. Default (and nil): an empty one.
func WithResource(r *resource.Resource) Option {
	return optionFunc(func(c *config) {
		if r == nil {
			r = resource.Empty()
		}
		c.resource = r
	})
}

// WithProducer adds a source of metrics besides the SDK, such as a bridge from another library. It
// can be used more than once. Default: none. Nil is ignored.
func WithProducer(p sdkmetric.Producer) Option {
	return optionFunc(func(c *config) {
		if p != nil {
			c.producers = append(c.producers, p)
		}
	})
}

// WithErrorHandler sets the function that is called with the errors of periodic exports, never
// concurrently. Default (and nil): [otel.Handle].
func WithErrorHandler(handle func(error)) Option {
	return optionFunc(func(c *config) {
		if handle == nil {
			handle = otel.Handle
		}
		c.handle = handle
	})
}

// WithoutFirstExport skips the export that [Pipeline.Start] makes at once: the first one then comes
// an interval later. It is for receivers that limit how often they accept a series. Default: not
// skipped.
func WithoutFirstExport() Option {
	return optionFunc(func(c *config) { c.exportFirst = false })
}

func (c config) validate(name string, exporter sdkmetric.Exporter) error {
	var errs []error
	check := func(ok bool, field string, value any, want string) {
		if !ok {
			errs = append(errs, &otelsli.FieldError{
				Field: fmt.Sprintf("pipeline %q: %s", name, field),
				Value: fmt.Sprint(value),
				Want:  want,
			})
		}
	}
	check(name != "", "name", `""`, `a name that tells it from other pipelines, such as "otlp"`)
	check(exporter != nil, "exporter", "nil", "an exporter of the OpenTelemetry SDK")
	check(c.interval > 0, "WithInterval", c.interval, "a positive duration, such as 1m")
	check(c.timeout > 0, "WithTimeout", c.timeout, "a positive duration, such as 30s")
	return errors.Join(errs...)
}
