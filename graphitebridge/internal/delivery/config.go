package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Defaults of [Config].
const (
	DefaultDialTimeout   = 5 * time.Second
	DefaultWriteTimeout  = 10 * time.Second
	DefaultReadTimeout   = 30 * time.Second
	DefaultMinBackoff    = 100 * time.Millisecond
	DefaultMaxBackoff    = 30 * time.Second
	DefaultIdleReconnect = 25 * time.Second // receivers close idle connections after 30 s or more
	DefaultFailback      = 5 * time.Minute
	DefaultWindow        = 4 << 20
)

// SyncLimit bounds a delivery in [Sync] mode, across all servers.
const SyncLimit = time.Second

// A Config says where and how to deliver. Only Servers is required.
type Config struct {
	// Servers are tried in order: first the one that worked last, after a failure the next one.
	Servers []Server
	// Mode determines what counts as an acknowledgement. Default: Ack.
	Mode Mode

	// DialTimeout bounds one connection attempt: name lookup, TCP and TLS. Default (and 0): 5 s.
	DialTimeout time.Duration
	// WriteTimeout bounds each write of at most 32 KiB and, in Stream mode on Linux, how long the
	// receiver's kernel may leave data unacknowledged. Default (and 0): 10 s.
	WriteTimeout time.Duration
	// ReadTimeout bounds the wait for an acknowledgement. It must cover the time that the receiver
	// takes to read a whole batch. Default (and 0): 30 s.
	ReadTimeout time.Duration

	// MinBackoff and MaxBackoff bound the pause after all servers have failed. The pause is random,
	// from 0 to MinBackoff doubled with every round, but at most MaxBackoff and half of the remaining
	// time. Default (and 0): 100 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration

	// IdleReconnect is the age of the last write from which a Stream connection is no longer used,
	// because it may have disappeared silently. Default (and 0): 25 s. Negative: never.
	IdleReconnect time.Duration
	// Failback is the time after which the first server is tried again, once another one has replaced
	// it. Default (and 0): 5 min. Negative: never.
	Failback time.Duration
	// Window is how many bytes Stream keeps until they are acknowledged. A larger batch is
	// acknowledged before Deliver returns. Default (and 0): 4 MiB.
	Window int

	// Logger receives failed attempts (debug) and the receiver's replies (warn, once in 5 minutes).
	// Default (and nil): none.
	Logger *slog.Logger
	// Dialer opens connections. In Ack mode they must have CloseWrite, like *net.TCPConn. Default (and
	// nil): a net.Dialer.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
}

func (c *Config) setDefaults() {
	c.DialTimeout = cmp.Or(c.DialTimeout, DefaultDialTimeout)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, DefaultWriteTimeout)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, DefaultReadTimeout)
	c.MinBackoff = cmp.Or(c.MinBackoff, DefaultMinBackoff)
	c.MaxBackoff = cmp.Or(c.MaxBackoff, max(DefaultMaxBackoff, c.MinBackoff))
	c.IdleReconnect = cmp.Or(c.IdleReconnect, DefaultIdleReconnect)
	c.Failback = cmp.Or(c.Failback, DefaultFailback)
	c.Window = cmp.Or(c.Window, DefaultWindow)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Dialer == nil {
		c.Dialer = new(net.Dialer).DialContext
	}
}

// validate returns all problems of a configuration with resolved defaults.
func (c *Config) validate() error {
	var errs []error
	wrong := func(field, value, want string) {
		errs = append(errs, &otelsli.FieldError{Field: field, Value: value, Want: want})
	}
	if len(c.Servers) == 0 {
		wrong("Servers", "empty", "at least one server")
	}
	for i, s := range c.Servers {
		if _, port, err := net.SplitHostPort(s.Address); err != nil || port == "" {
			wrong(fmt.Sprintf("Servers[%d].Address", i), quote(s.Address), "host:port, an IPv6 host in brackets")
		}
	}
	if c.Mode > Sync {
		wrong("Mode", c.Mode.String(), "Ack, Stream or Sync")
	}
	for _, d := range []struct {
		field string
		value time.Duration
	}{
		{"DialTimeout", c.DialTimeout},
		{"WriteTimeout", c.WriteTimeout},
		{"ReadTimeout", c.ReadTimeout},
		{"MinBackoff", c.MinBackoff},
	} {
		if d.value < 0 {
			wrong(d.field, d.value.String(), "a positive duration, or 0 for the default")
		}
	}
	if c.MaxBackoff < c.MinBackoff {
		wrong("MaxBackoff", c.MaxBackoff.String(), fmt.Sprintf("at least MinBackoff, which is %v", c.MinBackoff))
	}
	if c.Window < 0 {
		wrong("Window", fmt.Sprint(c.Window), "a number of bytes, or 0 for the default")
	}
	return errors.Join(errs...)
}
