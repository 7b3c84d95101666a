package setup

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"os"
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
	numbered bool                     // config.Name is of number
	exporter *graphitebridge.Exporter // made when the options are resolved: it connects to nothing
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
	// The exporter logs outages itself, throttled and with their end.
	quiet := func(err error) {
		cfg.logger.Log(ctx, slog.LevelDebug, "otelsli: export failed", "pipeline", s.name(), "error", err)
	}
	p, err := newPush(ctx, s.name(), s.exporter, cfg, quiet)
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

// graphiteEnvironment fills the fields of a configuration that are open.
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
	if keys := e.list("RESOURCE_ATTRIBUTES"); c.Line.ResourceAttributes == nil && keys != nil {
		c.Line.ResourceAttributes = keys
	}
	if d := e.env.milliseconds(graphitePrefix + "TIMEOUT"); c.Timeout == 0 {
		c.Timeout = d
	}
	switch text, name := e.env.text(graphitePrefix + "TEMPORALITY"); strings.ToLower(text) {
	case "", "cumulative":
	case "delta":
		c.Increments = true
	default:
		e.env.wrong(name, text, "cumulative or delta")
	}
	if c.TLS == nil {
		c.TLS = e.readTLS()
	}
}

// readBudget reads what the publishers of the error-budget counters had.
func (e *graphiteEnvironment) readBudget() {
	uuid, _ := e.env.aliased(graphitePrefix+"SLI_UUID", "METRICS_SLI_UUID")
	service, _ := e.env.aliased(graphitePrefix+"SERVICE", "METRICS_SERVICE_NAME")
	if e.config.ErrorBudget == nil {
		if uuid == "" {
			if text, name := e.env.text("METRICS_ENABLED"); name != "" && e.env.metricsEnabled() {
				e.env.wrong(name, text, "METRICS_SLI_UUID too, or false")
			}
			return
		}
		e.config.ErrorBudget = &graphitebridge.ErrorBudget{}
	}
	b := *e.config.ErrorBudget // not to change the caller's
	b.UUID, b.Service = cmp.Or(b.UUID, uuid), cmp.Or(b.Service, service)
	e.text("INSTANCE", &b.Instance)
	e.config.ErrorBudget = &b
}

func (e *graphiteEnvironment) readServers() {
	if len(e.config.Servers) > 0 {
		return
	}
	text, name := e.env.aliased(graphitePrefix+"ENDPOINT", "METRICS_AGENT_URL")
	e.endpoint = name
	e.config.Servers = split(cmp.Or(text, defaultGraphite))
}

func (e *graphiteEnvironment) text(variable string, field *string) {
	if text, _ := e.env.text(graphitePrefix + variable); *field == "" {
		*field = text
	}
}

func (e *graphiteEnvironment) list(variable string) []string {
	text, _ := e.env.text(graphitePrefix + variable)
	return split(text)
}

// enum reads a variable that has a fixed set of values, unless code has set the field.
func (e *graphiteEnvironment) enum(variable string, field encoding.TextUnmarshaler, set bool) {
	if set {
		return
	}
	e.env.parse(func(text string) error { return field.UnmarshalText([]byte(strings.ToLower(text))) }, graphitePrefix+variable)
}

// readTLS returns nil where nothing is set.
func (e *graphiteEnvironment) readTLS() *tls.Config {
	server, _ := e.env.text(graphitePrefix + "SERVER_NAME")
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: server}
	set := server != ""
	e.env.parse(func(file string) error {
		pem, err := os.ReadFile(file) //nolint:gosec // the operator names the file
		if err != nil {
			return fmt.Errorf("%w: want a file with certificates in PEM", err)
		}
		config.RootCAs, set = x509.NewCertPool(), true
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s has no certificate: want PEM", file)
		}
		return nil
	}, graphitePrefix+"CERTIFICATE")
	key, _ := e.env.text(graphitePrefix + "CLIENT_KEY")
	e.env.parse(func(file string) error {
		pair, err := tls.LoadX509KeyPair(file, key)
		config.Certificates, set = []tls.Certificate{pair}, true
		if err != nil {
			return fmt.Errorf("%w: want a certificate in PEM, and its key in %sCLIENT_KEY", err, graphitePrefix)
		}
		return nil
	}, graphitePrefix+"CLIENT_CERTIFICATE")
	if !set {
		return nil
	}
	return config
}

// explain names the variable of the servers: those who have set it do not know the field.
func (e *graphiteEnvironment) explain(err error) error {
	field, ok := errors.AsType[*otelsli.FieldError](err)
	if !ok || e.endpoint == "" || !strings.Contains(strings.ToLower(field.Field), "server") {
		return err
	}
	return fmt.Errorf("setup: variable %s: %w", e.endpoint, err)
}

// split returns the items of a list with commas, nil where there is none.
func split(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
