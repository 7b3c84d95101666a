package setup

import (
	"errors"
	"slices"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// setInCode is shown for what an option of WithOTLP sets, which does not tell its value.
const setInCode = "set in code"

// A probe is a value that is refused, and how the error shows it.
type probe struct {
	option string
	set    sliotlp.Option
	shown  string
}

var probes = []probe{
	{"WithEndpoint", sliotlp.WithEndpoint("probe"), `"probe"`},
	{"WithProtocol", sliotlp.WithProtocol(255), "Protocol(255)"},
	{"WithHeaders", sliotlp.WithHeaders(map[string]string{"probe of setup": ""}), `that of "probe of setup"`},
	{"WithCompression", sliotlp.WithCompression(255), "Compression(255)"},
	{"WithTemporality", sliotlp.WithTemporality(255), "Temporality(255)"},
	{"WithHistogramAggregation", sliotlp.WithHistogramAggregation(255), "HistogramAggregation(255)"},
	{"WithTimeout", sliotlp.WithTimeout(-1), "-1ns"},
	{"WithTLSFiles", sliotlp.WithTLSFiles("\x00probe", "", ""), `"\x00probe"`},
}

// decidedBy returns the options whose settings code decides, [sliotlp.WithMetricsEndpoint] as
// WithEndpoint and [sliotlp.WithTLSConfig] as WithTLSFiles: a refused value that is set before them is
// not complained about any more. Variables for these are not heeded, whole groups of them: two ways to
// the same end would be mixed otherwise.
func decidedBy(options []sliotlp.Option) map[string]bool {
	decided := make(map[string]bool)
	if len(options) == 0 {
		return decided
	}
	var all []sliotlp.Option
	for _, p := range probes {
		all = append(all, p.set)
	}
	left := refusedValues(sliotlp.Validate(append(all, options...)...))
	for _, p := range probes {
		decided[p.option] = !slices.Contains(left, p.shown)
	}
	return decided
}

// refusedValues returns the values of all field errors that are joined.
func refusedValues(err error) (values []string) {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range list.Unwrap() {
			values = append(values, refusedValues(err)...)
		}
		return values
	}
	if field, ok := errors.AsType[*otelsli.FieldError](err); ok {
		values = append(values, field.Value)
	}
	return values
}

// inCode reports whether code decides what the option sets, and records it for the variables.
func (e *otlpEnvironment) inCode(option string, names ...string) bool {
	if !e.decided[option] {
		return false
	}
	e.env.decided("WithOTLP", setInCode, names...)
	return true
}
