package slihttp

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"time"
)

// An Event is one finished request, as a [Classifier] judges it.
type Event struct {
	// Request is the request as it reached the instrumentation, for its context, method and
	// headers. It must not be modified or retained.
	Request *http.Request

	// Route is the label of the route; [Unmatched] if there is none.
	Route string

	// Status is the status of the response: 200 if the handler wrote none, 101 if it hijacked the
	// connection. Informational responses (1xx) do not count.
	Status int

	// Header is the header of the response. It must not be modified or retained.
	Header http.Header

	// Bytes is the number of body bytes that the handler wrote.
	Bytes int64

	// Took is how long the handler ran.
	Took time.Duration

	// FirstByte is the time until the response began: the first byte of the body, the first flush
	// or the hijack. It is 0 if there was none of these, as in a response without a body. It is
	// measured only for requests that may be streams, or if there is a Classifier.
	FirstByte time.Duration

	// Threshold is the threshold of the route; 0 or less if latency is not judged.
	Threshold time.Duration

	// Streaming says that latency is judged by FirstByte: see [RouteStreaming] and [WithStreaming].
	// It is always set for a hijacked connection.
	Streaming bool

	// Hijacked says that the handler took over the connection, as for a WebSocket.
	Hijacked bool

	// Aborted says that the handler did not return: it panicked or called [runtime.Goexit].
	Aborted bool

	// Panic is the value that the handler panicked with, nil if it did not panic.
	Panic any

	// Err is the first error of writing the response, or of the reader that [io.Copy] reads it
	// from. It is [http.ErrHandlerTimeout] if an enclosing [http.TimeoutHandler] answered instead
	// of the handler, and [context.DeadlineExceeded] if the handler let the deadline of the request
	// pass without writing anything.
	Err error
}

// Latency returns the duration that is compared with the threshold: Took or, for a stream that has
// begun, FirstByte.
func (e Event) Latency() time.Duration {
	if e.Streaming && e.FirstByte > 0 {
		return e.FirstByte
	}
	return e.Took
}

// Late reports whether latency is judged and exceeds the threshold.
func (e Event) Late() bool { return e.Threshold > 0 && e.Latency() > e.Threshold }

// ClientGone reports whether the client went away before it had the whole response. net/http
// signals that by cancelling the context of the request without a cause. A context that the service
// cancelled with a cause, as [os/signal.NotifyContext] does, does not count.
func (e Event) ClientGone() bool {
	ctx := e.Request.Context()
	//nolint:errorlint // a cause that wraps Canceled is one that the service gave
	return ctx.Err() != nil && context.Cause(ctx) == context.Canceled && !e.Hijacked && !e.complete()
}

// complete reports whether the handler wrote the whole body that it had announced: a client that
// then closes its connection has not given up.
func (e Event) complete() bool {
	announced, err := strconv.ParseInt(e.Header.Get("Content-Length"), 10, 64)
	return err == nil && announced > 0 && e.Bytes >= announced
}

// timedOut reports whether a deadline of the service cut the response short.
func (e Event) timedOut() bool {
	return e.Err != nil && (errors.Is(e.Err, http.ErrHandlerTimeout) ||
		errors.Is(e.Err, context.DeadlineExceeded) ||
		errors.Is(e.Err, os.ErrDeadlineExceeded))
}
