package sliprom

import dto "github.com/prometheus/client_model/go"

// A leaf is one counter of one series, in a single allocation.
type leaf struct {
	metric  dto.Metric
	counter dto.Counter
	value   float64
}

// An arena allocates leaves in chunks. They are freed together, with their tree.
type arena struct {
	free  []leaf
	chunk int // size of the next chunk; minChunk at least
	taken int
}

const (
	minChunk = 16
	maxChunk = 1024
)

// next returns an unused leaf.
func (a *arena) next() *leaf {
	if len(a.free) == 0 {
		size := max(a.chunk, minChunk)
		a.free = make([]leaf, size)
		a.chunk = min(2*size, maxChunk) // only the first chunk may be as large as a known tree
	}
	l := &a.free[0]
	a.free = a.free[1:]
	a.taken++
	return l
}
