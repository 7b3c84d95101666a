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

// Limits of a metrics server. A scraper sends a small header and no body.
const (
	readHeaderTimeout = 5 * time.Second // includes the TLS handshake
	readTimeout       = 10 * time.Second
	writeTimeout      = 2 * time.Minute // for handlers that set no deadline themselves
	idleTimeout       = 5 * time.Minute // longer than any usual scrape interval, so that scrapers keep their connection
	maxHeaderBytes    = 8 << 10
)

// Protect applies the guard to a server that serves nothing but metrics; call it before the server
// runs. The handler is wrapped as by [Guard.Wrap], except for the public paths, which are matched
// exactly and open to everybody: what they serve must be public and cheap, as /healthz is. The
// server gets the TLS configuration of [Guard.TLSConfig]; serve it with ServeTLS("", ""). With
// public paths, the handshake does not demand a client certificate, but the handler does.
//
// Protect bounds what clients can tie up: the time for the handshake, the header and the body, the
// size of the header, the number of connections (see [WithConnections]), and strangers to one
// request per connection. Fields of s that are already set stay as they are, except TLSConfig. The
// server speaks only HTTP/1.1 unless Protocols is set: HTTP/2 would gain a scraper nothing and
// expose its machinery to strangers.
//
// If [WithClientCertificates] is used and there is no TLS, Protect returns an [otelsli.FieldError]
// and leaves s unchanged. A nil Handler answers 404. Do not use Protect for a service's own server,
// whose users would all be strangers: wrap the handler there.
func (g *Guard) Protect(s *http.Server, public ...string) error {
	if err := g.protectTLS(s, len(public) > 0); err != nil {
		return err
	}
	s.Handler = g.except(s.Handler, public)
	s.DisableGeneralOptionsHandler = true // it would answer OPTIONS * for everybody
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

// protectConns adds the connection hooks after those already set.
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

// except wraps next, except for the public paths.
func (g *Guard) except(next http.Handler, public []string) http.Handler {
	if next == nil {
		next = http.NotFoundHandler()
	}
	if len(public) == 0 {
		return g.Wrap(next)
	}
	public = slices.Clone(public)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A path with unnecessary escapes may be routed elsewhere: to a ServeMux, /a%2Fb is not /a/b.
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
