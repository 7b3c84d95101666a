package otelsli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// ExemplarInterval is the minimum time between two exemplars that a series keeps for one outcome.
// It bounds the cost of an outage: while an exemplar is this recent, a failure only reads the
// clock.
const ExemplarInterval = time.Second

// An Exemplar is one event, of value 1, that a counter has counted. It links the number to a trace
// of what went wrong. Only [Failed] and [Slow] events leave one, and only if they are recorded with
// the context of a span: see [ExemplarFilter].
type Exemplar struct {
	TraceID trace.TraceID
	SpanID  trace.SpanID
	Time    time.Time // when the event was recorded
}

// An ExemplarFilter selects which events may leave an [Exemplar]. Its text forms are the values of
// the variable OTEL_METRICS_EXEMPLAR_FILTER.
type ExemplarFilter uint8

const (
	// TraceBased lets the events of sampled spans leave exemplars. It is the default.
	TraceBased ExemplarFilter = iota

	// AlwaysOff disables exemplars.
	AlwaysOff

	// AlwaysOn lets the events of all spans leave exemplars, sampled or not: for tail sampling, and
	// for trace IDs in logs. An event without a span leaves none, because there is no trace to link
	// to.
	AlwaysOn
)

var exemplarFilterNames = []string{"trace_based", "always_off", "always_on"}

// String returns "trace_based", "always_off" or "always_on".
func (f ExemplarFilter) String() string {
	if int(f) < len(exemplarFilterNames) {
		return exemplarFilterNames[f]
	}
	return fmt.Sprintf("ExemplarFilter(%d)", uint8(f))
}

// MarshalText returns the text of [ExemplarFilter.String]. An invalid filter is an error.
func (f ExemplarFilter) MarshalText() ([]byte, error) {
	if int(f) >= len(exemplarFilterNames) {
		return nil, fmt.Errorf("otelsli: %v: want TraceBased, AlwaysOff or AlwaysOn", f)
	}
	return []byte(exemplarFilterNames[f]), nil
}

// UnmarshalText reads the text that [ExemplarFilter.String] returns.
func (f *ExemplarFilter) UnmarshalText(text []byte) error {
	i := slices.Index(exemplarFilterNames, string(text))
	if i < 0 {
		return fmt.Errorf("otelsli: exemplar filter %q: want %s", text, strings.Join(exemplarFilterNames, " or "))
	}
	*f = ExemplarFilter(i)
	return nil
}

// WithExemplars sets which events may leave an [Exemplar]. It can be changed at any time; under
// [AlwaysOff], exemplars left earlier are not exported either. Default: [TraceBased].
func WithExemplars(f ExemplarFilter) CatalogOption {
	return catalogOptionFunc(func(c *catalogConfig) { c.exemplars = f })
}

// exemplars holds the newest exemplar of each outcome that leaves any. The values pointed to never
// change.
type exemplars struct{ slow, failed atomic.Pointer[Exemplar] }

// of returns where the exemplar of an outcome is kept. o must be [Slow] or [Failed].
func (e *exemplars) of(o Outcome) *atomic.Pointer[Exemplar] {
	if o == Slow {
		return &e.slow
	}
	return &e.failed
}

// leaveExemplar keeps the span of an event that has been counted. In an outage, the previous
// exemplar is too recent for most events; they only read the clock and do not search their context.
func (s *series) leaveExemplar(ctx context.Context, o Outcome) {
	filter := s.ind.catalog.exemplarFilter()
	if filter == AlwaysOff {
		return
	}
	var last *Exemplar
	if known := s.info.exemplars.Load(); known != nil {
		last = known.of(o).Load()
	}
	if last != nil && time.Since(last.Time) < ExemplarInterval {
		return
	}
	if span := s.spanOf(ctx); span.IsSampled() || filter == AlwaysOn {
		s.keepExemplar(span, o, last)
	}
}

// spanOf returns the span of an event. A foreign context or span that panics costs only the
// exemplar.
func (s *series) spanOf(ctx context.Context) (span trace.SpanContext) {
	defer func() {
		if r := recover(); r != nil {
			otel.Handle(fmt.Errorf("otelsli: SLI %q: reading the span of an event panicked, it leaves no exemplar: %v", s.ind.spec.Name, r))
		}
	}()
	return trace.SpanContextFromContext(ctx)
}

// keepExemplar replaces the previous exemplar. If another event replaces it first, that one wins.
func (s *series) keepExemplar(span trace.SpanContext, o Outcome, last *Exemplar) {
	if !span.IsValid() {
		return
	}
	if s.info.exemplars.Load() == nil {
		s.info.exemplars.CompareAndSwap(nil, &exemplars{})
	}
	s.info.exemplars.Load().of(o).CompareAndSwap(last, &Exemplar{TraceID: span.TraceID(), SpanID: span.SpanID(), Time: time.Now()})
}

// readExemplars returns the newest exemplars. It is called before the cells are read, which then
// include the exemplars' events.
func (s *series) readExemplars() (slow, failed *Exemplar) {
	if e := s.info.exemplars.Load(); e != nil {
		return e.slow.Load(), e.failed.Load()
	}
	return nil, nil
}
