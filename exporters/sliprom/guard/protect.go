package guard

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"
)

// The limits of a server of metrics. A scraper sends a small header and no body.
const (
	readHeaderTimeout = 5 * time.Second // of the TLS handshake too
	readTimeout       = 10 * time.Second
	writeTimeout      = 2 * time.Minute // of handlers that set no deadline themselves
	idleTimeout       = 5 * time.Minute // scrapers keep their connection over any usual scrape interval
	maxHeaderBytes    = 8 << 10
)

// Protect puts the guard around a server that has nothing but metrics; call it before the server
// runs. The handler is wrapped as by [Guard.Wrap], but for the public paths, which are those of
// requests, exactly, and are open to everybody: what they show must be fit for that and cheap, as
// /healthz is. The server gets the TLS of [Guard.TLSConfig], to be served by ServeTLS("", ""); with
// public paths its handshake does not demand a client certificate, the handler does.
//
// What clients can tie up is bounded: time for the handshake, the header and the body, the size of
// the header, the number of connections (see [WithConnections]) and, for strangers, a connection
// per request. Fields that are set already stay as they are, but for TLSConfig. It speaks HTTP/1.1
// alone unless Protocols is set: a scraper gains nothing by HTTP/2, whose machinery strangers would
// reach.
//
// It is an error, an [otelsli.FieldError], if there is no TLS and [WithClientCertificates] needs it;
// s is not changed then. A nil Handler answers 404. To a service's own server its users would be
// strangers: there, wrap the handler.
func (g *Guard) Protect(s *http.Server, public ...string) error {
	if err := g.protectTLS(s, len(public) > 0); err != nil {
		return err
	}
	s.Handler = g.except(s.Handler, public)
	s.DisableGeneralOptionsHandler = true // it would answer OPTIONS * to anybody
	setDefault(&s.ReadHeaderTimeout, readHeaderTimeout)
	setDefault(&s.ReadTimeout, readTimeout)
	setDefault(&s.WriteTimeout, writeTimeout)
	setDefault(&s.IdleTimeout, idleTimeout)
	setDefault(&s.MaxHeaderBytes, maxHeaderBytes)
	if s.ErrorLog == nil {
		s.ErrorLog = slog.NewLogLogger(newServerLog(g.logger().Handler()), slog.LevelWarn)
	}
	g.protectConns(s)
	return nil
}

func (g *Guard) protectTLS(s *http.Server, public bool) error {
	t := g.TLSConfig()
	if t == nil && g.clients != nil {
		return problem("WithClientCertificates", "set", "WithCertificate or WithTLSConfig too: clients show certificates over TLS only")
	}
	if s.Protocols == nil {
		s.Protocols = new(http.Protocols)
		s.Protocols.SetHTTP1(true)
	}
	if t == nil {
		return nil
	}
	if public && t.ClientAuth == tls.RequireAnyClientCert {
		t.ClientAuth = tls.RequestClientCert
	}
	s.TLSConfig = t
	return nil
}

// protectConns chains the hooks for connections behind those that are there.
func (g *Guard) protectConns(s *http.Server) {
	enter, changed := s.ConnContext, s.ConnState
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if enter != nil {
			ctx = enter(ctx, c)
		}
		return g.conns.enter(ctx, c)
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if changed != nil {
			changed(c, state)
		}
		g.conns.changed(c, state)
	}
	s.RegisterOnShutdown(g.conns.closeStrangers)
}

// except wraps next, but for the public paths.
func (g *Guard) except(next http.Handler, public []string) http.Handler {
	if next == nil {
		next = http.NotFoundHandler()
	}
	if len(public) == 0 {
		return g.Wrap(next)
	}
	public = slices.Clone(public)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What is escaped without need may lead elsewhere: to a ServeMux, /a%2Fb is not /a/b.
		if r.URL.RawPath != "" || !slices.Contains(public, r.URL.Path) {
			g.serve(w, r, next)
			return
		}
		harden(w.Header())
		g.conns.dismiss(w, r)
		next.ServeHTTP(w, r)
	})
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
