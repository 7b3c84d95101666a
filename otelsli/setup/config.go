package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

// A config is what options and environment ask for.
type config struct {
	env environment

	catalog        *otelsli.Catalog
	serviceName    string
	serviceVersion string
	attributes     []attribute.KeyValue
	views          []sdkmetric.View
	logger         *slog.Logger
	withoutGlobal  bool

	specs           []pipelineSpec
	interval        time.Duration
	timeout         time.Duration
	shutdownTimeout time.Duration
	drain           time.Duration
	scrapers        int

	disabled bool // OTEL_SDK_DISABLED
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

// add adds a pipeline, under a name of its own where its kind has a default name.
func (c *config) add(s pipelineSpec) { c.specs = append(c.specs, s) }

// resolve fills what the options left open, from the environment and then by default, and reports
// everything that is wrong.
func (c *config) resolve(ctx context.Context) error {
	c.disabled, _ = c.env.boolean("OTEL_SDK_DISABLED")
	c.catalog = cmp.Or(c.catalog, otelsli.Default())
	c.logger = cmp.Or(c.logger, slog.Default())
	if len(c.specs) == 0 && c.env.lookup != nil {
		c.specs = exporterSpecs(&c.env)
	}
	p := positive{}
	p.check("WithInterval", c.interval)
	p.check("WithTimeout", c.timeout)
	p.check("WithShutdownTimeout", c.shutdownTimeout)
	p.check("WithScrapeDrain", c.drain)
	c.interval = cmp.Or(c.interval, c.env.milliseconds("OTEL_METRIC_EXPORT_INTERVAL"), DefaultInterval)
	c.timeout = cmp.Or(c.timeout, c.env.milliseconds("OTEL_METRIC_EXPORT_TIMEOUT"), DefaultTimeout)
	c.shutdownTimeout = cmp.Or(c.shutdownTimeout, DefaultShutdownTimeout)
	errs := slices.Concat(p.errs, []error{c.checkNames()})
	var err error
	if c.resource, err = newResource(ctx, c); err != nil {
		errs = append(errs, err)
	}
	for _, s := range c.specs {
		errs = append(errs, s.resolve(ctx, c))
	}
	return errors.Join(append(errs, c.env.err())...)
}

// exporterSpecs reads OTEL_METRICS_EXPORTER.
func exporterSpecs(env *environment) []pipelineSpec {
	const name = "OTEL_METRICS_EXPORTER"
	kinds := env.list(name, []string{"otlp", "prometheus", "graphite", "console", "none"})
	switch text, _ := env.text(name); {
	case text != "":
	case env.metricsEnabled():
		kinds = []string{"graphite"}
	default:
		kinds = []string{"otlp"} // the default of the specification
	}
	if slices.Contains(kinds, "none") && len(kinds) > 1 {
		env.wrong(name, "none", `"none" alone, or the other exporters without it`)
	}
	var specs []pipelineSpec
	for _, kind := range kinds {
		switch kind {
		case "otlp":
			specs = append(specs, &otlpSpec{})
		case "prometheus":
			specs = append(specs, &prometheusSpec{listen: true})
		case "graphite":
			specs = append(specs, &graphiteSpec{})
		case "console":
			specs = append(specs, &consoleSpec{})
		}
	}
	return specs
}

// checkNames gives the second pipeline of a kind a number, and refuses what stays ambiguous.
func (c *config) checkNames() error {
	var errs []error
	seen := make(map[string]int)
	for _, s := range c.specs {
		name := s.name()
		seen[name]++
		if n := seen[name]; n > 1 && !s.number(n) {
			errs = append(errs, &otelsli.FieldError{
				Field: "pipelines",
				Value: fmt.Sprintf("%q twice", name),
				Want:  "every name once",
			})
		}
	}
	return errors.Join(errs...)
}

// positive collects options that are negative.
type positive struct{ errs []error }

func (p *positive) check(option string, d time.Duration) {
	if d < 0 {
		p.errs = append(p.errs, &otelsli.FieldError{
			Field: option,
			Value: d.String(),
			Want:  "a positive duration, or 0 for the default",
		})
	}
}
