package delivery

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// peers chooses a server: the one that worked last, after a failure the next one, and after a while
// the first one again.
type peers struct {
	config  *Config
	count   *counters
	replies *replies

	current int
	since   time.Time // when current replaced another server
}

// failed switches to the next server.
func (p *peers) failed() {
	p.current = (p.current + 1) % len(p.config.Servers)
	p.since = time.Now()
}

// failback reports whether it is time to try the first server again.
func (p *peers) failback() bool {
	return p.current != 0 && p.config.Failback > 0 && time.Since(p.since) >= p.config.Failback
}

// connect opens a connection to the current server. Its host is looked up each time.
func (p *peers) connect(ctx context.Context) (*conn, error) {
	if p.failback() {
		p.current = 0
	}
	server := p.config.Servers[p.current]
	ctx, cancel := context.WithTimeout(ctx, p.config.DialTimeout)
	defer cancel()
	raw, err := p.config.Dialer(ctx, "tcp", server.Address)
	if err != nil {
		return nil, failure(ctx, FailureDial, "connect to", server, err)
	}
	secured, err := handshake(ctx, server, raw)
	if err != nil {
		_ = raw.Close()
		return nil, failure(ctx, FailureTLS, "connect to", server, err)
	}
	p.count.update(func(s *Stats) { s.Connects++ })
	return newConn(server, raw, secured, p.replies.from(server)), nil
}

// handshake adds TLS to the connection if the server requires it.
func handshake(ctx context.Context, server Server, raw net.Conn) (net.Conn, error) {
	if server.TLS == nil {
		return raw, nil
	}
	config := server.TLS.Clone()
	// An unread session ticket resets the connection when it is closed.
	config.ClientSessionCache = nil
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(server.Address) // validated by New
	}
	secured := tls.Client(raw, config)
	return secured, secured.HandshakeContext(ctx)
}
