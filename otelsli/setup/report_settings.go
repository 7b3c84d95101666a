package setup

import (
	"cmp"
	"slices"
	"strings"

	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

// settings returns what was read, in the order of the documentation.
func (c *config) settings() []Setting {
	settings := []Setting{}
	for _, r := range c.env.readings {
		if set := r.from != "" || r.option != ""; isSwitch(r.setting) && !set {
			continue // an alias of an older system
		}
		settings = append(settings, c.setting(r))
	}
	slices.SortStableFunc(settings, func(a, b Setting) int { return cmp.Compare(place(a.Name), place(b.Name)) })
	return settings
}

// place returns the position of a setting in the documentation, or the end if it is not there.
func place(setting string) int {
	i := slices.IndexFunc(variables, func(v variable) bool { return v.name == setting })
	if i < 0 {
		return len(variables)
	}
	return i
}

func isSwitch(name string) bool {
	return slices.Contains([]string{graphiteSwitch, prometheusSwitch, metricsSwitch}, name)
}

func (c *config) setting(r reading) Setting {
	s := Setting{Name: r.setting, Value: c.env.scrub(maskValue(r.setting, r.value)), Beaten: r.beaten}
	switch {
	case r.option != "" && strings.HasPrefix(r.option, "variable "):
		s.Source = Source{Kind: FromVariable, Name: strings.TrimPrefix(r.option, "variable ")}
	case r.option != "":
		s.Source = Source{Kind: FromOption, Name: r.option}
	case r.from == "":
		s.Source, s.Value = Source{Kind: FromDefault}, c.unset(r.setting)
	case strings.HasSuffix(r.from, fileSuffix):
		path, _ := c.env.own(r.from)
		s.Source = Source{Kind: FromFile, Name: r.from, Path: path}
	default:
		s.Source = Source{Kind: FromVariable, Name: r.from}
	}
	return s
}

// unset returns the default of a setting.
func (c *config) unset(setting string) string {
	if setting == "OTEL_SERVICE_NAME" && c.resource != nil {
		if name, ok := c.resource.Set().Value(semconv.ServiceNameKey); ok {
			return name.AsString()
		}
	}
	if setting == otlpPrefix+"ENDPOINT" {
		return c.defaultEndpoint()
	}
	v, _ := findVariable(setting)
	return v.unset
}

// defaultEndpoint returns the default endpoint of the protocol.
func (c *config) defaultEndpoint() string {
	grpc := slices.ContainsFunc(c.env.readings, func(r reading) bool {
		return r.setting == otlpPrefix+"PROTOCOL" && strings.EqualFold(r.value, sliotlp.GRPC.String())
	})
	if grpc {
		return sliotlp.DefaultGRPCEndpoint
	}
	return sliotlp.DefaultHTTPEndpoint
}
