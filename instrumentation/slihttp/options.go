package slihttp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelsli/otelsli-go/otelsli"
)

// An Option configures a [Recorder] or a [Mux].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	spec       otelsli.Spec
	catalog    *otelsli.Catalog
	methods    []string
	prefix     string
	classifier Classifier
	streaming  func(http.Header) bool
	exclude    func(*http.Request) bool
	route      func(*http.Request) string
	otelhttp   bool
	server     string
	otel       []otelhttp.Option
}

func newConfig(options []Option) config {
	var c config
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	if c.spec.Name == "" {
		c.spec.Name = DefaultName
	}
	if c.spec.Description == "" {
		c.spec.Description = "An HTTP request is served."
	}
	if len(c.methods) == 0 {
		c.methods = defaultMethods
	}
	if c.catalog == nil {
		c.catalog = otelsli.Default()
	}
	return c
}

// WithSpec declares the SLI with its threshold and objective. Default: [DefaultName], without an
// objective and without a threshold, so latency is not judged. An empty Name or Description means
// the default one.
//
// Recorders of one catalog with the same spec share one SLI; a different spec of the same name is
// an error.
func WithSpec(s otelsli.Spec) Option {
	return optionFunc(func(c *config) { c.spec = s })
}

// WithCatalog declares the SLI in catalog. Default and nil: [otelsli.Default].
func WithCatalog(catalog *otelsli.Catalog) Option {
	return optionFunc(func(c *config) { c.catalog = catalog })
}

// WithMethods sets the methods that are counted separately on a route that accepts any method; all
// others are counted as [OtherMethod]. Each such route has one series for each of them and one for
// OtherMethod, all at 0 from the start, so keep the list short. Default and none: GET, HEAD, POST,
// PUT, PATCH and DELETE, which makes seven series. A route with a method in its pattern has one
// series.
func WithMethods(methods ...string) Option {
	return optionFunc(func(c *config) { c.methods = slices.Compact(slices.Sorted(slices.Values(methods))) })
}

// WithRoutePrefix puts prefix, such as "/api", in front of the path in every route label. It is for
// a mux behind [http.StripPrefix], whose patterns lack it. Default and "": none.
func WithRoutePrefix(prefix string) Option {
	return optionFunc(func(c *config) { c.prefix = strings.TrimSuffix(prefix, "/") })
}

// WithClassifier makes f decide the outcome of each request. Default and nil: [Classify].
func WithClassifier(f Classifier) Option {
	return optionFunc(func(c *config) { c.classifier = f })
}

// WithStreaming judges a response by its time to first byte if f reports that its header is that of
// a stream; [EventStream] is such an f. f is called after the handler, and only if the response has
// begun. Default and nil: only routes with [RouteStreaming] are streams.
func WithStreaming(f func(http.Header) bool) Option {
	return optionFunc(func(c *config) { c.streaming = f })
}

// EventStream reports whether h is the header of server-sent events, for [WithStreaming].
func EventStream(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/event-stream")
}

// WithExclude excludes the requests for which f returns true, such as health checks: they go to the
// handler as if there were no instrumentation at all, otelhttp included. Default and nil: none.
// [RouteExcluded] excludes by route.
func WithExclude(f func(*http.Request) bool) Option {
	return optionFunc(func(c *config) { c.exclude = f })
}

// WithRoute makes [Recorder.Middleware] call f for the route of a request after it has been
// handled, for routers that do not set the Pattern of the [http.Request]. f returns a pattern of
// the router, with or without a method, never a path; "" means [Unmatched]. Default and nil: the
// Pattern. A [Mux] knows its routes and does not call f.
func WithRoute(f func(*http.Request) string) Option {
	return optionFunc(func(c *config) { c.route = f })
}

// WithOTelHTTP adds the spans and the standard http.server.* metrics of
// [go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp], around the same requests. They
// have the same route as the SLI. Unlike with otelhttp alone, the metrics include requests whose
// handler panicked, as 500 unless another status was sent.
//
// serverName is the server.address of all of them, with ":port" for server.port; "" is the host
// name of the machine. The Host header, which any client can forge into any number of time series,
// is used for neither; the option [otelhttp.WithServerName] has no effect.
//
// Default: without otelhttp.
func WithOTelHTTP(serverName string, options ...otelhttp.Option) Option {
	return optionFunc(func(c *config) {
		c.otelhttp, c.server, c.otel = true, serverName, slices.Clone(options)
	})
}

// A RouteOption configures routes: see [Mux.With] and [Recorder.Declare].
type RouteOption interface{ applyRoute(*routeConfig) }

type routeOptionFunc func(*routeConfig)

func (f routeOptionFunc) applyRoute(c *routeConfig) { f(c) }

type routeConfig struct {
	threshold  time.Duration
	classifier Classifier
	streaming  bool
	excluded   bool
}

// with returns c with the options applied.
func (c routeConfig) with(options []RouteOption) routeConfig {
	for _, o := range options {
		if o != nil {
			o.applyRoute(&c)
		}
	}
	return c
}

// RouteThreshold sets the longest satisfactory latency. Default and 0: the threshold of the spec.
// Less than 0: latency is not judged.
func RouteThreshold(d time.Duration) RouteOption {
	return routeOptionFunc(func(c *routeConfig) { c.threshold = d })
}

// RouteClassifier makes f decide the outcome. Default and nil: the classifier of [WithClassifier].
func RouteClassifier(f Classifier) RouteOption {
	return routeOptionFunc(func(c *routeConfig) { c.classifier = f })
}

// RouteStreaming judges every response of the route by its time to first byte. Default: the running
// time of the handler, unless [WithStreaming] detects a stream.
func RouteStreaming() RouteOption {
	return routeOptionFunc(func(c *routeConfig) { c.streaming = true })
}

// RouteExcluded excludes the route, as [WithExclude] does: it has no series. [Recorder.Middleware]
// learns the route only after the handler has run, so there the request is not counted but otelhttp
// still sees it. Default: every route is counted.
func RouteExcluded() RouteOption {
	return routeOptionFunc(func(c *routeConfig) { c.excluded = true })
}
