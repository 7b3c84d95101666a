package setup

import (
	"strconv"
	"strings"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"

	"github.com/otelsli/otelsli-go/otelsli"
)

// refuseConfigFile rejects OTEL_CONFIG_FILE, which by the specification replaces all variables and
// is read elsewhere.
func (e *environment) refuseConfigFile() {
	if path, name := e.text("OTEL_CONFIG_FILE"); path != "" {
		e.wrong(name, path, "declarative.Start, of the module github.com/otelsli/otelsli-go/otelsli/setup/declarative, which reads it, or no such variable")
	}
	if path, _ := e.own("OTEL_EXPERIMENTAL_CONFIG_FILE"); path != "" {
		e.wrong("OTEL_EXPERIMENTAL_CONFIG_FILE", path, "OTEL_CONFIG_FILE, which has replaced it, or no such variable")
	}
}

// checkSDK checks the variables that the SDK reads itself; it would ignore a bad value.
func (e *environment) checkSDK() {
	for _, v := range sdkVariables {
		if v.unset == "false" {
			e.boolean(v.name)
			continue
		}
		if text, name := e.text(v.name); text != "" {
			if _, err := strconv.Atoi(text); err != nil {
				e.wrong(name, text, "a whole number; 0 and less are no limit")
			}
		}
	}
}

// recordResource records what overrides the variables of the resource.
func (c *config) recordResource() {
	if c.serviceName != "" {
		c.env.decided("WithService", c.serviceName, "OTEL_SERVICE_NAME")
	}
}

const exemplarVariable = "OTEL_METRICS_EXEMPLAR_FILTER"

// WithExemplars sets which events leave an exemplar, for SLIs and for the application's other
// instruments. Start applies it to the catalog. Default: OTEL_METRICS_EXEMPLAR_FILTER; if that is
// unset, the catalog keeps its filter and the other instruments use [otelsli.TraceBased].
func WithExemplars(f otelsli.ExemplarFilter) Option {
	return optionFunc(func(cfg *config) { cfg.exemplars = &f })
}

func (c *config) readExemplars() {
	if c.exemplars != nil {
		c.env.decided("WithExemplars", c.exemplars.String(), exemplarVariable)
		if _, err := c.exemplars.MarshalText(); err != nil {
			c.env.problem(&otelsli.FieldError{Field: "WithExemplars", Value: c.exemplars.String(), Want: "TraceBased, AlwaysOff or AlwaysOn"})
		}
		return
	}
	text, name := c.env.text(exemplarVariable)
	if text == "" {
		return
	}
	var f otelsli.ExemplarFilter
	if f.UnmarshalText([]byte(strings.ToLower(text))) != nil {
		c.env.wrong(name, text, "trace_based, always_on or always_off")
		return
	}
	c.exemplars = &f
}

// sdkExemplars returns the filter of the MeterProvider. It is always set, because otherwise the SDK
// would read the environment.
func (c *config) sdkExemplars() sdkmetric.Option {
	if c.exemplars == nil {
		return sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter)
	}
	return sdkmetric.WithExemplarFilter(sdkFilters[*c.exemplars])
}

// applyExemplars sets the catalog's filter.
func (c *config) applyExemplars() error {
	if c.exemplars == nil {
		return nil
	}
	return c.catalog.Configure(otelsli.WithExemplars(*c.exemplars))
}

var sdkFilters = map[otelsli.ExemplarFilter]exemplar.Filter{
	otelsli.TraceBased: exemplar.TraceBasedFilter,
	otelsli.AlwaysOn:   exemplar.AlwaysOnFilter,
	otelsli.AlwaysOff:  exemplar.AlwaysOffFilter,
}
