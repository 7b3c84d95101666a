package guard

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"golang.org/x/time/rate"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultRate is how many requests each identity may make per second, unless [WithRateLimit] says
	// otherwise: scrapers come every few seconds.
	DefaultRate = 20

	// DefaultBurst is how many requests of an identity may come at once, unless [WithRateLimit] says
	// otherwise.
	DefaultBurst = 40

	// DefaultConcurrency is how many requests of an identity are served at the same time, unless
	// [WithConcurrency] says otherwise.
	DefaultConcurrency = 8

	// DefaultStrangers is the maximum number of unauthenticated connections, unless [WithConnections]
	// says otherwise.
	DefaultStrangers = 256

	// DefaultKnown is the maximum number of authenticated connections, unless [WithConnections] says
	// otherwise.
	DefaultKnown = 256
)

// An Option configures a [Guard].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type user struct {
	name, password, file string
	fromFile             bool
}

type config struct {
	tokens     []string
	tokenFiles []string
	users      []user
	emptyList  bool // WithBearerTokens without tokens

	tls         *tls.Config
	cert, key   string
	hasPair     bool
	clientCA    string
	clientNames []string
	hasClientCA bool
	either      bool

	rate        rate.Limit
	burst       int
	concurrency int
	strangers   int
	known       int
	log         func() *slog.Logger // called at the time of logging
}

func newConfig(options []Option) config {
	c := config{
		rate: DefaultRate, burst: DefaultBurst, concurrency: DefaultConcurrency,
		strangers: DefaultStrangers, known: DefaultKnown, log: slog.Default,
	}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithBearerTokens admits clients that send one of the tokens as "Authorization: Bearer …". Several
// tokens allow rotation: add the new one, change the scrapers, remove the old one. Each is an
// identity with its own limits. Tokens must be visible ASCII characters; [New] rejects others, and a
// call without tokens. Default: none. Repeated uses accumulate.
func WithBearerTokens(tokens ...string) Option {
	tokens = slices.Clone(tokens)
	return optionFunc(func(c *config) {
		c.emptyList = c.emptyList || len(tokens) == 0
		c.tokens = append(c.tokens, tokens...)
	})
}

// WithBearerTokenFile is [WithBearerTokens] with tokens from a file, separated by commas, spaces or
// line breaks. Changes to the file take effect within a second; one that leaves no usable token is
// logged and ignored. Default: none. Repeated uses accumulate.
func WithBearerTokenFile(path string) Option {
	return optionFunc(func(c *config) { c.tokenFiles = append(c.tokenFiles, path) })
}

// WithUser admits clients that send this name and password with HTTP basic authentication. Each user
// is an identity with its own limits. [New] rejects an empty name or password, and names with a
// colon. Default: none. Repeated uses accumulate; a name may have several passwords, all of which are
// valid.
func WithUser(name, password string) Option {
	return optionFunc(func(c *config) { c.users = append(c.users, user{name: name, password: password}) })
}

// WithUserFile is [WithUser] with the password from a file, without trailing line breaks. Changes to
// the file take effect as in [WithBearerTokenFile]. Default: none. Repeated uses accumulate.
func WithUserFile(name, passwordFile string) Option {
	return optionFunc(func(c *config) {
		c.users = append(c.users, user{name: name, file: passwordFile, fromFile: true})
	})
}

// WithCertificate serves TLS with the certificate (and its chain) and the key from two PEM files.
// Changes to the files take effect within a second; while they do not match or cannot be read, the
// previous ones are served, and the problem is logged once. Default: no TLS.
func WithCertificate(certFile, keyFile string) Option {
	return optionFunc(func(c *config) { c.cert, c.key, c.hasPair = certFile, keyFile, true })
}

// WithTLSConfig serves TLS with a configuration, for certificates that do not come from files, or to
// set versions and ciphers. The minimum version is raised to TLS 1.2, and session tickets are off:
// scrapers keep their connections, and resumption skips checks. Client certificates are configured by
// [WithClientCertificates]; [New] rejects a configuration with its own, or with GetConfigForClient,
// which would bypass the guard. [WithCertificate] overrides its certificates. Default (and nil):
// none.
func WithTLSConfig(t *tls.Config) Option {
	return optionFunc(func(c *config) { c.tls = t.Clone() })
}

// WithClientCertificates admits clients with a certificate for client authentication, signed by an
// authority in caFile (PEM). If names are given, the certificate must be for one of them: its common
// name, a DNS name, URI (such as a SPIFFE ID) or email address, compared exactly. Changes to the file
// take effect while running, on open connections too. The name is the identity for the limits.
//
// If tokens or users are configured too, a client needs both, or either with [WithEither]. An
// application that serves the handler of [Guard.Wrap] itself must request certificates in its TLS
// configuration, with at least tls.RequestClientCert; it need not verify them. Default: none.
func WithClientCertificates(caFile string, names ...string) Option {
	names = slices.Clone(names)
	return optionFunc(func(c *config) { c.clientCA, c.clientNames, c.hasClientCA = caFile, names, true })
}

// WithEither admits a client that has either a certificate or a token or password. Default: if both
// are configured, both are required.
func WithEither() Option { return optionFunc(func(c *config) { c.either = true }) }

// WithRateLimit sets how many requests per second an identity may make on average, and how many at
// once; further requests get the status 429. An identity is a token, a user or the name of a
// certificate; without authentication it is a remote address. Default (also for zero or less):
// [DefaultRate] and [DefaultBurst].
func WithRateLimit(perSecond float64, burst int) Option {
	return optionFunc(func(c *config) {
		c.rate, c.burst = DefaultRate, DefaultBurst
		if perSecond > 0 {
			c.rate = rate.Limit(perSecond)
		}
		if burst > 0 {
			c.burst = burst
		}
	})
}

// WithoutRateLimit allows an identity any number of requests. Default: see [WithRateLimit].
func WithoutRateLimit() Option { return optionFunc(func(c *config) { c.rate = rate.Inf }) }

// WithConcurrency sets how many requests of an identity are served at the same time; further ones get
// the status 503. It should be well below sliprom.WithConcurrentScrapes, which all identities share.
// Default (also for zero or less): [DefaultConcurrency].
func WithConcurrency(n int) Option {
	return optionFunc(func(c *config) { c.concurrency = positive(n, DefaultConcurrency) })
}

// WithConnections sets how many unauthenticated (strangers) and authenticated (known) connections a
// server of [Guard.Protect] keeps open. A further connection closes another one: among strangers, the
// oldest of the address with the most; among the others, the least recently used of the identity with
// the most. Default (also for zero or less): [DefaultStrangers] and [DefaultKnown].
func WithConnections(strangers, known int) Option {
	return optionFunc(func(c *config) {
		c.strangers, c.known = positive(strangers, DefaultStrangers), positive(known, DefaultKnown)
	})
}

// WithLogger sets the logger for refusals and unusable files. Refusals are counted and logged once a
// minute. Default (and nil): [slog.Default] at the time of logging.
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c *config) {
		c.log = slog.Default
		if l != nil {
			c.log = func() *slog.Logger { return l }
		}
	})
}

// validate returns the problems of the options, without reading any file.
func (c config) validate() (errs []error) {
	report := func(option, value, want string) { errs = append(errs, problem(option, value, want)) }
	if c.emptyList {
		report("WithBearerTokens", "empty", "at least one token")
	}
	for i, t := range c.tokens {
		if why := badToken(t); why != "" {
			report(fmt.Sprintf("WithBearerTokens: token %d", i+1), why, visibleText)
		}
	}
	for _, u := range c.users {
		c.validateUser(u, report)
	}
	if c.either && (!c.hasClientCA || len(c.tokens)+len(c.tokenFiles)+len(c.users) == 0) {
		report("WithEither", "set", "WithClientCertificates and a token or user")
	}
	return append(errs, c.validateTLS()...)
}

func (config) validateUser(u user, report func(option, value, want string)) {
	option := "WithUser"
	if u.fromFile {
		option = "WithUserFile"
	}
	if u.name == "" || len(u.name) > maxName || strings.ContainsFunc(u.name, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }) {
		report(option+": name", fmt.Sprintf("%.60q", u.name), "1 to 256 bytes without colons and control characters")
	}
	if why := badPassword(u.password); why != "" && !u.fromFile {
		report(fmt.Sprintf("%s(%.60q): password", option, u.name), why, goodBasic)
	}
}

func (c config) validateTLS() (errs []error) {
	t := c.tls
	if t == nil {
		return nil
	}
	if t.GetConfigForClient != nil {
		errs = append(errs, problem("WithTLSConfig: GetConfigForClient", "set", "nil, for it would bypass the guard"))
	}
	if t.ClientAuth != tls.NoClientCert || t.ClientCAs != nil {
		errs = append(errs, problem("WithTLSConfig: ClientAuth and ClientCAs", "set", "WithClientCertificates instead"))
	}
	if len(t.Certificates) == 0 && t.GetCertificate == nil && !c.hasPair {
		errs = append(errs, problem("WithTLSConfig: Certificates", "empty", "a certificate, there or by WithCertificate"))
	}
	return errs
}

func problem(option, value, want string) error {
	return &otelsli.FieldError{Field: "guard: " + option, Value: value, Want: want}
}

func positive(n, fallback int) int {
	if n <= 0 {
		return fallback
	}
	return n
}
