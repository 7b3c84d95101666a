package delivery

import (
	"bytes"
	"context"
	"log/slog"
	"time"
)

// A parcel is a batch in transit, across all attempts.
type parcel struct {
	data   []byte
	lines  int
	begun  time.Time
	high   int // the most bytes of it that an attempt has sent
	result Result
}

func (p *parcel) traffic() Traffic { return Traffic{Lines: int64(p.lines), Bytes: int64(len(p.data))} }

// prefix returns the whole lines in the first n bytes.
func (p *parcel) prefix(n int) Traffic {
	if n == len(p.data) {
		return p.traffic()
	}
	i := bytes.LastIndexByte(p.data[:n], '\n') + 1
	return Traffic{Lines: countLines(p.data[:i]), Bytes: int64(i)}
}

// A link is what all modes use to send.
type link struct {
	config *Config
	count  *counters
	peers  *peers
}

func newLink(config *Config) link {
	count := new(counters)
	return link{config: config, count: count, peers: &peers{
		config:  config,
		count:   count,
		replies: &replies{count: count, logger: config.Logger},
	}}
}

// write writes a parcel to the connection, from its first line, and counts it.
func (l *link) write(ctx context.Context, c *conn, p *parcel) error {
	n, err := c.write(ctx, p.data, l.config.WriteTimeout)
	resent := p.prefix(min(n, p.high))
	p.high = max(p.high, n)
	p.result.Resent += int(resent.Lines)
	// Under TLS, n does not include a record whose write failed, although it may have been sent.
	p.result.Written = p.result.Written || n > 0 || err != nil && c.net != c.raw
	l.count.sent(p.prefix(n), resent)
	return err
}

// report counts and logs a failed attempt.
func (l *link) report(ctx context.Context, err error) {
	kind := kindOf(err)
	l.count.failed(kind)
	l.config.Logger.LogAttrs(ctx, slog.LevelDebug, "delivery failed",
		slog.String("failure", kind.String()), slog.String("error", err.Error()))
}
