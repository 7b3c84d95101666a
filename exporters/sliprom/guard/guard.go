package guard

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// A Guard decides who may fetch metrics, and how often. All methods are safe for concurrent use.
type Guard struct {
	secrets   []secrets // for the Authorization header
	challenge []string  // for the WWW-Authenticate header
	clients   *clients  // nil: no client certificates
	either    bool      // either certificate or header is enough
	pair      *watched[*tls.Certificate]
	tls       *tls.Config // of [WithTLSConfig]
	limits    *limits
	conns     *conns
	refusals  *refusals
	logger    func() *slog.Logger
}

// New makes a guard and reads the files named in the options. Without options it admits everybody,
// within the default limits per remote address. If options are invalid, the error joins all
// problems, each an [otelsli.FieldError]; none contains a secret.
func New(options ...Option) (*Guard, error) {
	c := newConfig(options)
	if err := errors.Join(c.validate()...); err != nil {
		return nil, err
	}
	g := &Guard{either: c.either, tls: c.tls, logger: c.log}
	g.limits = newLimits(c.rate, c.burst, c.concurrency)
	g.conns = newConns(c.strangers, c.known)
	g.refusals = &refusals{logger: c.log}
	if err := errors.Join(g.openSecrets(c), g.openPair(c), g.openClients(c)); err != nil {
		return nil, err
	}
	return g, nil
}

// Authenticates reports whether clients must authenticate.
func (g *Guard) Authenticates() bool { return len(g.secrets) > 0 || g.clients != nil }

// Wrap returns a handler that passes a request to next only if it is authenticated and within the
// limits of its identity. Other requests get:
//
//	401  no credentials, or wrong ones; 403 where only a client certificate would do
//	429  too many requests of this identity, with Retry-After
//	503  too many at the same time, with Retry-After
//
// A refusal is cheap, counts against no limit and does not reveal what was wrong. The headers of
// every response forbid browsers to guess its type, frame it or run its content, and caches to
// store it, unless next overrides them.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, next) })
}

func (g *Guard) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	harden(w.Header())
	identity, ok := g.authenticate(r)
	if !ok {
		g.refuse(w, r)
		return
	}
	g.conns.admit(r, identity)
	quota := g.limits.of(identity)
	if wait := quota.wait(); wait > 0 {
		retry(w, wait, http.StatusTooManyRequests, "too many requests\n")
		return
	}
	if !quota.enter() {
		retry(w, time.Second, http.StatusServiceUnavailable, "too many requests at the same time\n")
		return
	}
	defer quota.leave()
	next.ServeHTTP(w, r)
}

// authenticate returns the identity of the client, which is used for limits only.
func (g *Guard) authenticate(r *http.Request) (identity string, ok bool) {
	if !g.Authenticates() {
		return address(r.RemoteAddr), true
	}
	if g.clients != nil {
		name, err := g.clients.identify(r.TLS)
		switch {
		case err == nil && (g.either || len(g.secrets) == 0):
			return "certificate " + name, true
		case err != nil && !g.either:
			return "", false
		}
	}
	return g.matchHeader(r.Header)
}

// refuse answers without reading the body, and closes connections on which nobody has ever
// authenticated, so that each guess costs a new one. With client certificates it closes all,
// because a new certificate needs a new connection.
func (g *Guard) refuse(w http.ResponseWriter, r *http.Request) {
	g.refusals.note(r.RemoteAddr)
	g.conns.dismiss(w, r)
	if g.clients != nil {
		w.Header()["Connection"] = connectionClose
	}
	if len(g.challenge) == 0 {
		fail(w, http.StatusForbidden, "forbidden\n")
		return
	}
	w.Header()["Www-Authenticate"] = g.challenge
	fail(w, http.StatusUnauthorized, "unauthorized\n")
}

// harden sets the common response headers; handlers may change them.
func harden(h http.Header) {
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = noContent
	h["Referrer-Policy"] = noReferrer
	h["X-Content-Type-Options"] = noSniff
	h["X-Frame-Options"] = deny
}

// Shared by all responses; nobody appends to a header that is already set.
var (
	noStore    = []string{"no-store"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	noSniff    = []string{"nosniff"}
	deny       = []string{"DENY"}
	plainText  = []string{"text/plain; charset=utf-8"}
)

func retry(w http.ResponseWriter, after time.Duration, status int, text string) {
	seconds := max(1, (after+time.Second-1)/time.Second)
	w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	fail(w, status, text)
}

func fail(w http.ResponseWriter, status int, text string) {
	w.Header()["Content-Type"] = plainText
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client may have gone
}
