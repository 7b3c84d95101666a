package setup

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
)

func (e *otlpEnvironment) readEndpoint() {
	if e.inCode("WithEndpoint", append(forMetrics("INSECURE"), forMetrics("ENDPOINT")...)...) {
		return
	}
	insecure, set := e.env.boolean(forMetrics("INSECURE")...)
	text, name := e.env.text(forMetrics("ENDPOINT")...)
	if text == "" {
		return
	}
	if name == oldEndpoint {
		e.impliedGRPC(text)
	}
	if set {
		text = e.withScheme(text, insecure)
	}
	e.endpoint, e.endpointFrom = text, name
	if strings.HasPrefix(name, metricsPrefix) {
		e.add("WithMetricsEndpoint", name, sliotlp.WithMetricsEndpoint(text))
		return
	}
	e.add("WithEndpoint", name, sliotlp.WithEndpoint(text))
}

// impliedGRPC sets the protocol of the system that the alias comes from, which knew no other. An
// endpoint with a path must be HTTP, because gRPC has none.
func (e *otlpEnvironment) impliedGRPC(endpoint string) {
	u, err := url.Parse(endpoint)
	if e.decided["WithProtocol"] || e.origins["WithProtocol"] != "" || err != nil || u.Host == "" || u.Path != "" && u.Path != "/" {
		return
	}
	e.env.decided("variable "+oldEndpoint, sliotlp.GRPC.String(), forMetrics("PROTOCOL")...)
	e.env.note("variable %s implies %sPROTOCOL=grpc, as it did in the system that had it", oldEndpoint, otlpPrefix)
	e.add("WithProtocol", oldEndpoint, e.withProtocol(sliotlp.GRPC))
}

// withScheme adds the scheme that …_INSECURE stands for. By the specification, that applies only to
// gRPC and only if the endpoint has no scheme.
func (e *otlpEnvironment) withScheme(endpoint string, insecure bool) string {
	scheme := "https://"
	if insecure {
		scheme = "http://"
	}
	before, _, has := strings.Cut(endpoint, "://")
	if !has && e.protocol == sliotlp.GRPC {
		return scheme + endpoint
	}
	if has && before+"://" != scheme {
		_, name := e.env.text(forMetrics("INSECURE")...)
		e.env.note("variable %s has no effect: the endpoint has a scheme, %s://, and that decides", name, before)
	}
	return endpoint
}

// targetOfOTLP returns where the metrics go.
func targetOfOTLP(d sliotlp.Description) string {
	if d.Protocol == sliotlp.GRPC {
		return d.Endpoint + " over gRPC"
	}
	return d.Endpoint + " over HTTP"
}

// target returns where the metrics would go if nothing were wrong, as far as the options of
// WithOTLP reveal it.
func (e *otlpEnvironment) target() string {
	switch {
	case e.decided["WithEndpoint"]:
		return "the endpoint of WithOTLP"
	case e.decided["WithProtocol"]:
		return cmp.Or(maskURL(e.endpoint), "localhost") + " over the protocol of WithOTLP"
	}
	if e.protocol == sliotlp.GRPC {
		return maskURL(cmp.Or(e.endpoint, sliotlp.DefaultGRPCEndpoint)) + " over gRPC"
	}
	endpoint := cmp.Or(e.endpoint, sliotlp.DefaultHTTPEndpoint)
	if !strings.HasPrefix(e.endpointFrom, metricsPrefix) {
		endpoint = strings.TrimSuffix(strings.TrimRight(endpoint, "/"), metricsPath) + metricsPath
	}
	return maskURL(endpoint) + " over HTTP"
}

// metricsPath is what the specification appends to the endpoint for all signals.
const metricsPath = "/v1/metrics"
