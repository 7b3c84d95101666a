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
	// DefaultName is the name of an exporter that has no other.
	DefaultName = "graphite"

	// DefaultTimeout bounds an export whose context has no deadline.
	DefaultTimeout = 30 * time.Second

	// DefaultBatchBytes is the size of a batch.
	DefaultBatchBytes = 1 << 20
)

// Config says what an [Exporter] sends, and where to. Only Servers is required.
type Config struct {
	// Name tells the exporter from others in its metrics and errors. What was delivered of
	// increments is kept under it: with Increments or an ErrorBudget, no two exporters of a
	// catalog can have the same at a time. "" is [DefaultName].
	Name string

	// Servers are the receivers, such as "tcp://localhost:2003", "tls://[2001:db8::1]:4242". The
	// first that works is used; the others are tried when it fails. A port that is missing is
	// 2003 for Graphite and 4242 for OpenTSDB, or 18126 with an ErrorBudget.
	Servers []string

	// TLS is used for servers with tls:// addresses: CA, client certificate, server name. Nil is
	// the system's CAs and the server's own name.
	TLS *tls.Config

	// Mode says what counts as acknowledgement. Zero is [Ack].
	Mode Mode

	// Line says how data becomes lines. An instance that is not known otherwise is the host's
	// name with the process id.
	Line line.Config

	// Increments sends counters and histograms as what was counted since the last acknowledged
	// send, for receivers that add up, instead of totals. Each increment has a second of its own
	// and is counted exactly once by a receiver that drops duplicates of series and second.
	Increments bool

	// Catalog is the one whose SLIs are among the metrics: what was delivered of their increments
	// is kept with it, so that an exporter that follows another of its name goes on where that one
	// ended. Nil is [otelsli.Default].
	Catalog *otelsli.Catalog

	// ErrorBudget sends the SLIs of a catalog as error-budget counters, and nothing else unless
	// it says so. Nil is none.
	ErrorBudget *ErrorBudget

	// Timeout bounds exports, flushes and shutdowns whose context has no deadline. Zero is
	// [DefaultTimeout].
	Timeout time.Duration

	// BatchBytes is the size from which a batch is sent. A batch of increments is kept until it
	// is acknowledged. Zero is [DefaultBatchBytes].
	BatchBytes int

	// Aggregation chooses the aggregation of instruments. Nil is the SDK's default.
	Aggregation sdkmetric.AggregationSelector

	// MeterProvider gets the exporter's own metrics. Nil is [otel.GetMeterProvider]; a no-op
	// provider gives none. See [Exporter.Instrument] for one that is made after the exporter.
	MeterProvider metric.MeterProvider

	// Logger gets outages and their ends. Nil is [slog.Default].
	Logger *slog.Logger

	// LogInterval is the time between two warnings about outages. Zero is [DefaultLogInterval].
	LogInterval time.Duration

	// Delivery holds the times and sizes of connections. Its zero value is the defaults.
	Delivery Delivery
}

// Delivery holds the times and sizes of connections. Zero stands for the default.
type Delivery struct {
	DialTimeout  time.Duration // of a connect, name lookup and TLS included; 5 s
	WriteTimeout time.Duration // of a write; 10 s
	ReadTimeout  time.Duration // until an acknowledgement; 30 s

	// MinBackoff and MaxBackoff bound the pause after all servers have failed, which is random
	// and grows; 100 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration

	// Failback is the time after which the first server is tried first again, once another one
	// has taken its place. Zero is 5 minutes; below 0 is never.
	Failback time.Duration

	IdleReconnect time.Duration // age of the last write at which Stream connects anew; 25 s, below 0: never
	Window        int           // bytes that Stream keeps until they are acknowledged; 4 MiB

	// Dial opens connections. Nil is a [net.Dialer].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults resolves the zero values that stand for a default.
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

// defaultInstance tells this process from the others of its host, and of other hosts.
func defaultInstance() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// validate reports what is wrong with a configuration whose defaults are resolved.
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

// newClient makes the client of the delivery settings.
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
