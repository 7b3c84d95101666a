package graphitebridge

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"time"
)

const (
	// DefaultAgent is the address of the error-budget agent of this host.
	DefaultAgent = "tcp://localhost:18126"

	// DefaultPublishInterval is the time between two sends of a [Publisher].
	DefaultPublishInterval = time.Second

	// DefaultPublishSeries is the most combinations of tags that a [Publisher] keeps.
	DefaultPublishSeries = 1000

	// SendLimit bounds [Publisher.Send] where it is synchronous.
	SendLimit = time.Second
)

// PublisherConfig says what a [Publisher] sends, and where to.
type PublisherConfig struct {
	// UUID names the error budget. "" makes a publisher that does nothing.
	UUID string

	// Service is the value of the tag service. Required where there is a UUID.
	Service string

	// Instance tells this process from others. "" is the host's name with the process id.
	Instance string

	// Disabled makes a publisher that does nothing; the other fields are not looked at.
	Disabled bool

	// Server is the address of the agent. "" is [DefaultAgent]; a port that is missing is 18126.
	Server string

	// TLS is used with a tls:// address. Nil is the system's CAs and the server's own name.
	TLS *tls.Config

	// Synchronous sends each event at once, in the call of Send, for at most [SendLimit]. Events
	// with equal tags in one second are then lines that only an agent that adds up takes for two.
	// Without it events are counted and sent by a goroutine.
	Synchronous bool

	// Interval is the time between two sends. Zero is [DefaultPublishInterval].
	Interval time.Duration

	// MaxSeries is the most combinations of tags that are kept. Events of further ones are
	// refused and counted. Zero is [DefaultPublishSeries].
	MaxSeries int

	// MaxTags is the most tags of a line. Zero is OpenTSDB's, [line.DefaultMaxTags]; less is none.
	MaxTags int

	// ErrorPrefix is the first node of the names of operational errors: see
	// [Publisher.SendError]. "" is Service.
	ErrorPrefix string

	// Logger gets outages and their ends. Nil is [slog.Default].
	Logger *slog.Logger

	// LogInterval is the time between two warnings. Zero is [DefaultLogInterval].
	LogInterval time.Duration

	// Delivery holds the times and sizes of connections. Its zero value is the defaults.
	Delivery Delivery
}

func (c PublisherConfig) withDefaults() PublisherConfig {
	c.Instance = cmp.Or(c.Instance, defaultInstance())
	c.Server = cmp.Or(c.Server, DefaultAgent)
	c.Interval = cmp.Or(c.Interval, DefaultPublishInterval)
	c.MaxSeries = cmp.Or(c.MaxSeries, DefaultPublishSeries)
	c.ErrorPrefix = cmp.Or(c.ErrorPrefix, c.Service)
	c.LogInterval = cmp.Or(c.LogInterval, DefaultLogInterval)
	return c
}

// idle reports whether there is nothing to publish.
func (c PublisherConfig) idle() bool { return c.Disabled || c.UUID == "" }

func (c PublisherConfig) validate() error {
	p := &problems{subject: "graphitebridge: PublisherConfig."}
	p.check(c.Service != "", "Service", c.Service, "the name of the service")
	p.check(c.Interval > 0, "Interval", c.Interval, "a positive duration, or 0 for 1s")
	p.check(c.MaxSeries > 0, "MaxSeries", c.MaxSeries, "a positive number, or 0 for 1000")
	p.check(c.LogInterval > 0, "LogInterval", c.LogInterval, "a positive duration, or 0 for 5m")
	return p.err()
}

func (c PublisherConfig) mode() Mode {
	if c.Synchronous {
		return Sync
	}
	return Ack
}
