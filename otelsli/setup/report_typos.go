package setup

import (
	"fmt"
	"slices"
	"strings"
)

// otherPrefixes begin the names of other signals and languages, which are not judged here.
var otherPrefixes = []string{
	"OTEL_TRACES_", "OTEL_LOGS_", "OTEL_PROFILES_", "OTEL_PROPAGATORS", "OTEL_ENTITIES",
	"OTEL_BSP_", "OTEL_BLRP_", "OTEL_SPAN_", "OTEL_EVENT_", "OTEL_LINK_", "OTEL_ATTRIBUTE_", "OTEL_LOGRECORD_",
	"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_LOGS_", "OTEL_EXPORTER_OTLP_PROFILES_",
	"OTEL_EXPORTER_ZIPKIN_", "OTEL_EXPORTER_JAEGER_", "OTEL_INSTRUMENTATION_", "OTEL_SEMCONV_",
	"OTEL_GO_", "OTEL_JAVA", "OTEL_PYTHON_", "OTEL_NODE_", "OTEL_DOTNET_", "OTEL_PHP_", "OTEL_RUBY_",
	"OTEL_INJECTOR_", "OTEL_OPERATOR_", "OTEL_COLLECTOR_",
}

// warnings returns what Start tolerates.
func (e *environment) warnings(specs []pipelineSpec) []string {
	warnings := []string{}
	for _, note := range e.notes {
		warnings = append(warnings, strings.TrimPrefix(note, "otelsli: "))
	}
	if e.all == nil {
		return warnings
	}
	names := e.set()
	for _, name := range names {
		if text := misspelt(name); text != "" {
			warnings = append(warnings, text)
		}
	}
	if specs != nil {
		warnings = append(warnings, e.unread(names)...)
	}
	return warnings
}

// set returns the names of the variables that are set and not empty, sorted.
func (e *environment) set() (names []string) {
	for _, pair := range e.all() {
		if name, value, _ := strings.Cut(pair, "="); strings.TrimSpace(value) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unread names the metrics variables that were not read, because their pipeline was not requested.
func (e *environment) unread(names []string) (warnings []string) {
	read := make(map[string]bool)
	for _, r := range e.readings {
		read[r.setting], read[r.from] = true, true
		for _, name := range r.beaten {
			read[name] = true
		}
	}
	for _, name := range names {
		v, known := findVariable(name)
		ours := strings.HasPrefix(name, "OTELSLI_") || strings.HasPrefix(name, metricsPrefix) || strings.HasPrefix(name, "OTEL_EXPORTER_PROMETHEUS_")
		if known && ours && !read[name] && !read[v.name] {
			warnings = append(warnings, fmt.Sprintf("variable %s has no effect: no pipeline reads it", name))
		}
	}
	return warnings
}

// misspelt returns what a variable was probably meant to be, or "" for a name that is right or not
// ours.
func misspelt(name string) string {
	upper := strings.ToUpper(name)
	if !strings.HasPrefix(upper, "OTEL") {
		return ""
	}
	names := knownNames()
	switch {
	case slices.Contains(names, name):
		return ""
	case slices.Contains(names, upper):
		return fmt.Sprintf("variable %s is not known; %s?", name, upper)
	case slices.ContainsFunc(otherPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
		return ""
	}
	best, least := "", min(3, len(name)/6)+1
	for _, known := range names {
		if d := distance(upper, known, least); d < least {
			best, least = known, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("variable %s is not known; %s?", name, best)
	case strings.HasPrefix(upper, "OTELSLI_"):
		return fmt.Sprintf("variable %s is not known", name)
	}
	return ""
}

// knownNames returns all names that have a meaning here.
func knownNames() []string {
	names := []string{"OTEL_EXPERIMENTAL_CONFIG_FILE", graphiteSwitch, prometheusSwitch, metricsSwitch}
	for _, v := range variables {
		names = append(names, v.names()...)
	}
	for _, list := range aliases {
		for _, a := range list {
			names = append(names, a.name)
		}
	}
	slices.Sort(names) // so that a tie is always broken the same way
	return names
}

// distance returns how many letters must be inserted, deleted, replaced or swapped with their
// neighbour to turn a into b: the optimal string alignment distance. Callers need it only up to
// atMost.
func distance(a, b string, atMost int) int {
	if len(a)-len(b) >= atMost || len(b)-len(a) >= atMost {
		return atMost
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := above[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(above[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
