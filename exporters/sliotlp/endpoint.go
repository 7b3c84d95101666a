package sliotlp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const metricsPath = "/v1/metrics"

// target returns the URL that metrics are sent to. If it is wrong, want says what would be right.
func (c config) target() (field, value string, u *url.URL, want string) {
	field, value = "WithEndpoint", c.defaultEndpoint()
	switch {
	case c.metricsEndpoint != nil:
		field, value = "WithMetricsEndpoint", *c.metricsEndpoint
	case c.endpoint != nil:
		value = *c.endpoint
	}
	u, want = c.parseEndpoint(value)
	if want != "" {
		return field, value, nil, want
	}
	if c.protocol == HTTPProtobuf {
		u.Path, want = c.path(u.Path)
	}
	return field, value, u, want
}

func (c config) defaultEndpoint() string {
	if c.protocol == GRPC {
		return DefaultGRPCEndpoint
	}
	return DefaultHTTPEndpoint
}

// path returns the path for metrics, from that of the endpoint.
func (c config) path(path string) (metrics, want string) {
	if c.metricsEndpoint != nil {
		return "/" + strings.TrimPrefix(path, "/"), ""
	}
	path = strings.TrimRight(path, "/")
	for _, other := range []string{"/v1/traces", "/v1/logs"} {
		if strings.HasSuffix(path, other) {
			return "", "the base URL of all signals, without " + other
		}
	}
	return strings.TrimSuffix(path, metricsPath) + metricsPath, ""
}

// parseEndpoint parses a URL. It rejects parts that are never sent, and so would be ignored, and
// anything that would fail at every export.
func (c config) parseEndpoint(text string) (u *url.URL, want string) {
	if !strings.Contains(text, "://") {
		return nil, c.wantScheme(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, "a URL such as " + c.defaultEndpoint() + causeOf(err, text)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		want = "the scheme http or https"
	case u.User != nil:
		want = "no user and password in the URL, but WithHeaders with Authorization"
	case u.Hostname() == "":
		want = "a host, such as in " + c.defaultEndpoint()
	case !validPort(u):
		want = "a port from 1 to 65535"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#"):
		want = "no query and no fragment, for they are not sent"
	case u.RawPath != "":
		want = "a path as it is sent, which is " + (&url.URL{Path: u.Path}).EscapedPath()
	case c.protocol == GRPC:
		want = wantGRPC(u)
	}
	return u, want
}

// wantScheme returns text with a scheme, if that makes it a URL.
func (c config) wantScheme(text string) string {
	example := c.defaultEndpoint()
	if u, err := url.Parse("http://" + text); err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		example = u.String()
	}
	return fmt.Sprintf("%s, or https:// where it has TLS", example)
}

// wantGRPC checks what is specific to gRPC.
func wantGRPC(u *url.URL) string {
	switch {
	case strings.HasPrefix(u.Hostname(), "otlp-gateway-") && strings.HasSuffix(u.Hostname(), ".grafana.net"):
		return "WithProtocol(HTTPProtobuf) and https://" + u.Hostname() + "/otlp, for the gateway of Grafana Cloud does not take gRPC"
	case u.Path != "" && u.Path != "/":
		return "no path, for gRPC has none; a receiver with a path takes http/protobuf"
	case u.Port() == "" && u.Scheme == "http":
		return "a port, such as in http://" + u.Host + ":4317"
	}
	return ""
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n > 0 && n <= 65535
}

// causeOf says why text is not a URL, unless that might reveal a password.
func causeOf(err error, text string) string {
	if strings.Contains(text, "@") {
		return ""
	}
	if inner := errors.Unwrap(err); inner != nil {
		return ": " + inner.Error()
	}
	return ""
}

// masked returns a URL without its possible secrets: user and password, query and fragment.
func masked(text string) string {
	if i := strings.LastIndex(text, "@"); i >= 0 {
		scheme := ""
		if before, _, ok := strings.Cut(text[:i], "://"); ok && !strings.ContainsAny(before, "@?#") {
			scheme = before + "://"
		}
		text = scheme + "xxxxx" + text[i:]
	}
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i+1] + "xxxxx"
	}
	return fmt.Sprintf("%.120q", text)
}
