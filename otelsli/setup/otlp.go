package setup

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// otlpSpec is WithOTLP.
type otlpSpec struct {
	suffix  string
	options []sliotlp.Option
}

func (s *otlpSpec) name() string                  { return "otlp" + s.suffix }
func (s *otlpSpec) number(n int) bool             { s.suffix = fmt.Sprintf("-%d", n); return true }
func (s *otlpSpec) discard(context.Context) error { return nil }

func (s *otlpSpec) resolve(_ context.Context, cfg *config) error {
	e := otlpEnvironment{env: &cfg.env, origins: make(map[string]string)}
	e.read()
	inCode := len(s.options) > 0
	s.options = append(e.options, s.options...) // the later one wins
	return e.explain(sliotlp.Validate(s.options...), inCode)
}

func (s *otlpSpec) build(ctx context.Context, cfg *config) (pipeline, error) {
	exporter, err := sliotlp.New(ctx, s.options...)
	if err != nil {
		return nil, err
	}
	return newPush(ctx, s.name(), exporter, cfg, cfg.logFailure(s.name()))
}

// otlpEnvironment turns the variables of the OTLP exporter into options. Each of them exists for
// all signals and for metrics alone; the latter beats the former, as a whole.
type otlpEnvironment struct {
	env     *environment
	options []sliotlp.Option
	origins map[string]string // option → variable that it came from
}

const (
	otlpPrefix    = "OTEL_EXPORTER_OTLP_"
	metricsPrefix = otlpPrefix + "METRICS_"
)

func forMetrics(variable string) []string {
	return []string{metricsPrefix + variable, otlpPrefix + variable}
}

func (e *otlpEnvironment) read() {
	parse(e, "WithProtocol", sliotlp.ParseProtocol, sliotlp.WithProtocol, forMetrics("PROTOCOL")...)
	parse(e, "WithHeaders", sliotlp.ParseHeaders, sliotlp.WithHeaders, forMetrics("HEADERS")...)
	parse(e, "WithCompression", sliotlp.ParseCompression, sliotlp.WithCompression, forMetrics("COMPRESSION")...)
	parse(e, "WithTemporality", sliotlp.ParseTemporality, sliotlp.WithTemporality,
		metricsPrefix+"TEMPORALITY_PREFERENCE")
	parse(e, "WithHistogramAggregation", sliotlp.ParseHistogramAggregation, sliotlp.WithHistogramAggregation,
		metricsPrefix+"DEFAULT_HISTOGRAM_AGGREGATION")
	if d := e.env.milliseconds(forMetrics("TIMEOUT")...); d > 0 {
		e.add("WithTimeout", otlpPrefix+"TIMEOUT", sliotlp.WithTimeout(d))
	}
	e.readEndpoint()
	e.readTLS()
}

func (e *otlpEnvironment) readEndpoint() {
	switch url, name := e.env.text(forMetrics("ENDPOINT")...); {
	case url == "":
	case strings.HasPrefix(name, metricsPrefix):
		e.add("WithMetricsEndpoint", name, sliotlp.WithMetricsEndpoint(url))
	default:
		e.add("WithEndpoint", name, sliotlp.WithEndpoint(url))
	}
}

func (e *otlpEnvironment) readTLS() {
	ca, caName := e.env.text(forMetrics("CERTIFICATE")...)
	cert, certName := e.env.text(forMetrics("CLIENT_CERTIFICATE")...)
	key, keyName := e.env.text(forMetrics("CLIENT_KEY")...)
	if names := strings.Fields(caName + " " + certName + " " + keyName); len(names) > 0 {
		e.add("WithTLSFiles", strings.Join(names, " and "), sliotlp.WithTLSFiles(ca, cert, key))
	}
}

func (e *otlpEnvironment) add(option, variable string, o sliotlp.Option) {
	e.options = append(e.options, o)
	e.origins[option] = variable
}

// parse adds an option whose variable has a syntax of its own.
func parse[T any](e *otlpEnvironment, option string, parse func(string) (T, error), with func(T) sliotlp.Option, names ...string) {
	e.env.parse(func(text string) error {
		v, err := parse(text)
		if err == nil {
			_, name := e.env.text(names...)
			e.add(option, name, with(v))
		}
		return err
	}, names...)
}

var optionName = regexp.MustCompile(`With\w+`)

// explain names the variables in errors that name an option: those who have set a variable do not
// know the option. With options in code beside them it cannot be told which one it was.
func (e *otlpEnvironment) explain(err error, both bool) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, err := range joined.Unwrap() {
			errs = append(errs, e.explain(err, both))
		}
		return errors.Join(errs...)
	}
	field, ok := errors.AsType[*otelsli.FieldError](err)
	if !ok {
		return err
	}
	option := optionName.FindString(field.Field)
	variable := e.origins[option]
	switch {
	case variable == "":
		return err
	case both:
		variable = option + " or variable " + variable
	default:
		variable = "variable " + variable
	}
	return &otelsli.FieldError{Field: variable, Value: field.Value, Want: field.Want}
}
