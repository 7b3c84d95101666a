package otelsli

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// A series is one SLI with one combination of label values. It fills one cache line of 64 bytes, so
// that goroutines counting on neighbouring series do not slow each other down. What recording does
// not need is behind info.
type series struct {
	// cells are accessed atomically. Being the first field aligns them for that on every platform;
	// with the methods of atomic.Int64, Bound.Record would not be inlined.
	cells     [outcomes]int64
	threshold time.Duration // 0 or less: latency is not judged
	ind       *indicator
	info      *seriesInfo
	_         [8]byte
}

// seriesInfo is what collection needs to know about a series.
type seriesInfo struct {
	index    int      // position among the series of the SLI
	values   []string // canonical label values
	start    time.Time
	overflow bool
	declared bool            // guarded by the lock of the indicator
	sets     []attribute.Set // per counter of the SLI's layout; set once, before the first collection

	exemplars atomic.Pointer[exemplars] // nil until the first one
}

// add counts one event with its context. Everything but a success, which is the common case, takes
// the longer path.
func (s *series) add(ctx context.Context, o Outcome) {
	if o != Success {
		s.addOther(ctx, o)
		return
	}
	atomic.AddInt64(&s.cells[Success], 1)
}

// addOther counts an event of any outcome. It counts before it leaves an exemplar, so a reader of
// the exemplar finds its event counted.
func (s *series) addOther(ctx context.Context, o Outcome) {
	if s == nil {
		return
	}
	o = s.settle(o)
	atomic.AddInt64(&s.cells[o], 1)
	if o == Failed || o == Slow {
		s.leaveExemplar(ctx, o)
	}
}

// settle corrects an outcome that the caller got wrong: Slow is meaningless if latency is not
// judged, and an invalid outcome is a bug that must not go unnoticed.
func (s *series) settle(o Outcome) Outcome {
	switch {
	case o == Slow && s.threshold <= 0:
		return Success
	case o >= outcomes:
		return Failed
	}
	return o
}

// counts reads each cell once. Everything derived from one reading is consistent.
func (s *series) counts() Counts {
	var c Counts
	for i := range s.cells {
		c[i] = atomic.LoadInt64(&s.cells[i])
	}
	return c
}
