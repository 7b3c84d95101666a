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
	// DefaultRate is how many requests each identity may make per second, unless [WithRateLimit]
	// sets another number: scrapers come every few seconds.
	DefaultRate = 20

	// DefaultBurst is how many requests of an identity may come at once, unless [WithRateLimit]
	// sets another number.
	DefaultBurst = 40

	// DefaultConcurrency is how many requests of an identity are served at the same time, unless
	// [WithConcurrency] sets another number.
	DefaultConcurrency = 8

	// DefaultStrangers is how many connections may be open on which nobody has authenticated yet,
	// unless [WithConnections] sets another number.
	DefaultStrangers = 256

	// DefaultKnown is how many connections may be open on which somebody has authenticated, unless
	// [WithConnections] sets another number.
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
	emptyList  bool // WithBearerTokens() of nothing

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
	log         func() *slog.Logger // as it is when there is something to log
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

// WithBearerTokens lets in who sends one of the tokens as "Authorization: Bearer …". Several of
// them make a rotation: add the new one, change the scrapers, remove the old one. Each is an
// identity with limits of its own. A token is of visible ASCII characters; [New] refuses others,
// and a call without any. Default: none. It adds up if it is given more than once.
func WithBearerTokens(tokens ...string) Option {
	tokens = slices.Clone(tokens)
	return optionFunc(func(c *config) {
		c.emptyList = c.emptyList || len(tokens) == 0
		c.tokens = append(c.tokens, tokens...)
	})
}

// WithBearerTokenFile is [WithBearerTokens] with the tokens of a file, separated by commas, spaces
// or lines. It is read again when it changes, which is noticed within a second; a change that
// leaves no usable token is logged and ignored. Default: none. It adds up if it is given more than
// once.
func WithBearerTokenFile(path string) Option {
	return optionFunc(func(c *config) { c.tokenFiles = append(c.tokenFiles, path) })
}

// WithUser lets in who sends this name and password by HTTP basic authentication. Each user is an
// identity with limits of its own. [New] refuses an empty name or password, and names with a colon.
// Default: none. It adds up; a name may come more than once, with passwords that are all valid.
func WithUser(name, password string) Option {
	return optionFunc(func(c *config) { c.users = append(c.users, user{name: name, password: password}) })
}

// WithUserFile is [WithUser] with the password in a file, without the line break at its end. It is
// read again when it changes, as in [WithBearerTokenFile]. Default: none. It adds up.
func WithUserFile(name, passwordFile string) Option {
	return optionFunc(func(c *config) {
		c.users = append(c.users, user{name: name, file: passwordFile, fromFile: true})
	})
}

// WithCertificate serves TLS with the certificate (and its chain) and the key of two files in PEM.
// They are read again when they change, which is noticed within a second; while they do not belong
// together, or cannot be read, the ones before are served, and the problem is logged once. Default:
// no TLS.
func WithCertificate(certFile, keyFile string) Option {
	return optionFunc(func(c *config) { c.cert, c.key, c.hasPair = certFile, keyFile, true })
}

// WithTLSConfig serves TLS by a configuration, for certificates that do not come from files, or
// for its versions and ciphers. Less than TLS 1.2 is raised to it, and session tickets are off:
// scrapers keep their connections, and resumption skips checks. Client certificates are the affair
// of [WithClientCertificates]; [New] refuses a configuration that has its own, or GetConfigForClient,
// which would bypass the guard. [WithCertificate] beats its certificates. Default and nil: none.
func WithTLSConfig(t *tls.Config) Option {
	return optionFunc(func(c *config) { c.tls = t.Clone() })
}

// WithClientCertificates lets in who has a certificate for client authentication that is signed by
// an authority of caFile, in PEM, and, if any names are given, is for one of them: as its common
// name, DNS name, URI (such as a SPIFFE ID) or mail address, exactly. The file is read again when
// it changes; a change counts for open connections too. The name is the identity for the limits.
//
// With tokens or users beside it a client needs both, or one with [WithEither]. A server of the
// application's own that has the handler of [Guard.Wrap] must ask for certificates, by
// tls.RequestClientCert at least; it need not verify them. Default: none.
func WithClientCertificates(caFile string, names ...string) Option {
	names = slices.Clone(names)
	return optionFunc(func(c *config) { c.clientCA, c.clientNames, c.hasClientCA = caFile, names, true })
}

// WithEither lets a client in that has a certificate or else a token or password. Default: where
// both are configured, both are needed.
func WithEither() Option { return optionFunc(func(c *config) { c.either = true }) }

// WithRateLimit sets how many requests per second an identity may make on average, and how many at
// once; more get the status 429. An identity is a token, a user or the name of a certificate;
// without authentication, a remote address. Default, and zero or less: [DefaultRate] and
// [DefaultBurst].
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

// WithoutRateLimit lets an identity make any number of requests. Default: see [WithRateLimit].
func WithoutRateLimit() Option { return optionFunc(func(c *config) { c.rate = rate.Inf }) }

// WithConcurrency sets how many requests of an identity are served at the same time; more get the
// status 503. It should be well below that of sliprom.WithConcurrentScrapes, which all identities
// share. Default, and zero or less: [DefaultConcurrency].
func WithConcurrency(n int) Option {
	return optionFunc(func(c *config) { c.concurrency = positive(n, DefaultConcurrency) })
}

// WithConnections sets how many connections a server of [Guard.Protect] keeps open, apart for those
// on which nobody has authenticated yet and for the others. One more closes another one: of
// strangers the oldest of the address that has most, of the others the one unused for the longest
// time of the identity that has most. Default, and zero or less: [DefaultStrangers] and
// [DefaultKnown].
func WithConnections(strangers, known int) Option {
	return optionFunc(func(c *config) {
		c.strangers, c.known = positive(strangers, DefaultStrangers), positive(known, DefaultKnown)
	})
}

// WithLogger sets the logger for refusals and for files that cannot be used. Refusals are counted
// and logged once a minute. Default and nil: [slog.Default], as it is when there is something to
// log.
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c *config) {
		c.log = slog.Default
		if l != nil {
			c.log = func() *slog.Logger { return l }
		}
	})
}

// validate returns what is wrong without a look at any file.
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
