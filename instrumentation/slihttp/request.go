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
// of the shapes in shape.go, and belongs to the goroutine of the handler.
type request struct {
	http.ResponseWriter
	rec   *Recorder
	route *route // nil: found by the Pattern
	start instant

	firstByte time.Duration // 0 unless timed is set or the connection was hijacked
	bytes     int64
	status    int
	err       error
	timed     bool // measure the time to the first byte
	begun     bool // the response has begun
	hijacked  bool
	excluded  bool
	renamed   bool // the route was found further in, perhaps on a copy of the http.Request
	returned  bool
}

// measured is a handler whose requests are counted. rt is nil if only the router knows the route.
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

// end must be deferred directly for recover to work. It re-panics above the original frames, so a
// printed stack still shows them.
func (x *request) end(r *http.Request) {
	var cause any
	if !x.returned {
		cause = recover() // nil: runtime.Goexit, which continues by itself
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

// settle counts the request. A panic in a user function, such as the classifier, makes it Failed
// and must not reach the client, who already has the response.
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

// findRoute returns the route to count under and leaves its pattern in r for an enclosing wrapper
// such as otelhttp, whose http.route is then the same.
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

// finalStatus returns the status of the response: net/http sends 200 if the handler sent none.
func (x *request) finalStatus() int {
	if x.status == 0 {
		return http.StatusOK
	}
	return x.status
}

// finalError returns the first write error. If the deadline of the request has passed, it finds out
// what became of the response: an enclosing http.TimeoutHandler discards what was written and
// reports an error only for a further write.
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
