package setup

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// otlpSpec is WithOTLP and WithGrafanaCloud.
type otlpSpec struct {
	kind    string // the first part of its name; "": otlp
	suffix  string
	options []sliotlp.Option
	grafana *grafanaCloud // nil: WithOTLP
	target  string        // where it sends to, as far as the options reveal it
}

func (s *otlpSpec) name() string                  { return cmp.Or(s.kind, "otlp") + s.suffix }
func (s *otlpSpec) number(n int) bool             { s.suffix = fmt.Sprintf("-%d", n); return true }
func (s *otlpSpec) discard(context.Context) error { return nil }

func (s *otlpSpec) resolve(_ context.Context, cfg *config) error {
	if s.grafana != nil {
		return s.resolveGrafanaCloud(&cfg.env)
	}
	e := otlpEnvironment{env: &cfg.env, decided: decidedBy(s.options), origins: make(map[string]string)}
	e.read()
	e.checkGrafanaCloud()
	s.options = append(e.options, s.options...)
	d, err := sliotlp.Describe(s.options...)
	if err != nil {
		s.target = e.target()
		return e.explain(err)
	}
	s.target = targetOfOTLP(d)
	e.showCode(d)
	return nil
}

func (s *otlpSpec) build(ctx context.Context, cfg *config) (pipeline, error) {
	exporter, err := sliotlp.New(ctx, s.options...)
	if err != nil {
		return nil, err
	}
	return newPush(ctx, s.name(), exporter, cfg, false)
}

// otlpEnvironment turns the variables of the OTLP exporter into options. Each variable exists for
// all signals and for metrics alone; the latter replaces the former as a whole.
type otlpEnvironment struct {
	env     *environment
	decided map[string]bool // options that code has set
	beaten  []beaten        // what these options set, for the report
	options []sliotlp.Option
	origins map[string]string // option → variable that it came from

	protocol     sliotlp.Protocol
	headers      map[string]string
	endpoint     string // with its scheme; "": the default
	endpointFrom string
}

const (
	otlpPrefix    = "OTEL_EXPORTER_OTLP_"
	metricsPrefix = otlpPrefix + "METRICS_"
)

func forMetrics(variable string) []string {
	return []string{metricsPrefix + variable, otlpPrefix + variable}
}

func (e *otlpEnvironment) read() {
	parse(e, "WithProtocol", sliotlp.ParseProtocol, e.withProtocol, forMetrics("PROTOCOL")...)
	parse(e, "WithHeaders", sliotlp.ParseHeaders, e.withHeaders, forMetrics("HEADERS")...)
	parse(e, "WithCompression", sliotlp.ParseCompression, sliotlp.WithCompression, forMetrics("COMPRESSION")...)
	parse(e, "WithTemporality", sliotlp.ParseTemporality, sliotlp.WithTemporality,
		metricsPrefix+"TEMPORALITY_PREFERENCE")
	parse(e, "WithHistogramAggregation", sliotlp.ParseHistogramAggregation, sliotlp.WithHistogramAggregation,
		metricsPrefix+"DEFAULT_HISTOGRAM_AGGREGATION")
	e.readTimeout()
	e.readEndpoint()
	e.readTLS()
}

func (e *otlpEnvironment) readTimeout() {
	names := forMetrics("TIMEOUT")
	if e.inCode("WithTimeout", names...) {
		return
	}
	if d := e.env.milliseconds(names...); d > 0 {
		_, name := e.env.text(names...)
		e.add("WithTimeout", name, sliotlp.WithTimeout(d))
	}
}

func (e *otlpEnvironment) withProtocol(p sliotlp.Protocol) sliotlp.Option {
	e.protocol = p
	return sliotlp.WithProtocol(p)
}

func (e *otlpEnvironment) withHeaders(headers map[string]string) sliotlp.Option {
	e.headers = headers
	return sliotlp.WithHeaders(headers)
}

func (e *otlpEnvironment) readTLS() {
	if e.decided["WithTLSFiles"] {
		for _, variable := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
			e.inCode("WithTLSFiles", forMetrics(variable)...)
		}
		return
	}
	ca, caName := e.env.text(forMetrics("CERTIFICATE")...)
	cert, certName := e.env.text(forMetrics("CLIENT_CERTIFICATE")...)
	key, keyName := e.env.text(forMetrics("CLIENT_KEY")...)
	switch {
	case cert != "" && key == "":
		e.env.wrong(certName, cert, "%s too", strings.ReplaceAll(certName, "CERTIFICATE", "KEY"))
		return
	case key != "" && cert == "":
		e.env.wrong(keyName, key, "%s too", strings.ReplaceAll(keyName, "KEY", "CERTIFICATE"))
		return
	}
	if names := strings.Fields(caName + " " + certName + " " + keyName); len(names) > 0 {
		e.add("WithTLSFiles", strings.Join(names, " and "), sliotlp.WithTLSFiles(ca, cert, key))
	}
}

func (e *otlpEnvironment) add(option, variable string, o sliotlp.Option) {
	e.options = append(e.options, o)
	e.origins[option] = variable
}

// parse adds an option whose variable has its own syntax.
func parse[T any](e *otlpEnvironment, option string, parse func(string) (T, error), with func(T) sliotlp.Option, names ...string) {
	if e.inCode(option, names...) {
		return
	}
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

// explain names the variables in errors that name an option.
func (e *otlpEnvironment) explain(err error) error {
	return explainFields(err, func(field *otelsli.FieldError) *otelsli.FieldError {
		variable := e.origins[optionName.FindString(field.Field)]
		if variable == "" {
			return nil
		}
		return &otelsli.FieldError{Field: "variable " + variable, Value: field.Value, Want: inVariables(field.Want)}
	})
}

// inVariables replaces the options named in text by their variables.
func inVariables(text string) string {
	return strings.NewReplacer(
		"WithProtocol(HTTPProtobuf)", otlpPrefix+"PROTOCOL=http/protobuf",
		"WithHeaders with Authorization", otlpPrefix+"HEADERS with authorization",
		"or neither WithTLSConfig nor WithTLSFiles", "or none of the variables for certificates",
	).Replace(text)
}
