package slihttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A request is one request in progress. It is the http.ResponseWriter that the handler gets, in one
// of the shapes of shape.go, and belongs to the goroutine of the handler.
type request struct {
	http.ResponseWriter
	rec   *Recorder
	route *route // nil: to be found from the Pattern
	start instant

	firstByte time.Duration // 0 where timed is not set, hijacked connections aside
	bytes     int64
	status    int
	err       error
	timed     bool // the first byte is of interest
	begun     bool // the response
	hijacked  bool
	excluded  bool
	renamed   bool // the route was found further in, maybe on a copy of the http.Request
	returned  bool
}

// measured is a handler whose requests are counted. rt is nil where only the router knows.
type measured struct {
	rec  *Recorder
	rt   *route
	next http.Handler
}

func (m *measured) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, w := wrap(w)
	x.rec, x.route, x.start, x.timed = m.rec, m.rt, now(), m.timesFirstByte()
	defer x.end(r)
	m.next.ServeHTTP(w, r)
	x.returned = true
}

// timesFirstByte reports whether a request may need the time to its first byte, as far as is known
// before it is routed.
func (m *measured) timesFirstByte() bool {
	if m.rt != nil {
		return m.rt.timesFirstByte()
	}
	return m.rec.timesFirstByte()
}

// end is deferred directly, for recover to work. The panic goes on from here, above the frames
// that it came from, so that whoever prints the stack still sees them.
func (x *request) end(r *http.Request) {
	var cause any
	if !x.returned {
		cause = recover() // nil: runtime.Goexit, which goes on by itself
	}
	if !x.excluded {
		x.settle(r, cause)
		if !x.returned {
			x.rec.otel.recordAborted(x, r)
		}
	}
	if cause != nil {
		panic(cause)
	}
}

// settle counts the request. A panic in a function of the user, such as the classifier, makes it
// Failed: it must not reach the client, who has the response already.
func (x *request) settle(r *http.Request, cause any) {
	took := x.start.elapsed()
	rt := x.rec.unmatched
	defer func() {
		if p := recover(); p != nil {
			otel.Handle(panicError("a classifier or another function of the user", p))
			rt.bound(r.Method).Record(r.Context(), otelsli.Failed)
		}
	}()
	rt = x.findRoute(r)
	if rt.excluded {
		return
	}
	bound := rt.bound(r.Method)
	bound.Record(r.Context(), x.judge(rt, Event{
		Request:   r,
		Route:     rt.labels.Route,
		Status:    x.finalStatus(),
		Header:    x.Header(),
		Bytes:     x.bytes,
		Took:      took,
		FirstByte: x.firstByte,
		Threshold: bound.Threshold(),
		Hijacked:  x.hijacked,
		Aborted:   !x.returned,
		Panic:     cause,
		Err:       x.finalError(r.Context()),
	}))
}

// findRoute returns the route to count by and leaves its pattern in r for a wrapper outside, such
// as otelhttp, whose http.route is then the same.
func (x *request) findRoute(r *http.Request) *route {
	if x.route != nil {
		if x.renamed || x.route.key != x.route.labels {
			r.Pattern = x.route.pattern
		}
		return x.route
	}
	rt := x.rec.resolve(r)
	if rt == x.rec.unmatched {
		x.rec.reportBlank(r, x.finalStatus())
	}
	r.Pattern = rt.pattern
	return rt
}

// judge decides the outcome.
func (x *request) judge(rt *route, e Event) otelsli.Outcome {
	e.Streaming = rt.streaming || e.Hijacked
	if f := rt.rec.cfg.streaming; f != nil && !e.Streaming && e.FirstByte > 0 {
		e.Streaming = f(e.Header)
	}
	if rt.classifier == nil {
		return Classify(e)
	}
	o := rt.classifier(e)
	if o == otelsli.Success && e.Late() {
		return otelsli.Slow
	}
	return o
}

// finalStatus returns the status of the response: net/http sends 200 where the handler sent none.
func (x *request) finalStatus() int {
	if x.status == 0 {
		return http.StatusOK
	}
	return x.status
}

// finalError returns the first error of writing. Where the deadline of the request has passed it
// finds out what became of the response: an http.TimeoutHandler outside throws away what was
// written, without an error unless one writes again.
func (x *request) finalError(ctx context.Context) error {
	if x.err != nil || x.hijacked || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return x.err
	}
	if x.status == 0 {
		return context.DeadlineExceeded
	}
	if _, err := x.ResponseWriter.Write(nil); errors.Is(err, http.ErrHandlerTimeout) {
		return err
	}
	return nil
}

func panicError(what string, value any) error {
	return fmt.Errorf("slihttp: %s panicked: %v", what, value)
}
