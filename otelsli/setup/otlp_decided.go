package setup

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// setInCode is shown for the value of a WithOTLP option if that value, or another one, is wrong.
const setInCode = "set in code"

// A beaten is an option in code and the variables it overrides; the last one is that of the
// setting.
type beaten struct {
	option string
	names  []string
}

// A probe is an invalid value and how the error shows it.
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

// decidedBy returns the options that code has set, with [sliotlp.WithMetricsEndpoint] as
// WithEndpoint and [sliotlp.WithTLSConfig] as WithTLSFiles. It sets an invalid value first: if the
// error no longer mentions it, an option has replaced it. Variables for these options are ignored
// in whole groups; otherwise two ways of setting the same thing would be mixed.
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

// refusedValues returns the values of all joined field errors.
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

// inCode reports whether code decides what the option sets, and records that for the variables.
func (e *otlpEnvironment) inCode(option string, names ...string) bool {
	if !e.decided[option] {
		return false
	}
	e.env.decided("WithOTLP", setInCode, names...)
	e.beaten = append(e.beaten, beaten{option, names})
	return true
}

// showCode records the values that code has set, once they are known to be valid.
func (e *otlpEnvironment) showCode(d sliotlp.Description) {
	for _, b := range e.beaten {
		e.env.decided("WithOTLP", valueInCode(d, b.option, b.names[len(b.names)-1]), b.names...)
	}
}

// valueInCode returns the value of an option as the setting's variable would have it.
func valueInCode(d sliotlp.Description, option, setting string) string {
	switch option {
	case "WithEndpoint":
		return d.Endpoint
	case "WithProtocol":
		return d.Protocol.String()
	case "WithHeaders":
		return strings.Join(d.Headers, "=,") + strings.Repeat("=", min(len(d.Headers), 1)) // to be masked
	case "WithCompression":
		return d.Compression.String()
	case "WithTemporality":
		return d.Temporality.String()
	case "WithHistogramAggregation":
		return d.Histograms.String()
	case "WithTimeout":
		return strconv.FormatInt(d.Timeout.Milliseconds(), 10)
	case "WithTLSFiles":
		return fileInCode(d, setting)
	}
	return setInCode
}

func fileInCode(d sliotlp.Description, setting string) string {
	switch {
	case d.TLSConfig:
		return "a tls.Config"
	case strings.HasSuffix(setting, "CLIENT_CERTIFICATE"):
		return d.Certificate
	case strings.HasSuffix(setting, "CERTIFICATE"):
		return d.CA
	}
	return d.Key
}
