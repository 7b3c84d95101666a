package setup

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// graphiteSpec is WithGraphite.
type graphiteSpec struct {
	config   graphitebridge.Config
	numbered bool                     // number has set config.Name
	exporter *graphitebridge.Exporter // created when the options are resolved; connects to nothing
}

func (s *graphiteSpec) name() string { return cmp.Or(s.config.Name, graphitebridge.DefaultName) }

func (s *graphiteSpec) number(n int) bool {
	if s.config.Name != "" && !s.numbered {
		return false
	}
	s.numbered = true
	s.config.Name = fmt.Sprintf("%s-%d", graphitebridge.DefaultName, n)
	return true
}

func (s *graphiteSpec) resolve(_ context.Context, cfg *config) (err error) {
	e := graphiteEnvironment{env: &cfg.env, config: &s.config}
	e.read()
	c := &s.config
	c.Timeout = cmp.Or(c.Timeout, cfg.timeout)
	c.MeterProvider = noop.NewMeterProvider() // until there is one
	if c.Logger == nil {
		c.Logger = cfg.logger
	}
	if c.Catalog == nil {
		c.Catalog = cfg.catalog
	}
	if b := c.ErrorBudget; b != nil {
		if b.Catalog == nil {
			b.Catalog = cfg.catalog
		}
		if service, ok := cfg.resource.Set().Value(semconv.ServiceNameKey); ok {
			b.Service = cmp.Or(b.Service, service.AsString())
		}
	}
	s.exporter, err = graphitebridge.New(*c)
	return e.explain(err)
}

func (s *graphiteSpec) build(ctx context.Context, cfg *config) (pipeline, error) {
	p, err := newPush(ctx, s.name(), s.exporter, cfg, true)
	if err != nil {
		return nil, err
	}
	return bridge{push: p, exporter: s.exporter}, nil
}

func (s *graphiteSpec) discard(ctx context.Context) error {
	if s.exporter == nil {
		return nil
	}
	return s.exporter.Shutdown(ctx)
}

// bridge is the pipeline of a graphiteSpec.
type bridge struct {
	push
	exporter *graphitebridge.Exporter
}

func (b bridge) prepare(_ context.Context, provider metric.MeterProvider) error {
	return b.exporter.Instrument(provider)
}

// graphiteEnvironment fills the open fields of a configuration from the environment.
type graphiteEnvironment struct {
	env      *environment
	config   *graphitebridge.Config
	endpoint string // the variable that the servers came from
}

const (
	graphitePrefix  = "OTELSLI_GRAPHITE_"
	defaultGraphite = "tcp://localhost" // with the port of the format
)

func (e *graphiteEnvironment) read() {
	c := e.config
	e.readBudget()
	e.readServers()
	e.enum("FORMAT", &c.Line.Format, c.Line.Format != line.Graphite)
	e.enum("MODE", &c.Mode, c.Mode != graphitebridge.Ack)
	e.text("PREFIX", &c.Line.Prefix)
	e.text("TEMPLATE", &c.Line.Template)
	e.text("INSTANCE", &c.Line.Instance)
	e.textList("RESOURCE_ATTRIBUTES", &c.Line.ResourceAttributes)
	if c.Timeout == 0 {
		c.Timeout = e.env.milliseconds(graphitePrefix + "TIMEOUT")
	} else {
		e.decided("TIMEOUT", strconv.FormatInt(c.Timeout.Milliseconds(), 10))
	}
	e.readTemporality()
	if c.TLS == nil {
		c.TLS = e.readTLS()
	}
}

func (e *graphiteEnvironment) readTemporality() {
	if e.config.Increments {
		e.decided("TEMPORALITY", "delta")
		return
	}
	switch text, name := e.env.text(graphitePrefix + "TEMPORALITY"); strings.ToLower(text) {
	case "", "cumulative":
	case "delta":
		e.config.Increments = true
	default:
		e.env.wrong(name, text, "cumulative or delta")
	}
}

// readBudget reads the variables of the publishers of error-budget counters.
func (e *graphiteEnvironment) readBudget() {
	uuid, _ := e.env.aliased(graphitePrefix+"SLI_UUID", "METRICS_SLI_UUID")
	service, _ := e.env.aliased(graphitePrefix+"SERVICE", "METRICS_SERVICE_NAME")
	if e.config.ErrorBudget == nil {
		if uuid == "" {
			return
		}
		e.config.ErrorBudget = &graphitebridge.ErrorBudget{}
	}
	b := *e.config.ErrorBudget // leaves the caller's unchanged
	b.UUID, b.Service = cmp.Or(b.UUID, uuid), cmp.Or(b.Service, service)
	e.text("INSTANCE", &b.Instance)
	e.config.ErrorBudget = &b
}

func (e *graphiteEnvironment) readServers() {
	if len(e.config.Servers) > 0 {
		e.decided("ENDPOINT", strings.Join(e.config.Servers, ","))
		return
	}
	text, name := e.env.aliased(graphitePrefix+"ENDPOINT", "METRICS_AGENT_URL")
	e.endpoint = name
	e.config.Servers = split(cmp.Or(text, defaultGraphite))
}

// decided records that the configuration in code has a value, which overrides the variable.
func (e *graphiteEnvironment) decided(variable, value string) {
	e.env.decided("WithGraphite", value, graphitePrefix+variable)
}

func (e *graphiteEnvironment) text(variable string, field *string) {
	if *field != "" {
		e.decided(variable, *field)
		return
	}
	*field, _ = e.env.text(graphitePrefix + variable)
}

func (e *graphiteEnvironment) textList(variable string, field *[]string) {
	if *field != nil {
		e.decided(variable, strings.Join(*field, ","))
		return
	}
	text, _ := e.env.text(graphitePrefix + variable)
	*field = split(text)
}

// textValue is an enumeration with a text form.
type textValue interface {
	encoding.TextUnmarshaler
	fmt.Stringer
}

// enum reads a variable with a fixed set of values, unless code has set the field.
func (e *graphiteEnvironment) enum(variable string, field textValue, set bool) {
	if set {
		e.decided(variable, field.String())
		return
	}
	e.env.parse(func(text string) error { return field.UnmarshalText([]byte(strings.ToLower(text))) }, graphitePrefix+variable)
}

// readTLS returns nil if nothing is set.
func (e *graphiteEnvironment) readTLS() *tls.Config {
	server, _ := e.env.text(graphitePrefix + "SERVER_NAME")
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: server}
	set := server != ""
	e.env.parse(func(file string) error {
		pem, err := os.ReadFile(file) //nolint:gosec // the operator names the file
		if err != nil {
			return fmt.Errorf("want a file with certificates in PEM: %w", cause(err))
		}
		config.RootCAs, set = x509.NewCertPool(), true
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("want a file with certificates in PEM, there is none in it")
		}
		return nil
	}, graphitePrefix+"CERTIFICATE")
	key, _ := e.env.text(graphitePrefix + "CLIENT_KEY")
	e.env.parse(func(file string) error {
		pair, err := tls.LoadX509KeyPair(file, key)
		config.Certificates, set = []tls.Certificate{pair}, true
		if err != nil {
			return fmt.Errorf("want a certificate in PEM, and its key in %sCLIENT_KEY: %w", graphitePrefix, cause(err))
		}
		return nil
	}, graphitePrefix+"CLIENT_CERTIFICATE")
	if !set {
		return nil
	}
	return config
}

// explain names the variable in errors about a field that was set by one.
func (e *graphiteEnvironment) explain(err error) error {
	return explainFields(err, func(field *otelsli.FieldError) *otelsli.FieldError {
		variable := ""
		switch {
		case strings.Contains(strings.ToLower(field.Field), "server"):
			variable = e.endpoint
		case strings.HasSuffix(field.Field, "Config.Template"):
			_, variable = e.env.text(graphitePrefix + "TEMPLATE")
		}
		if variable == "" {
			return nil
		}
		return &otelsli.FieldError{Field: "variable " + variable, Value: maskQuoted(field.Value), Want: field.Want}
	})
}

// split returns the items of a comma-separated list, nil if there are none.
func split(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
