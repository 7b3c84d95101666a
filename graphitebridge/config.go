package graphitebridge

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/otelsli"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

const (
	// DefaultName is the name of an exporter without a configured one.
	DefaultName = "graphite"

	// DefaultTimeout bounds an export whose context has no deadline.
	DefaultTimeout = 30 * time.Second

	// DefaultBatchBytes is the size of a batch.
	DefaultBatchBytes = 1 << 20
)

// Config configures an [Exporter]. Only Servers is required.
type Config struct {
	// Name identifies the exporter in its metrics and errors. What was delivered of increments is kept
	// under it: with Increments or an ErrorBudget, only one exporter of a catalog can have the name at
	// a time. "" means [DefaultName].
	Name string

	// Servers are the receivers, such as "tcp://localhost:2003" or "tls://[2001:db8::1]:4242". The
	// first that works is used; the others are tried when it fails. The default port is 2003 for
	// Graphite, 4242 for OpenTSDB, and 18126 with an ErrorBudget.
	Servers []string

	// TLS is used for servers with tls:// addresses: CA, client certificate, server name. Nil means
	// the system's CAs and the host name of the server.
	TLS *tls.Config

	// Mode says what counts as an acknowledgement. Zero means [Ack].
	Mode Mode

	// Line configures how data becomes lines. Without any instance, the host name with the process ID
	// is used.
	Line line.Config

	// Increments sends counters and histograms as what was counted since the last acknowledged send,
	// instead of as totals, for receivers that add values up. Each increment has its own second; a
	// receiver that drops duplicates of series and second counts each exactly once.
	Increments bool

	// Catalog is the one whose SLIs are among the metrics. What was delivered of their increments is
	// kept with it, so that a later exporter of the same name continues where this one ended. Nil
	// means [otelsli.Default].
	Catalog *otelsli.Catalog

	// ErrorBudget sends the SLIs of a catalog as error-budget counters, and nothing else unless it
	// says so. Nil means none.
	ErrorBudget *ErrorBudget

	// Timeout bounds exports, flushes and shutdowns whose context has no deadline. Zero means
	// [DefaultTimeout].
	Timeout time.Duration

	// BatchBytes is the size at which a batch is sent. A batch of increments is kept until it is
	// acknowledged. Zero means [DefaultBatchBytes].
	BatchBytes int

	// Aggregation selects the aggregation of instruments. Nil means the SDK's default.
	Aggregation sdkmetric.AggregationSelector

	// MeterProvider receives the exporter's own metrics. Nil means [otel.GetMeterProvider]; a no-op
	// provider disables them. See [Exporter.Instrument] for a provider that is created after the
	// exporter.
	MeterProvider metric.MeterProvider

	// Logger receives the beginning and end of outages. Nil means [slog.Default].
	Logger *slog.Logger

	// LogInterval is the minimum time between two warnings about outages. Zero means
	// [DefaultLogInterval].
	LogInterval time.Duration

	// Delivery configures timeouts and sizes of connections. The zero value means the defaults.
	Delivery Delivery
}

// Delivery configures timeouts and sizes of connections. Zero fields mean the default.
type Delivery struct {
	DialTimeout  time.Duration // of a connection attempt, including name lookup and TLS; 5 s
	WriteTimeout time.Duration // of a write; 10 s
	ReadTimeout  time.Duration // for an acknowledgement; 30 s

	// MinBackoff and MaxBackoff bound the pause after all servers have failed, which grows and is
	// randomised; 100 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration

	// Failback is the time after which the first server is tried again, once another one has replaced
	// it. Zero means 5 minutes; negative means never.
	Failback time.Duration

	IdleReconnect time.Duration // age of the last write at which Stream reconnects; 25 s, negative: never
	Window        int           // bytes that Stream keeps until acknowledged; 4 MiB

	// Dial opens connections. Nil means a [net.Dialer].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults replaces zero values by their defaults.
func (c Config) withDefaults() Config {
	c.Name = cmp.Or(c.Name, DefaultName)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.BatchBytes = cmp.Or(c.BatchBytes, DefaultBatchBytes)
	c.LogInterval = cmp.Or(c.LogInterval, DefaultLogInterval)
	c.Servers = slices.Clone(c.Servers)
	if c.Catalog == nil {
		c.Catalog = otelsli.Default()
	}
	if c.Aggregation == nil {
		c.Aggregation = sdkmetric.DefaultAggregationSelector
	}
	if c.Line.FallbackInstance == "" {
		c.Line.FallbackInstance = defaultInstance()
	}
	return c
}

// defaultInstance identifies this process among those of all hosts.
func defaultInstance() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// validate returns the problems of a configuration with resolved defaults.
func (c Config) validate() error {
	p := &problems{subject: "graphitebridge: Config."}
	p.check(len(c.Servers) > 0, "Servers", c.Servers, `at least one address, such as "tcp://localhost:2003"`)
	p.check(int(c.Mode) < len(modeNames), "Mode", c.Mode, "Ack, Stream or Sync")
	p.check(c.Timeout > 0, "Timeout", c.Timeout, "a positive duration, or 0 for 30s")
	p.check(c.BatchBytes > 0, "BatchBytes", c.BatchBytes, "a positive number of bytes, or 0 for 1 MiB")
	p.check(c.LogInterval > 0, "LogInterval", c.LogInterval, "a positive duration, or 0 for 5m")
	p.add(c.Line.Validate())
	if c.ErrorBudget != nil {
		p.check(c.Line.Format == line.OpenTSDB || !c.ErrorBudget.AllMetrics, "Line.Format", c.Line.Format,
			"OpenTSDB, for error-budget lines cannot share a connection with others")
		p.add(c.ErrorBudget.validate())
	}
	return p.err()
}

func (c Config) defaultPort() int {
	switch {
	case c.ErrorBudget != nil:
		return defaultAgentPort
	case c.Line.Format == line.OpenTSDB:
		return 4242
	}
	return 2003
}

// newClient makes a client from the delivery settings.
func newClient(servers []string, port int, config *tls.Config, mode Mode, d Delivery, logger *slog.Logger) (*delivery.Client, error) {
	parsed, err := parseServers(servers, port, config)
	if err != nil {
		return nil, err
	}
	if logger == nil {
		logger = slog.Default()
	}
	return delivery.New(delivery.Config{
		Servers:       parsed,
		Mode:          deliveryModes[mode],
		DialTimeout:   d.DialTimeout,
		WriteTimeout:  d.WriteTimeout,
		ReadTimeout:   d.ReadTimeout,
		MinBackoff:    d.MinBackoff,
		MaxBackoff:    d.MaxBackoff,
		IdleReconnect: d.IdleReconnect,
		Failback:      d.Failback,
		Window:        d.Window,
		Logger:        logger,
		Dialer:        d.Dial,
	})
}

func parseServers(texts []string, port int, config *tls.Config) ([]delivery.Server, error) {
	var (
		servers []delivery.Server
		errs    []error
	)
	for _, text := range texts {
		s, err := delivery.ParseServer(text, port)
		if s.TLS != nil && config != nil {
			s.TLS = config.Clone()
		}
		servers, errs = append(servers, s), append(errs, err)
	}
	return servers, errors.Join(errs...)
}
