package graphitebridge

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"time"
)

const (
	// DefaultAgent is the address of an error-budget agent on the same host.
	DefaultAgent = "tcp://localhost:18126"

	// DefaultPublishInterval is the time between two sends of a [Publisher].
	DefaultPublishInterval = time.Second

	// DefaultPublishSeries is the maximum number of tag combinations that a [Publisher] keeps.
	DefaultPublishSeries = 1000

	// SendLimit bounds [Publisher.Send] in synchronous mode.
	SendLimit = time.Second
)

// PublisherConfig configures a [Publisher].
type PublisherConfig struct {
	// UUID names the error budget. "" makes a publisher that does nothing.
	UUID string

	// Service is the value of the tag service. Required if there is a UUID.
	Service string

	// Instance identifies this process. "" means the host name with the process ID.
	Instance string

	// Disabled makes a publisher that does nothing; the other fields are ignored.
	Disabled bool

	// Server is the address of the agent. "" means [DefaultAgent]; the default port is 18126.
	Server string

	// TLS is used with a tls:// address. Nil means the system's CAs and the host name of the server.
	TLS *tls.Config

	// Synchronous sends each event in the call of Send, which takes at most [SendLimit]. Events with
	// equal tags in the same second then become identical lines, which only an agent that adds up
	// counts separately. Without it, events are counted and a goroutine sends the counts.
	Synchronous bool

	// Interval is the time between two sends. Zero means [DefaultPublishInterval].
	Interval time.Duration

	// MaxSeries is the maximum number of tag combinations that are kept. Events with further ones are
	// refused and counted. Zero means [DefaultPublishSeries].
	MaxSeries int

	// MaxTags is the maximum number of tags of a line. Zero means that of OpenTSDB,
	// [line.DefaultMaxTags]; negative means no limit.
	MaxTags int

	// ErrorPrefix is the first node of the names of operational errors: see [Publisher.SendError]. ""
	// means Service.
	ErrorPrefix string

	// Logger receives the beginning and end of outages. Nil means [slog.Default].
	Logger *slog.Logger

	// LogInterval is the minimum time between two warnings. Zero means [DefaultLogInterval].
	LogInterval time.Duration

	// Delivery configures timeouts and sizes of connections. The zero value means the defaults.
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

// idle reports whether the publisher does nothing.
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
