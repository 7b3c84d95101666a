package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Defaults of [WithInterval], [WithTimeout] and [WithShutdownTimeout].
const (
	DefaultInterval        = time.Minute
	DefaultTimeout         = 30 * time.Second
	DefaultShutdownTimeout = 10 * time.Second
)

// A config is what the options and the environment ask for.
type config struct {
	env environment

	catalog        *otelsli.Catalog
	serviceName    string
	serviceVersion string
	attributes     []attribute.KeyValue
	views          []sdkmetric.View
	logger         *slog.Logger
	withoutGlobal  bool
	exemplars      *otelsli.ExemplarFilter // nil: from the environment, otherwise the catalog's

	specs           []pipelineSpec
	interval        time.Duration
	timeout         time.Duration
	shutdownTimeout time.Duration
	drain           time.Duration
	scrapers        int

	lifecycle          // where and how the process runs
	observer  observer // of the pipelines
	guarding           // who may scrape

	resource *resource.Resource
}

func newConfig(options []Option) *config {
	cfg := &config{env: processEnvironment()}
	for _, o := range options {
		if o != nil {
			o.apply(cfg)
		}
	}
	return cfg
}

// add adds a pipeline; checkNames makes default names unique.
func (c *config) add(s pipelineSpec) { c.specs = append(c.specs, s) }

// setDefaults sets the defaults of what no variable can set.
func (c *config) setDefaults() {
	c.catalog = cmp.Or(c.catalog, otelsli.Default())
	c.logger = cmp.Or(c.logger, slog.Default())
	c.shutdownTimeout = cmp.Or(c.shutdownTimeout, DefaultShutdownTimeout+max(c.drain, 0))
}

// logNotes logs the notes about the environment.
func (c *config) logNotes() {
	for _, note := range c.env.notes {
		c.logger.Info(note)
	}
}

// resolve fills in what the options left open, from the environment or with defaults, and reports
// everything that is wrong.
func (c *config) resolve(ctx context.Context) error {
	errs := c.checkTimes()
	c.setDefaults()
	c.env.refuseConfigFile()
	c.readLogLevel()
	c.readExemplars()
	c.interval = c.duration("WithInterval", c.interval, "OTEL_METRIC_EXPORT_INTERVAL", DefaultInterval)
	c.timeout = c.duration("WithTimeout", c.timeout, "OTEL_METRIC_EXPORT_TIMEOUT", DefaultTimeout)
	c.env.checkSDK()
	c.recordResource()
	errs = append(errs, c.lifecycle.resolve(&c.env))
	c.readExporters()
	errs = append(errs, c.checkNames())
	var err error
	if c.resource, err = newResource(ctx, c); err != nil {
		errs = append(errs, err)
	}
	for _, s := range c.specs {
		errs = append(errs, s.resolve(ctx, c))
	}
	return errors.Join(append(errs, c.env.err())...)
}

// duration returns the value of the option, else of the variable, else the default.
func (c *config) duration(option string, set time.Duration, variable string, unset time.Duration) time.Duration {
	if set == 0 {
		return cmp.Or(c.env.milliseconds(variable), unset)
	}
	c.env.decided(option, strconv.FormatInt(set.Milliseconds(), 10), variable)
	return set
}

func (c *config) checkTimes() (errs []error) {
	for _, o := range []struct {
		option string
		value  time.Duration
	}{
		{"WithInterval", c.interval},
		{"WithTimeout", c.timeout},
		{"WithShutdownTimeout", c.shutdownTimeout},
		{"WithScrapeDrain", c.drain},
	} {
		if o.value < 0 {
			errs = append(errs, &otelsli.FieldError{
				Field: o.option, Value: o.value.String(), Want: "a positive duration, or 0 for the default",
			})
		}
	}
	if c.shutdownTimeout > 0 && c.shutdownTimeout <= c.drain {
		errs = append(errs, &otelsli.FieldError{
			Field: "WithShutdownTimeout",
			Value: c.shutdownTimeout.String(),
			Want:  fmt.Sprintf("more than the %v of WithScrapeDrain, with time for the last exports", c.drain),
		})
	}
	return errs
}

// checkNames numbers further pipelines of a kind and rejects names that remain ambiguous.
func (c *config) checkNames() error {
	var errs []error
	seen := make(map[string]bool)
	for _, s := range c.specs {
		for n := 2; seen[s.name()] && s.number(n); n++ {
			continue // until its name is unique
		}
		if name := s.name(); seen[name] {
			want := "every name once"
			if name == pullName {
				want = "one of WithPrometheus and WithPrometheusHandler, once"
			}
			errs = append(errs, &otelsli.FieldError{Field: "pipelines", Value: fmt.Sprintf("%q twice", name), Want: want})
		}
		seen[s.name()] = true
	}
	return errors.Join(errs...)
}
