package otelsli

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// A series is one SLI with one combination of label values. It fills one cache line of 64 bytes,
// so that two goroutines that count on neighbouring series do not slow each other down; what
// recording does not need is behind info.
type series struct {
	cells     [outcomes]atomic.Int64
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
}

// add counts one event. All but a success takes the longer way: it is the rarer one.
func (s *series) add(o Outcome) {
	if o != Success {
		o = s.settle(o)
	}
	s.cells[o].Add(1)
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
		c[i] = s.cells[i].Load()
	}
	return c
}
