package slihttp

import (
	"net/http"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Classifier decides the outcome of a request. It need not look at the threshold: a Success that
// came late becomes [otelsli.Slow]. It can fall back on [Classify]:
//
//	func(e slihttp.Event) otelsli.Outcome {
//		if e.Status == http.StatusNotFound && e.Route == "/assets/{file}" {
//			return otelsli.Failed // a broken link is our own
//		}
//		return slihttp.Classify(e)
//	}
//
// It must be safe for concurrent use. If it panics, the request counts as [otelsli.Failed] and the
// panic is reported to [go.opentelemetry.io/otel.Handle], not to the client.
type Classifier func(Event) otelsli.Outcome

// Classify is the default [Classifier]. The first rule that applies decides:
//
//   - A handler that did not return is Failed. So is [http.ErrAbortHandler], unless the client had
//     gone: a proxy aborts for either reason.
//   - A hijacked connection is a success, judged by the time to the hijack.
//   - A deadline of the service that cut the response short is Failed.
//   - A client that went away is Ignored within the threshold and Failed after it: otherwise a hung
//     service, whose clients all give up, would look perfect. If latency is not judged it is always
//     Ignored, so only a threshold makes a hung service visible. A client that leaves a stream
//     which has begun has not given up: the status decides.
//   - The status: 5xx and 429 are Failed, other 4xx are Ignored, everything else is a success.
//
// A success is [otelsli.Success], or [otelsli.Slow] past the threshold.
func Classify(e Event) otelsli.Outcome {
	gone := e.ClientGone()
	switch {
	case e.Aborted && !(gone && e.Panic == any(http.ErrAbortHandler)):
		return otelsli.Failed
	case e.Hijacked:
		return success(e)
	case e.timedOut():
		return otelsli.Failed
	case gone && !(e.Streaming && e.FirstByte > 0):
		return gaveUp(e)
	case e.Status >= 500, e.Status == http.StatusTooManyRequests:
		return otelsli.Failed
	case e.Status >= 400:
		return otelsli.Ignored
	}
	return success(e)
}

func success(e Event) otelsli.Outcome {
	if e.Late() {
		return otelsli.Slow
	}
	return otelsli.Success
}

func gaveUp(e Event) otelsli.Outcome {
	if e.Late() {
		return otelsli.Failed
	}
	return otelsli.Ignored
}
