package slihttp

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Mux is an [http.ServeMux] that counts its requests into an SLI, by route. The series of a route
// exist, at 0, from its registration. Create it with [NewMux].
//
// It has the methods of ServeMux, with the same signatures, patterns, panics and concurrency
// guarantees: handlers may be registered while it serves.
type Mux struct {
	core *muxCore
	cfg  routeConfig // of routes registered through this Mux
}

// muxCore is shared by a Mux and those that its With returns.
type muxCore struct {
	rec      *Recorder
	inner    http.ServeMux
	counted  http.Handler
	excludes atomic.Bool // some route is excluded
}

// NewMux returns a mux without routes. It returns the errors of [New].
func NewMux(options ...Option) (*Mux, error) {
	rec, err := New(options...)
	if err != nil {
		return nil, err
	}
	core := &muxCore{rec: rec}
	core.counted = rec.otel.around(&measured{rec: rec, rt: rec.unmatched, next: http.HandlerFunc(core.dispatch)})
	return &Mux{core: core}, nil
}

// With returns the same mux with options for the routes registered through it:
//
//	mux.With(slihttp.RouteThreshold(2*time.Second)).HandleFunc("GET /report", report)
func (m *Mux) With(options ...RouteOption) *Mux {
	return &Mux{core: m.core, cfg: m.cfg.with(options)}
}

// SLI returns the SLI that the requests are counted into.
func (m *Mux) SLI() *otelsli.SLI[Labels] { return m.core.rec.sli }

// Handle registers the handler for the pattern and declares its series. Like
// [http.ServeMux.Handle], it panics if the pattern is invalid or conflicts with a registered one. A
// route that cannot be a label, see [Recorder.Declare], is reported to
// [go.opentelemetry.io/otel.Handle] and served anyway.
func (m *Mux) Handle(pattern string, handler http.Handler) {
	if f, isFunc := handler.(http.HandlerFunc); handler == nil || isFunc && f == nil {
		m.core.inner.Handle(pattern, handler) // for its panic
	}
	h := &routeHandler{route: m.core.rec.newRoute(pattern, m.cfg), next: handler}
	if h.route.excluded {
		m.core.excludes.Store(true)
	}
	m.core.inner.Handle(pattern, h) // before the declaration, because it may panic
	h.declare.Do(h.route.declare)
}

// HandleFunc registers the handler function for the pattern, as [Mux.Handle] does.
func (m *Mux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(handler))
}

// Handler returns the handler and the pattern for a request, like [http.ServeMux.Handler]. The
// handler is the one that was registered; a request that it serves directly is not counted.
func (m *Mux) Handler(r *http.Request) (h http.Handler, pattern string) {
	h, pattern = m.core.inner.Handler(r)
	if registered, ok := h.(*routeHandler); ok {
		h = registered.next
	}
	return h, pattern
}

// ServeHTTP dispatches the request to the handler of its route and counts it.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch x := find(w, m.core.rec.sli); {
	case x != nil:
		x.excluded = x.excluded || m.core.rec.excludes(r)
		x.rename(m.core.rec.unmatched)
		m.core.dispatch(w, r)
	case m.core.rec.excludes(r), m.core.excludesRoute(r):
		m.core.inner.ServeHTTP(w, r)
	default:
		m.core.counted.ServeHTTP(w, r)
	}
}

// excludesRoute reports whether the request is to bypass otelhttp, which surrounds the dispatch.
// Without otelhttp, this need not be known before the dispatch.
func (c *muxCore) excludesRoute(r *http.Request) bool {
	if c.rec.otel == nil || !c.excludes.Load() {
		return false
	}
	h, _ := c.inner.Handler(r)
	registered, ok := h.(*routeHandler)
	return ok && registered.route.excluded
}

// dispatch serves a request that is counted, here or further out.
func (c *muxCore) dispatch(w http.ResponseWriter, r *http.Request) {
	c.inner.ServeHTTP(w, r)
	if r.Pattern == "" {
		return
	}
	// ServeMux redirects to a clean path by itself, under the pattern of the route that the path
	// leads to.
	if x := find(w, c.rec.sli); x != nil && x.route == c.rec.unmatched {
		if rt := c.rec.lookup(splitPattern(r.Pattern)); rt != nil {
			x.route = rt
		}
	}
}

// A routeHandler is what the ServeMux holds for a route: it records which route served the request.
type routeHandler struct {
	route   *route
	declare sync.Once // of the route: by its registration, or by a request that comes earlier
	next    http.Handler
}

func (h *routeHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.declare.Do(h.route.declare) // a series created by a request would have the spec's threshold
	if x := find(w, h.route.rec.sli); x != nil {
		x.route = h.route
		x.timed = x.timed || h.route.timesFirstByte()
		if h.route.excluded {
			x.excluded = true
			w = bypass(w)
		}
	}
	h.next.ServeHTTP(w, r)
}

// bypass removes the outermost wrapper if it is ours.
func bypass(w http.ResponseWriter) http.ResponseWriter {
	if ours, ok := w.(interface{ asRequest() *request }); ok {
		return ours.asRequest().ResponseWriter
	}
	return w
}
