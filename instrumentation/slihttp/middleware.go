package slihttp

import (
	"net/http"

	"go.opentelemetry.io/otel"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Middleware counts the requests that next, a router of any kind, handles. It is a
// func(http.Handler) http.Handler and can be passed as one:
//
//	router.Use(requests.Middleware)
//
// The route is the Pattern that the router sets in the request, or what [WithRoute] returns. A
// middleware in between that copies the request, as one that changes its context does, hides the
// Pattern: put Middleware inside it.
//
// If Middlewares and Muxes of one SLI are nested, the outermost counts the request, once, and the
// innermost gives the route. If they are of different SLIs, each counts.
func (rec *Recorder) Middleware(next http.Handler) http.Handler {
	if rec == nil {
		return next
	}
	counted := rec.otel.around(&measured{rec: rec, next: next})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch x := find(w, rec.sli); {
		case x != nil:
			rec.serveNested(x, w, r, next)
		case rec.excludes(r):
			next.ServeHTTP(w, r)
		default:
			counted.ServeHTTP(w, r)
		}
	})
}

// serveNested serves a request that is already counted, as x, further out.
func (rec *Recorder) serveNested(x *request, w http.ResponseWriter, r *http.Request, next http.Handler) {
	x.excluded = x.excluded || rec.excludes(r)
	x.timed = x.timed || rec.timesFirstByte()
	before := r.Pattern
	defer func() {
		if r.Pattern != before || rec.cfg.route != nil { // otherwise it is still the outer router's
			rec.renameNested(x, r)
		}
	}()
	next.ServeHTTP(w, r)
}

// renameNested gives x the route that was found further in, if any. A user function that panics
// must neither cost the request nor replace a panic of the handler.
func (rec *Recorder) renameNested(x *request, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			otel.Handle(panicError("WithRoute", p))
		}
	}()
	if rt := rec.resolve(r); rt != rec.unmatched {
		x.rename(rt)
	}
}

// rename gives the request a more specific route.
func (x *request) rename(rt *route) {
	x.route, x.renamed = rt, true
}

// find returns the request of the SLI that w belongs to, or nil if there is none. It looks through
// all wrappers that can be unwrapped.
func find(w http.ResponseWriter, sli *otelsli.SLI[Labels]) *request {
	for {
		switch v := w.(type) {
		case interface{ asRequest() *request }:
			x := v.asRequest()
			if x.rec.sli == sli {
				return x
			}
			w = x.ResponseWriter
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

func (x *request) asRequest() *request { return x }
