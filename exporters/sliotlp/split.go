package sliotlp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A span is the data points of one request, numbered across all metrics of an export.
type span struct{ from, to int }

// roughPoint is more than the encoded size of a data point in most services, in bytes.
const roughPoint = 512

// split decides which points go into which request. Sizes are estimated: OpenTelemetry's exporter
// measures the encoded request, and one that is still too large is halved.
func (e *exporter) split(rm *metricdata.ResourceMetrics) []span {
	most := int(e.mostPoints.Load())
	n := countPoints(rm)
	if n <= most && n <= e.plan.maxRequest/roughPoint {
		return []span{{0, n}}
	}
	l := layout{
		limit: e.plan.maxRequest - e.plan.maxRequest/8, // leaves a margin for the estimate
		most:  most,
		base:  sizeOfAttributes(*rm.Resource.Set()),
	}
	for _, s := range rm.ScopeMetrics {
		for i := range s.Metrics {
			m := &s.Metrics[i]
			points := seriesOf(m.Data)
			l.add(points.n, sizeOfScope(s.Scope)+len(m.Name)+len(m.Description)+len(m.Unit)+sizeOfFrame, points.mean())
		}
	}
	return l.finish()
}

// A layout fills requests one after the other.
type layout struct {
	limit, most int // of a request: bytes and points
	base        int // bytes in every request

	spans          []span
	from, n, bytes int // of the request being filled
}

// add adds a metric: its number of points, the bytes of its header, and the bytes of each point.
func (l *layout) add(points, header, each int) {
	for points > 0 {
		fit := min(points, l.most-l.n, (l.limit-l.base-l.bytes-header)/max(each, 1))
		if fit <= 0 && l.n > 0 {
			l.cut()
			continue
		}
		fit = max(fit, 1) // a point that is larger than a request
		l.n += fit
		l.bytes += header + fit*each
		points -= fit
	}
}

func (l *layout) cut() {
	l.spans = append(l.spans, span{l.from, l.from + l.n})
	l.from, l.n, l.bytes = l.from+l.n, 0, 0
}

func (l *layout) finish() []span {
	if l.n > 0 || len(l.spans) == 0 {
		l.cut()
	}
	return l.spans
}

// exportParts sends an export, span by span, until one fails. A failure does not mention what the
// receiver has rejected of earlier spans: the export will be repeated as a whole.
func (e *exporter) exportParts(ctx context.Context, rm *metricdata.ResourceMetrics, left []span) error {
	var warnings []error
	for sent, dropped, total := 0, 0, left[len(left)-1].to; len(left) > 0; {
		s := left[0]
		a, err := e.request(ctx, part(rm, s, total))
		switch {
		case err == nil:
		case a.accepted:
			warnings = append(warnings, e.warning(err))
		case e.halve(s, a, err):
			middle := s.from + (s.to-s.from)/2
			left = append([]span{{s.from, middle}, {middle, s.to}}, left[1:]...)
			continue
		case outgrown(a, err) && dropped < min(mostDropped, total-1): // s is one point
			warnings = append(warnings, e.enormous(rm, s))
			dropped++
		default:
			return e.failure(nth(sent, len(left)), a, err)
		}
		sent, left = sent+1, left[1:]
	}
	if len(warnings) == 1 {
		return warnings[0]
	}
	return errors.Join(warnings...)
}

// nth names a request if there are several.
func nth(sent, left int) string {
	if sent+left == 1 {
		return ""
	}
	return fmt.Sprintf("request %d of %d: ", sent+1, sent+left)
}

// partialSuccess is the beginning of the text of a partial-success error. Its type is internal to
// OpenTelemetry's exporters, so only the text identifies it.
const partialSuccess = "OTLP partial success: "

// warning makes the error of a request that was accepted. A request whose answer cannot be read was
// accepted too: sending it again would count its deltas twice.
func (e *exporter) warning(err error) error {
	if strings.Contains(err.Error(), partialSuccess) {
		return err
	}
	return fmt.Errorf(partialSuccess+"the receiver has taken the request, but its answer cannot be read: %s", e.brief(err))
}

// mostDropped is how many points of an export may be dropped because they are too large. If there are
// more, or if all are too large, something else is wrong, such as the resource.
const mostDropped = 100

// enormous makes the error for a point that does not fit into any request, so that the other points
// are still sent. It reads like a rejection by the receiver: the point is not meant to be sent again.
func (e *exporter) enormous(rm *metricdata.ResourceMetrics, s span) error {
	return fmt.Errorf(partialSuccess+"a data point of %.120q is larger than a request, want at most %d bytes (1 metric data points rejected)",
		metricAt(rm, s.from), e.plan.maxRequest)
}

// metricAt returns the name of the metric that has a point.
func metricAt(rm *metricdata.ResourceMetrics, point int) string {
	for _, scope := range rm.ScopeMetrics {
		for i := range scope.Metrics {
			n := seriesOf(scope.Metrics[i].Data).n
			if point < n {
				return scope.Metrics[i].Name
			}
			point -= n
		}
	}
	return ""
}

// outgrown reports whether a request was not sent because it exceeds the limit on this side.
func outgrown(a *attempts, err error) bool {
	return a.n == 0 && strings.Contains(err.Error(), "too large: exceeded ")
}

// fewPoints is the number of points from which a request that the receiver finds too large is no
// longer halved.
const fewPoints = 100

// halve reports whether a request failed because it was too large and can be split in two. If the
// receiver said so, later exports use smaller requests from the start.
func (e *exporter) halve(s span, a *attempts, err error) bool {
	n := s.to - s.from
	switch {
	case outgrown(a, err): // one point may be enormous
		return n > 1
	case !tooLarge(a.cause):
		return false
	case n < 2*fewPoints: // its size is not the problem
		e.mostPoints.Store(math.MaxInt64)
		return false
	}
	e.mostPoints.Store(min(e.mostPoints.Load(), int64(n+1)/2))
	return true
}

// tooLarge reports whether the receiver said that a request was too large.
func tooLarge(cause error) bool {
	if answered, ok := errors.AsType[*answer](cause); ok {
		return answered.status == http.StatusRequestEntityTooLarge
	}
	s, ok := status.FromError(cause)
	return ok && s.Code() == codes.ResourceExhausted && strings.Contains(s.Message(), "larger than max")
}

// part returns a span of an export that has total points: the same points, in other slices.
func part(rm *metricdata.ResourceMetrics, s span, total int) *metricdata.ResourceMetrics {
	if s.from == 0 && s.to == total {
		return rm
	}
	out := &metricdata.ResourceMetrics{Resource: rm.Resource}
	at := 0
	for _, scope := range rm.ScopeMetrics {
		var metrics []metricdata.Metrics
		for _, m := range scope.Metrics {
			points := seriesOf(m.Data)
			from, to := max(s.from-at, 0), min(s.to-at, points.n)
			at += points.n
			switch {
			case from >= to:
				continue
			case to-from < points.n:
				m.Data = points.cut(from, to)
			}
			metrics = append(metrics, m)
		}
		if len(metrics) > 0 {
			out.ScopeMetrics = append(out.ScopeMetrics, metricdata.ScopeMetrics{Scope: scope.Scope, Metrics: metrics})
		}
	}
	return out
}

func countPoints(rm *metricdata.ResourceMetrics) (n int) {
	for _, s := range rm.ScopeMetrics {
		for i := range s.Metrics {
			n += seriesOf(s.Metrics[i].Data).n
		}
	}
	return n
}

func sizeOfScope(s instrumentation.Scope) int {
	return len(s.Name) + len(s.Version) + len(s.SchemaURL) + sizeOfAttributes(s.Attributes) + sizeOfFrame
}

func sizeOfAttributes(set attribute.Set) (size int) {
	for i := range set.Len() {
		kv, _ := set.Get(i)
		size += len(kv.Key) + sizeOfValue(kv.Value) + sizeOfFrame
	}
	return size
}
