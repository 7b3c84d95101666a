package slihttp

import (
	"errors"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel"
)

var errBlankPattern = errors.New("slihttp: a request was answered though no route is known, it counts as unmatched: " +
	"a middleware inside has copied the request, so that its Pattern is not seen, or the router sets none; " +
	"put Recorder.Middleware next to the router or use WithRoute")

// resolve finds the route of a request handled by a router that does not know the Recorder.
func (rec *Recorder) resolve(r *http.Request) *route {
	pattern := r.Pattern
	if rec.cfg.route != nil {
		pattern = rec.cfg.route(r)
	}
	if pattern == "" {
		return rec.unmatched
	}
	key := splitPattern(pattern)
	if rt := rec.find(key, r.Method); rt != nil {
		return rt
	}
	if r.Method == http.MethodConnect {
		return rec.unmatched // ServeMux redirects CONNECT with the path instead of a pattern
	}
	return rec.newRoute(pattern, routeConfig{})
}

// find looks up a declared route by its pattern, which may lack the method it was declared with.
func (rec *Recorder) find(key Labels, method string) *route {
	if key.Method != "" {
		return rec.lookup(key)
	}
	if rt := rec.lookup(Labels{Method: method, Route: key.Route}); rt != nil {
		return rt
	}
	if method == http.MethodHead {
		if rt := rec.lookup(Labels{Method: http.MethodGet, Route: key.Route}); rt != nil {
			return rt
		}
	}
	return rec.lookup(key)
}

func (rec *Recorder) lookup(key Labels) *route { return (*rec.routes.Load())[key] }

// timesFirstByte reports whether some route needs the time to the first byte.
func (rec *Recorder) timesFirstByte() bool {
	return rec.timed.Load() || rec.unmatched.timesFirstByte()
}

// knownMethod maps methods that are not counted separately to OtherMethod.
func (rec *Recorder) knownMethod(method string) string {
	if i := slices.Index(rec.cfg.methods, method); i >= 0 {
		return rec.cfg.methods[i]
	}
	return OtherMethod
}

// reportBlank reports once that a router does not reveal its routes.
func (rec *Recorder) reportBlank(r *http.Request, status int) {
	if r.Pattern == "" && status/100 == 2 && r.Method != http.MethodOptions {
		rec.blank.Do(func() { otel.Handle(errBlankPattern) })
	}
}

// excludes reports whether a request bypasses everything. A user function that panics must not cost
// the request.
func (rec *Recorder) excludes(r *http.Request) (excluded bool) {
	if rec.cfg.exclude == nil {
		return false
	}
	defer func() {
		if p := recover(); p != nil {
			otel.Handle(panicError("WithExclude", p))
			excluded = false
		}
	}()
	return rec.cfg.exclude(r)
}
