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

// A Guard decides who may fetch metrics, and how often. All methods may be called by several
// goroutines at once.
type Guard struct {
	secrets   []secrets // of the header Authorization
	challenge []string  // of the header WWW-Authenticate
	clients   *clients  // nil: no client certificates
	either    bool      // one of certificate and header is enough
	pair      *watched[*tls.Certificate]
	tls       *tls.Config // of [WithTLSConfig]
	limits    *limits
	conns     *conns
	refusals  *refusals
	logger    func() *slog.Logger
}

// New makes a guard and reads the files that the options name. Without options it lets everybody
// in, within the default limits of each remote address. Problems are returned joined, each an
// [otelsli.FieldError]; none of them prints a secret.
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

// Authenticates reports whether clients have to say who they are.
func (g *Guard) Authenticates() bool { return len(g.secrets) > 0 || g.clients != nil }

// Wrap lets only those requests pass to next that are authenticated and within the limits of their
// identity. The others get:
//
//	401  no credentials, or wrong ones; 403 where only a client certificate would do
//	429  too many requests of this identity, with Retry-After
//	503  too many at the same time, with Retry-After
//
// A refusal costs little, touches no limit and tells nothing about what was wrong. Every response
// forbids browsers to guess its type, frame it or run what is in it, and caches to keep it, unless
// next says otherwise.
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

// authenticate returns the identity of the client, which names it in limits and nowhere else.
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

// refuse answers without a look at the body, and ends connections on which nobody has ever
// authenticated: each guess costs its maker a new one. With client certificates it ends all, for a
// new certificate needs a new connection.
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

// harden sets what responses have in common; handlers may change it.
func harden(h http.Header) {
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = noContent
	h["Referrer-Policy"] = noReferrer
	h["X-Content-Type-Options"] = noSniff
	h["X-Frame-Options"] = deny
}

// Shared by all responses; nobody appends to a header that is set already.
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
	_, _ = io.WriteString(w, text) // who has gone does not read it
}
