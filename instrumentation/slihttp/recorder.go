package slihttp

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Recorder counts the requests of a server into one SLI, with any router: see
// [Recorder.Middleware]. [NewMux] combines one with [http.ServeMux]. All methods are safe for
// concurrent use, also while requests are served. A nil *Recorder counts nothing and passes
// requests on.
type Recorder struct {
	cfg        config
	sli        *otelsli.SLI[Labels]
	thresholds *thresholds
	unmatched  *route
	otel       *composition // nil: without otelhttp
	blank      sync.Once    // reports a router that sets no Pattern
	timed      atomic.Bool  // some route needs the time to the first byte

	mu     sync.Mutex                        // serialises writers of routes
	routes atomic.Pointer[map[Labels]*route] // by pattern; replaced as a whole, so reading it takes no lock
}

// New declares the SLI and the series of [Unmatched]. Every problem of the options and of the spec
// is reported, joined, as an [otelsli.FieldError]; on an error nothing is declared.
func New(options ...Option) (*Recorder, error) {
	cfg := newConfig(options)
	rec := &Recorder{cfg: cfg, thresholds: thresholdsOf(cfg.catalog, cfg.spec.Name)}
	rec.routes.Store(&map[Labels]*route{})
	rec.unmatched = &route{rec: rec, labels: Labels{Route: Unmatched}, routeConfig: routeConfig{classifier: cfg.classifier}}
	invalid := cfg.validate()
	if invalid != nil {
		cfg.catalog = otelsli.NewCatalog() // only to find the problems of the spec
	}
	byRoute := rec.thresholds.get
	if !cfg.judgesLatency() {
		byRoute = nil
	}
	sli, err := otelsli.New(cfg.spec, rec.unmatched.combinations(),
		otelsli.WithCatalog(cfg.catalog), otelsli.WithThreshold(byRoute))
	if err := errors.Join(invalid, err); err != nil {
		return nil, err
	}
	rec.sli = sli
	rec.bind(rec.unmatched)
	if cfg.otelhttp {
		rec.otel = newComposition(cfg)
	}
	return rec, nil
}

// validate reports what is wrong with the options.
func (c config) validate() error {
	var errs []error
	for _, m := range c.methods {
		if m == "" || strings.ContainsFunc(m, func(r rune) bool { return r <= ' ' || r > '~' }) {
			errs = append(errs, &otelsli.FieldError{
				Field: "slihttp: WithMethods", Value: fmt.Sprintf("%.40q", m), Want: "methods such as GET",
			})
		}
	}
	if c.prefix != "" && !strings.HasPrefix(c.prefix, "/") {
		errs = append(errs, &otelsli.FieldError{
			Field: "slihttp: WithRoutePrefix", Value: fmt.Sprintf("%.120q", c.prefix), Want: `a path such as "/api"`,
		})
	}
	_, err := serverName(c.server)
	return errors.Join(append(errs, err)...)
}

// judgesLatency reports whether routes may have thresholds.
func (c config) judgesLatency() bool { return c.spec.Kind != otelsli.ErrorRate }

// SLI returns the SLI that the requests are counted into.
func (rec *Recorder) SLI() *otelsli.SLI[Labels] {
	if rec == nil {
		return nil
	}
	return rec.sli
}

// Declare declares a route of the router behind [Recorder.Middleware], so that its series are
// exported at 0 before its first request. pattern is the one that the router reports, preceded by
// the method if the route has one, such as "GET /orders/{id}". Declare a pattern with a method
// before the same pattern without.
//
// Declaring a route again replaces its options. The threshold of a series is fixed when the series
// is created; a different one is an error, as is a pattern that cannot be a label.
func (rec *Recorder) Declare(pattern string, options ...RouteOption) error {
	if rec == nil {
		return nil
	}
	return rec.declare(rec.newRoute(pattern, routeConfig{}.with(options)))
}

// declare gives the route its series and makes it known to resolve.
func (rec *Recorder) declare(rt *route) error {
	if rt.timesFirstByte() {
		rec.timed.Store(true)
	}
	if !rt.excluded {
		rec.thresholds.set(rt.combinations(), rt.threshold)
		if err := rec.sli.Declare(rt.combinations()...); err != nil {
			return fmt.Errorf("slihttp: route %.120q: %w", rt.pattern, err)
		}
		rec.bind(rt)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	grown := maps.Clone(*rec.routes.Load())
	grown[rt.key] = rt
	rec.routes.Store(&grown)
	return rec.checkThreshold(rt)
}

// bind resolves the series of a declared route, so that a request need not look them up.
func (rec *Recorder) bind(rt *route) {
	bounds := make(map[string]otelsli.Bound)
	for _, l := range rt.combinations() {
		bounds[l.Method] = rec.sli.With(l)
	}
	rt.bounds.Store(&bounds)
}

// checkThreshold reports a threshold that comes too late: that of a series never changes.
func (rec *Recorder) checkThreshold(rt *route) error {
	if rt.excluded || rt.threshold == 0 {
		return nil
	}
	for _, l := range rt.combinations() {
		if other := rec.lookup(Labels{Method: l.Method, Route: rt.key.Route}); other != nil && other != rt {
			continue // a pattern with this method serves these requests
		}
		if has := rec.sli.With(l).Threshold(); max(has, 0) != max(rt.threshold, 0) {
			want := fmt.Sprintf("%v, as when method %s of it was first declared", has, l.Method)
			if !rec.cfg.judgesLatency() {
				want = fmt.Sprintf("none, for the kind is %v", rec.cfg.spec.Kind)
			}
			return &otelsli.FieldError{
				Field: fmt.Sprintf("slihttp: route %.120q: RouteThreshold", rt.pattern),
				Value: rt.threshold.String(),
				Want:  want,
			}
		}
	}
	return nil
}
