package setup

import (
	"regexp"
	"slices"
	"strings"
)

const exportersVariable = "OTEL_METRICS_EXPORTER"

// readExporters adds the pipelines from the environment, unless code asks for any.
func (c *config) readExporters() {
	if len(c.specs) > 0 {
		c.env.decided("options for pipelines", strings.Join(specNames(c.specs), ","), exportersVariable)
		return
	}
	if c.env.lookup != nil {
		c.specs = exporterSpecs(&c.env)
	}
}

func specNames(specs []pipelineSpec) (names []string) {
	for _, s := range specs {
		names = append(names, s.name())
	}
	return names
}

// exporterSpecs returns the pipelines from the environment.
func exporterSpecs(env *environment) []pipelineSpec {
	var specs []pipelineSpec
	for _, kind := range exporterKinds(env) {
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

// deprecated matches the name that the specification once had for the console.
var deprecated = regexp.MustCompile(`(?i)(^|[\s,])logging([\s,]|$)`)

// exporterKinds reads the list, its alias and the switches of older systems.
func exporterKinds(env *environment) []string {
	text, from := env.text(exportersVariable)
	if deprecated.MatchString(text) {
		env.note("variable %s has the exporter logging, which is deprecated: console is taken for it", from)
		text = deprecated.ReplaceAllString(text, "${1}console${2}")
	}
	kinds := env.items(from, text, []string{"otlp", "prometheus", "graphite", "console", "none"})
	if slices.Contains(kinds, "none") && len(kinds) > 1 {
		env.wrong(from, "none", `"none" alone, or the other exporters without it`)
	}
	if from == exportersVariable {
		env.ignoreSwitches(kinds)
		return kinds
	}
	return switched(env, kinds)
}

// switched applies the switches of older systems. They allow pulling alone, which the system they
// come from did not.
func switched(env *environment, kinds []string) []string {
	if enabled, set := env.lenient(metricsSwitch); set && !enabled {
		env.note("variable %s=false is an alias of %s=none, which is better", metricsSwitch, exportersVariable)
		return []string{"none"}
	}
	if kinds == nil && env.metricsEnabled() {
		kinds = []string{"graphite"}
		env.requireBudget()
	}
	if enabled, _ := env.lenient(prometheusSwitch); enabled {
		env.note("variable %s is an alias of prometheus in %s, which is better", prometheusSwitch, exportersVariable)
		if !slices.Contains(kinds, "prometheus") {
			kinds = append(without(kinds, "none"), "prometheus")
		}
	}
	if kinds == nil {
		return []string{"otlp"} // the default of the specification
	}
	return kinds
}

// ignoreSwitches logs which switches have no effect because the standard variable is set and says
// something else.
func (e *environment) ignoreSwitches(kinds []string) {
	for _, s := range []struct {
		name string
		on   bool // what the standard variable says
	}{
		{prometheusSwitch, slices.Contains(kinds, "prometheus")},
		{graphiteSwitch, slices.Contains(kinds, "graphite")},
		{metricsSwitch, !slices.Contains(kinds, "none")},
	} {
		text, _ := e.own(s.name)
		if on, ok := truth(text); ok && on != s.on { // what is not a boolean may be meant for something else
			e.note("variable %s is not heeded: %s is set too, and says something else", s.name, exportersVariable)
		}
	}
}

func without(list []string, item string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == item })
}
