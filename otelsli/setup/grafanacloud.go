package setup

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
)

// WithGrafanaCloud adds the pipeline "grafana-cloud", which pushes to the OTLP gateway of Grafana
// Cloud, over HTTP and compressed.
//
// endpoint is the one on the stack's OpenTelemetry page, such as
// "https://otlp-gateway-prod-eu-west-0.grafana.net/otlp", or just its zone, such as
// "prod-eu-west-0". instanceID is the number of the stack. token belongs to an access policy with
// the scope metrics:write. Further options, such as [sliotlp.WithTLSConfig] behind a proxy that
// terminates TLS, take precedence over these arguments. The OTEL_EXPORTER_OTLP_* variables are
// ignored, because they describe another receiver. Start reports everything that is wrong, never
// with the token. Further calls add the pipelines "grafana-cloud-2" and so on.
//
// Default: none. Variables can do the same, see docs/grafana-cloud.md.
func WithGrafanaCloud(endpoint, instanceID, token string, options ...sliotlp.Option) Option {
	g := &grafanaCloud{endpoint: strings.TrimSpace(endpoint), instanceID: strings.TrimSpace(instanceID), token: strings.TrimSpace(token)}
	return optionFunc(func(cfg *config) {
		cfg.add(&otlpSpec{kind: "grafana-cloud", grafana: g, options: options})
	})
}

type grafanaCloud struct{ endpoint, instanceID, token string }

func (s *otlpSpec) resolveGrafanaCloud(env *environment) error {
	g := s.grafana
	env.addSecret(g.token)
	env.addSecret(g.credentials())
	if g.swapped() {
		env.addSecret(g.endpoint)
	}
	s.target = maskURL(g.url()) + metricsPath + " over HTTP"
	if err := g.check(); err != nil {
		return err
	}
	s.options = append([]sliotlp.Option{
		sliotlp.WithProtocol(sliotlp.HTTPProtobuf),
		sliotlp.WithMetricsEndpoint(g.url() + metricsPath),
		sliotlp.WithHeaders(map[string]string{"Authorization": "Basic " + g.credentials()}),
		sliotlp.WithCompression(sliotlp.Gzip),
	}, s.options...)
	if err := sliotlp.Validate(s.options...); err != nil {
		return fmt.Errorf("setup: WithGrafanaCloud: %w", err)
	}
	return nil
}

var grafanaZone = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// url returns the base URL, without a trailing slash.
func (g *grafanaCloud) url() string {
	if grafanaZone.MatchString(g.endpoint) {
		return "https://otlp-gateway-" + g.endpoint + ".grafana.net/otlp"
	}
	return strings.TrimRight(g.endpoint, "/")
}

func (g *grafanaCloud) credentials() string {
	return base64.StdEncoding.EncodeToString([]byte(g.instanceID + ":" + g.token))
}

func (g *grafanaCloud) check() error {
	var errs []error
	wrong := func(field, value, want string) {
		errs = append(errs, &otelsli.FieldError{Field: "WithGrafanaCloud: " + field, Value: value, Want: want})
	}
	if want := g.wantEndpoint(); want != "" {
		value := strconv.Quote(maskURL(g.endpoint))
		if g.swapped() {
			value = notShown
		}
		wrong("endpoint", value, want)
	}
	if want := wantInstance(g.instanceID); want != "" {
		value := notShown // it might be the token
		if g.instanceID == "" {
			value = `""`
		}
		wrong("instanceID", value, want)
	}
	if g.token == "" {
		wrong("token", `""`, "a token of an access policy with the scope metrics:write")
	}
	return errors.Join(errs...)
}

// notShown replaces a value that is, or might be, a secret.
const notShown = "text that is not shown"

// swapped reports whether the endpoint is a token, going by the prefix of access policy tokens.
func (g *grafanaCloud) swapped() bool { return strings.HasPrefix(g.endpoint, "glc_") }

func (g *grafanaCloud) wantEndpoint() string {
	u, err := url.Parse(g.url())
	switch {
	case err != nil || u.Host == "":
		return `the zone of the stack, such as "prod-eu-west-0", or the URL of its OTLP gateway`
	case isGrafanaGateway(u):
		return wantGateway(u, false)
	case u.Scheme != "https":
		return "https, for a token is sent"
	case strings.HasSuffix(u.Path, metricsPath):
		return "the URL without " + metricsPath + ", which is appended"
	}
	return ""
}

func wantInstance(id string) string {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return "the instance ID of the stack, a number such as 123456"
	}
	return ""
}

func isGrafanaGateway(u *url.URL) bool {
	return strings.HasPrefix(u.Hostname(), "otlp-gateway-") && strings.HasSuffix(u.Hostname(), ".grafana.net")
}

// wantGateway returns what a URL of the gateway should be, or "" if it is right. The URL for
// metrics alone includes their path; the one for all signals must not.
func wantGateway(u *url.URL, metricsAlone bool) string {
	path, why := "/otlp", ""
	switch {
	case metricsAlone:
		path, why = "/otlp"+metricsPath, ", for this variable is used as it is"
	case strings.HasSuffix(u.Path, metricsPath):
		why = ", to which " + metricsPath + " is appended"
	}
	switch {
	case u.Scheme != "https":
		why = ", for Grafana Cloud takes https alone"
	case strings.TrimRight(u.Path, "/") == path:
		return ""
	}
	return "https://" + u.Host + path + why
}

// checkGrafanaCloud checks what the variables say about the gateway of Grafana Cloud, which rejects
// some of what other receivers accept.
func (e *otlpEnvironment) checkGrafanaCloud() {
	u, err := url.Parse(e.endpoint)
	if err != nil || !isGrafanaGateway(u) {
		return
	}
	want := wantGateway(u, strings.HasPrefix(e.endpointFrom, metricsPrefix))
	if want != "" && e.protocol != sliotlp.GRPC { // gRPC is rejected in any case
		e.env.wrong(e.endpointFrom, maskURL(e.endpoint), "%s", want)
	}
	if e.decided["WithHeaders"] {
		return
	}
	from := e.origins["WithHeaders"]
	value := ""
	for name, v := range e.headers {
		if strings.EqualFold(name, "authorization") {
			value = v
		}
	}
	if want = wantBasic(value); want == "" {
		return
	}
	if from == "" {
		from = otlpPrefix + "HEADERS"
	}
	field := &otelsli.FieldError{Field: "variable " + from + ": authorization", Value: notShown, Want: want}
	if value == "" {
		field.Value = "missing"
	}
	e.env.problem(field)
}

const wantCredentials = "Basic and the base64 of instanceID:token"

// wantBasic returns what an Authorization header should be, or "" if it is right.
func wantBasic(value string) string {
	scheme, encoded, _ := strings.Cut(value, " ")
	switch strings.ToLower(scheme) {
	case "":
		return wantCredentials + ", for Grafana Cloud takes nobody without"
	case "basic":
	case "bearer":
		return wantCredentials + ": the gateway of Grafana Cloud does not take Bearer"
	default:
		return wantCredentials
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return wantCredentials + ": what follows Basic is not base64"
	}
	id, token, ok := strings.Cut(string(text), ":")
	switch {
	case !ok || token == "":
		return wantCredentials + ": there is no colon with a token behind it"
	case wantInstance(id) != "":
		return wantCredentials + ": what is before the colon is not " + wantInstance(id)
	}
	return ""
}
