package slihttp

import (
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultName is the name of the SLI unless [WithSpec] sets another.
	DefaultName = "http_server"

	// Unmatched is the route of requests that matched no route: the router's 404s and 405s.
	Unmatched = "unmatched"

	// OtherMethod stands for all methods that are not counted separately, as in OpenTelemetry's
	// semantic conventions.
	OtherMethod = "_OTHER"
)

// defaultMethods is the default of [WithMethods].
var defaultMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// Labels are the labels of the SLI. Both come from declarations and routers, never from anything a
// client can choose.
type Labels struct {
	// Method is the method of the pattern; HEAD requests served by a GET pattern count as GET. If
	// the pattern has none, it is the method of the request, bounded by [WithMethods].
	Method string

	// Route is the pattern without its method, such as "/orders/{id}" or "example.com/orders/",
	// or [Unmatched].
	Route string
}

// A route is one pattern of a router.
type route struct {
	rec     *Recorder
	key     Labels // the pattern as the router has it; Method is "" if it accepts any
	labels  Labels // the same with the prefix
	pattern string // the value for http.Request.Pattern
	routeConfig

	// bounds holds the series by method. It is nil until they are declared, and stays nil for an
	// undeclared route.
	bounds atomic.Pointer[map[string]otelsli.Bound]
}

// newRoute creates the route of a pattern in [http.ServeMux] syntax; it has no series yet.
func (rec *Recorder) newRoute(pattern string, cfg routeConfig) *route {
	key := splitPattern(pattern)
	rt := &route{rec: rec, key: key, labels: key, pattern: pattern, routeConfig: cfg}
	if prefix := rec.cfg.prefix; prefix != "" {
		host, path := "", key.Route
		if slash := strings.IndexByte(path, '/'); slash >= 0 {
			host, path = path[:slash], path[slash:]
		}
		rt.labels.Route = host + prefix + path
		rt.pattern = strings.TrimLeft(key.Method+" "+rt.labels.Route, " ")
	}
	if rt.classifier == nil {
		rt.classifier = rec.cfg.classifier
	}
	return rt
}

// declare declares the route of a Mux.
func (rt *route) declare() {
	if err := rt.rec.declare(rt); err != nil {
		otel.Handle(err)
	}
}

// bound returns the series of a request with this method.
func (rt *route) bound(method string) otelsli.Bound {
	if rt.labels.Method != "" {
		method = rt.labels.Method
	}
	if bounds := rt.bounds.Load(); bounds != nil {
		if b, ok := (*bounds)[method]; ok {
			return b
		}
		return (*bounds)[OtherMethod]
	}
	if rt.labels.Method == "" {
		method = rt.rec.knownMethod(method)
	}
	return rt.rec.sli.With(Labels{Method: method, Route: rt.labels.Route})
}

// timesFirstByte reports whether the time to the first byte can affect the outcome: if a response
// may be a stream, or a classifier may look at it.
func (rt *route) timesFirstByte() bool {
	return rt.streaming || rt.classifier != nil || rt.rec.cfg.streaming != nil
}

// combinations lists the labels that the route has series for.
func (rt *route) combinations() []Labels {
	if rt.labels.Method != "" {
		return []Labels{rt.labels}
	}
	all := []Labels{{Method: OtherMethod, Route: rt.labels.Route}}
	for _, m := range rt.rec.cfg.methods {
		all = append(all, Labels{Method: m, Route: rt.labels.Route})
	}
	return all
}

// splitPattern splits the method from a pattern, as [http.ServeMux] does.
func splitPattern(pattern string) Labels {
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		return Labels{Method: pattern[:i], Route: strings.TrimLeft(pattern[i+1:], " \t")}
	}
	return Labels{Route: pattern}
}
