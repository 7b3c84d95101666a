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
	DefaultIdleReconnect = 25 * time.Second // receivers close idle connections after 30 s and more
	DefaultFailback      = 5 * time.Minute
	DefaultWindow        = 4 << 20
)

// SyncLimit bounds a delivery in [Sync] mode, over all servers.
const SyncLimit = time.Second

// A Config says where to deliver and how. Only Servers is required.
type Config struct {
	// Servers are tried in order: the one that worked last first, the next one after a failure.
	Servers []Server
	// Mode is what counts as acknowledgement. Default: Ack.
	Mode Mode

	// DialTimeout bounds one connect: the lookup, TCP and TLS. Default and 0: 5 s.
	DialTimeout time.Duration
	// WriteTimeout bounds each write of at most 32 KiB, and in Stream mode (on Linux) how long
	// the receiver's kernel may leave data unacknowledged. Default and 0: 10 s.
	WriteTimeout time.Duration
	// ReadTimeout bounds the wait for an acknowledgement. It has to cover the time that the
	// receiver takes to read a whole batch. Default and 0: 30 s.
	ReadTimeout time.Duration

	// MinBackoff and MaxBackoff bound the pause after all servers have failed: it is random, from
	// 0 to MinBackoff doubled with every round and never more than MaxBackoff, nor than half of
	// the time that is left. Default and 0: 100 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration

	// IdleReconnect is the age of the last write from which a Stream connection is not used any
	// more, for it may be gone without a trace. Default and 0: 25 s. Less than 0: never.
	IdleReconnect time.Duration
	// Failback is the time after which the first server is tried first again, once another one
	// has taken its place. Default and 0: 5 min. Less than 0: never.
	Failback time.Duration
	// Window is how many bytes Stream keeps until they are acknowledged. A batch that is larger
	// is acknowledged before Deliver returns. Default and 0: 4 MiB.
	Window int

	// Logger gets failed attempts (debug) and the receiver's replies (warn, once in 5 minutes).
	// Default and nil: none.
	Logger *slog.Logger
	// Dialer opens connections. In Ack mode they must have CloseWrite, as *net.TCPConn has.
	// Default and nil: a net.Dialer.
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

// validate reports everything that is wrong, after the defaults are set.
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
