package setup

import "strings"

// An alias is a variable of an older system that stands for a current one.
type alias struct {
	name  string
	value func(string) string // nil: used as is
}

// aliases are tried wherever the standard variable is read. The aliases for the error-budget
// publishers are given where they are read.
var aliases = map[string][]alias{
	"OTEL_SDK_DISABLED":           {{name: "OTEL_ENABLED", value: negated}},
	"OTEL_METRICS_EXPORTER":       {{name: "OTEL_EXPORTER"}},
	"OTEL_EXPORTER_OTLP_ENDPOINT": {{name: oldEndpoint}},
	"OTEL_METRIC_EXPORT_INTERVAL": {{name: "OTEL_METRICS_EXPORT_INTERVAL_MILLIS"}},
}

// oldEndpoint stands for an endpoint, and for gRPC unless something else is set.
const oldEndpoint = "OTEL_OTLP_ENDPOINT"

// Switches of older systems, which choose exporters if OTEL_METRICS_EXPORTER does not.
const (
	graphiteSwitch   = "METRICS_ENABLED"
	prometheusSwitch = "PROMETHEUS_METRICS_ENABLED"
	metricsSwitch    = "OTEL_METRICS_ENABLED"
)

func aliasesOf(names []string) (list []alias) {
	for _, name := range names {
		list = append(list, aliases[name]...)
	}
	return list
}

// offerAlias uses an alias if nothing before it is set, and notes that. It also notes an alias that
// is ignored although it says something else.
func (e *environment) offerAlias(r *reading, a alias) {
	value, from := e.own(a.name)
	if from == "" {
		return
	}
	if a.value != nil {
		value = a.value(value)
	}
	switch {
	case r.from == "":
		e.note("variable %s is an alias of %s, which is better", a.name, r.setting)
	case r.value != value:
		e.note("variable %s is not heeded: %s is set too, and says something else", a.name, r.from)
	}
	r.offer(value, from)
}

// truth parses a boolean in the spellings of the older systems.
func truth(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "false", "0", "no", "off", "f", "n":
		return false, true
	case "true", "1", "yes", "on", "t", "y":
		return true, true
	}
	return false, false
}

// negated turns "enabled" into "disabled". A value that is not a boolean is kept for its reader to
// reject.
func negated(text string) string {
	switch enabled, ok := truth(text); {
	case !ok:
		return text
	case enabled:
		return "false"
	}
	return "true"
}

// lenient reads a switch of an older system.
func (e *environment) lenient(name string) (value, set bool) {
	text, _ := e.text(name)
	if text == "" {
		return false, false
	}
	value, set = truth(text)
	if !set {
		e.wrong(name, text, "true or false")
	}
	return value, set
}

// requireBudget rejects the switch of the error-budget publishers without the UUID they sent under:
// without it they sent nothing.
func (e *environment) requireBudget() {
	if uuid, _ := e.aliased(graphitePrefix+"SLI_UUID", "METRICS_SLI_UUID"); uuid == "" {
		text, name := e.own(graphiteSwitch)
		e.wrong(name, text, "METRICS_SLI_UUID too, or false")
	}
}

// metricsEnabled reports whether the error-budget publishers that this package replaces were
// switched on.
func (e *environment) metricsEnabled() bool {
	enabled, _ := e.lenient(graphiteSwitch)
	if enabled {
		e.note("variable %s is an alias of OTEL_METRICS_EXPORTER=graphite, which is better", graphiteSwitch)
	}
	return enabled
}
