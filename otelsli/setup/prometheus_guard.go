package setup

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli"
)

const guardPrefix = "OTELSLI_PROMETHEUS_"

// guardVariables are the variables of the guard, for docs/setup.md.
var guardVariables = []variable{
	{name: guardPrefix + "BEARER_TOKEN", text: "tokens, separated by commas; each of them lets a scraper in"},
	{name: guardPrefix + "BEARER_TOKEN_FILE", text: "file of tokens, instead; followed when it changes"},
	{name: guardPrefix + "USERNAME", text: "name for basic authentication"},
	{name: guardPrefix + "PASSWORD", text: "its password"},
	{name: guardPrefix + "PASSWORD_FILE", text: "file with the password, instead; followed when it changes"},
	{name: guardPrefix + "CERTIFICATE", text: "file in PEM: the certificate of the endpoint, and its chain; followed when it changes"},
	{name: guardPrefix + "KEY", text: "file in PEM: the key of that certificate"},
	{name: guardPrefix + "CLIENT_CERTIFICATE_AUTHORITY", text: "file in PEM: who signs the certificates of scrapers, which then need one; followed when it changes"},
	{name: guardPrefix + "CLIENT_NAMES", unset: "all", text: "a list of names that these certificates may be for"},
	{name: guardPrefix + "RATE_LIMIT", unset: strconv.Itoa(guard.DefaultRate), text: "requests per second of each scraper"},
	{name: guardPrefix + "RATE_BURST", unset: strconv.Itoa(guard.DefaultBurst), text: "requests of a scraper at once"},
	{name: guardPrefix + "CONCURRENCY", unset: strconv.Itoa(guard.DefaultConcurrency), text: "requests of a scraper that are served at the same time"},
}

// publicPaths need no authentication, because an orchestrator's probes have none.
var publicPaths = []string{sliprom.HealthPath, sliprom.ReadyPath}

// guarding is the part of a config that says who may scrape.
type guarding struct {
	guards  []guard.Option
	guarded bool // WithPrometheusGuard was given, if only to allow everyone
}

// WithPrometheusGuard sets who may fetch metrics from the endpoint of [WithPrometheus] and from
// [Telemetry.Handler], how often, and over which TLS: see [guard.New]. /healthz and /readyz of the
// endpoint stay open to everyone. The OTELSLI_PROMETHEUS_* variables are applied before the
// options; options that can be repeated, such as tokens, add up, also over several calls. With
// [WithPrometheusHandler], a certificate for the endpoint is an error, because the server is the
// application's. Default: what the variables say, otherwise everyone may scrape, and a warning is
// logged if the endpoint can be reached from other machines. WithPrometheusGuard without options
// states that this is intended.
func WithPrometheusGuard(options ...guard.Option) Option {
	options = slices.Clone(options)
	return optionFunc(func(cfg *config) {
		cfg.guards, cfg.guarded = append(cfg.guards, options...), true
	})
}

// resolveGuard creates the guard, or leaves it nil if nothing asks for one.
func (s *prometheusSpec) resolveGuard(cfg *config) (err error) {
	e := guardEnvironment{env: &cfg.env, origins: make(map[string]string)}
	e.read()
	if len(e.options) == 0 && !cfg.guarded || len(cfg.env.problems) > 0 {
		return nil // if there are problems, Start fails with them
	}
	options := append([]guard.Option{guard.WithLogger(cfg.logger)}, e.options...)
	s.guard, err = guard.New(append(options, cfg.guards...)...)
	if err != nil {
		return e.explain(err)
	}
	if !s.listen && s.guard.TLSConfig() != nil {
		return e.explain(&otelsli.FieldError{
			Field: "guard: WithCertificate", Value: "set",
			Want: "WithPrometheus: the server of WithPrometheusHandler is the application's, and so is its TLS",
		})
	}
	return nil
}

// guardEnvironment turns the variables of the guard into options.
type guardEnvironment struct {
	env     *environment
	options []guard.Option
	origins map[string]string // option → variable that it came from
}

func (e *guardEnvironment) read() {
	e.readTokens()
	e.readUser()
	e.readTLS()
	e.readLimits()
}

func (e *guardEnvironment) add(option, variable string, o guard.Option) {
	e.options = append(e.options, o)
	e.origins[option] = variable
}

func (e *guardEnvironment) text(variable string) (value, name string) {
	return e.env.text(guardPrefix + variable)
}

// either returns a secret or the file that holds it.
func (e *guardEnvironment) either(variable string) (value, file string) {
	value, name := e.text(variable)
	file, fileName := e.text(variable + "_FILE")
	if value != "" && file != "" {
		e.env.wrong(fileName, file, "either this or %s, not both", name)
	}
	return value, file
}

func (e *guardEnvironment) readTokens() {
	value, file := e.either("BEARER_TOKEN")
	if value != "" {
		e.add("WithBearerTokens", guardPrefix+"BEARER_TOKEN", guard.WithBearerTokens(split(value)...))
	}
	if file != "" {
		e.add("WithBearerTokenFile", guardPrefix+"BEARER_TOKEN_FILE", guard.WithBearerTokenFile(file))
	}
}

func (e *guardEnvironment) readUser() {
	name, nameVariable := e.text("USERNAME")
	password, file := e.either("PASSWORD")
	switch {
	case name == "" && password+file == "":
	case name == "":
		e.env.wrong(guardPrefix+"USERNAME", "", "a name, for there is a password")
	case password+file == "":
		e.env.wrong(nameVariable, name, "%sPASSWORD or %sPASSWORD_FILE too", guardPrefix, guardPrefix)
	case file != "":
		e.add("WithUserFile", guardPrefix+"PASSWORD_FILE", guard.WithUserFile(name, file))
	default:
		e.add("WithUser", guardPrefix+"USERNAME and "+guardPrefix+"PASSWORD", guard.WithUser(name, password))
	}
}

func (e *guardEnvironment) readTLS() {
	cert, certName := e.text("CERTIFICATE")
	key, keyName := e.text("KEY")
	switch {
	case cert != "" && key != "":
		e.add("WithCertificate", certName+" and "+keyName, guard.WithCertificate(cert, key))
	case cert != "":
		e.env.wrong(certName, cert, "%sKEY too", guardPrefix)
	case key != "":
		e.env.wrong(keyName, key, "%sCERTIFICATE too", guardPrefix)
	}
	authority, name := e.text("CLIENT_CERTIFICATE_AUTHORITY")
	names, namesName := e.text("CLIENT_NAMES")
	switch {
	case names != "" && len(split(names)) == 0: // "nobody" must not become "everybody"
		e.env.wrong(namesName, names, "a list of names")
	case authority != "":
		e.add("WithClientCertificates", name, guard.WithClientCertificates(authority, split(names)...))
	case names != "":
		e.env.wrong(namesName, names, "%sCLIENT_CERTIFICATE_AUTHORITY too", guardPrefix)
	}
}

func (e *guardEnvironment) readLimits() {
	var perSecond float64
	e.env.parse(func(text string) (err error) {
		if perSecond, err = strconv.ParseFloat(text, 64); err != nil || !(perSecond > 0 && perSecond <= 1e6) {
			return fmt.Errorf("%q: want a number of requests per second, such as 10", text)
		}
		return nil
	}, guardPrefix+"RATE_LIMIT")
	burst := e.count("RATE_BURST")
	if perSecond > 0 || burst > 0 {
		e.add("WithRateLimit", guardPrefix+"RATE_LIMIT", guard.WithRateLimit(perSecond, burst))
	}
	if n := e.count("CONCURRENCY"); n > 0 {
		e.add("WithConcurrency", guardPrefix+"CONCURRENCY", guard.WithConcurrency(n))
	}
}

// count returns a positive number, or 0 if the variable is not set.
func (e *guardEnvironment) count(variable string) (n int) {
	e.env.parse(func(text string) (err error) {
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > 1e6 {
			n = 0
			return fmt.Errorf("%q: want a whole number from 1 to 1000000", text)
		}
		return nil
	}, guardPrefix+variable)
	return n
}

// explain names the variables in errors that name an option. The option may also come from code.
func (e *guardEnvironment) explain(err error) error {
	return explainFields(err, func(field *otelsli.FieldError) *otelsli.FieldError {
		variable, ok := e.origins[optionName.FindString(field.Field)]
		if !ok {
			return nil
		}
		return &otelsli.FieldError{
			Field: "variable " + variable + " or WithPrometheusGuard: " + strings.TrimPrefix(field.Field, "guard: "),
			Value: field.Value, Want: field.Want,
		}
	})
}

// isLoopback reports whether an address is known to be reachable from this machine only.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
