package otelsli

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// A series is one SLI with one combination of label values. It fills one cache line of 64 bytes,
// so that two goroutines that count on neighbouring series do not slow each other down; what
// recording does not need is behind info.
type series struct {
	// cells are read and written atomically. As the first field they are aligned for that on every
	// platform; with the methods of an atomic.Int64 Bound.Record would not be inlined.
	cells     [outcomes]int64
	threshold time.Duration // 0 or less: latency is not judged
	ind       *indicator
	info      *seriesInfo
	_         [8]byte
}

// seriesInfo is what collection needs to know of a series.
type seriesInfo struct {
	index    int      // position among the series of the SLI
	values   []string // canonical label values
	start    time.Time
	overflow bool
	declared bool            // guarded by the lock of the indicator
	sets     []attribute.Set // by counter of the SLI's layout; set once, before the first collection

	exemplars atomic.Pointer[exemplars] // nil until the first one
}

// add counts one event of ctx. All but a success takes the longer way: it is the rarer one.
func (s *series) add(ctx context.Context, o Outcome) {
	if o != Success {
		s.addOther(ctx, o)
		return
	}
	atomic.AddInt64(&s.cells[Success], 1)
}

// addOther counts an event of any outcome. It does so before it leaves an exemplar: whoever reads
// that finds its event counted.
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

// settle resolves what a caller may have judged wrongly: Slow says nothing where latency is not
// judged, and an outcome that does not exist is a fault that must not vanish.
func (s *series) settle(o Outcome) Outcome {
	switch {
	case o == Slow && s.threshold <= 0:
		return Success
	case o >= outcomes:
		return Failed
	}
	return o
}

// counts reads each cell once. Whatever is derived from one reading is consistent in itself.
func (s *series) counts() Counts {
	var c Counts
	for i := range s.cells {
		c[i] = atomic.LoadInt64(&s.cells[i])
	}
	return c
}
