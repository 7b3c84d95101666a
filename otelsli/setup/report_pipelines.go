package setup

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/otelsli/otelsli-go/graphitebridge"
)

// kindOf returns the kind of a pipeline, whatever its name.
func kindOf(s pipelineSpec) string {
	switch s := s.(type) {
	case *otlpSpec:
		return cmp.Or(s.kind, "otlp")
	case *graphiteSpec:
		return "graphite"
	case *prometheusSpec:
		return "prometheus"
	case *consoleSpec:
		return "console"
	}
	return "exporter"
}

// targetOf returns where the metrics of a pipeline go, or where they are served.
func targetOf(s pipelineSpec) string {
	switch s := s.(type) {
	case *otlpSpec:
		return s.target
	case *graphiteSpec:
		return graphiteTarget(s.config)
	case *prometheusSpec:
		if !s.listen {
			return "served by the application"
		}
		return "listens on " + s.addr
	case *consoleSpec:
		if s.w != nil {
			return "JSON to the writer of WithConsole"
		}
		return "JSON on standard output"
	case *exporterSpec:
		return fmt.Sprintf("the exporter %T", s.exporter)
	}
	return ""
}

func graphiteTarget(c graphitebridge.Config) string {
	what := c.Line.Format.String() + " lines"
	if c.ErrorBudget != nil {
		what = "error-budget counters"
	}
	return fmt.Sprintf("%s as %s, mode %s", maskURLs(strings.Join(c.Servers, ",")), what, c.Mode)
}
