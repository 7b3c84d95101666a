package otelsli

import "sync"

// A budget bounds the number of series that one instrument of a MeterProvider may get. A nil
// budget has no bound.
type budget struct {
	mu   sync.Mutex
	left int
}

// put gives back what was taken.
func (b *budget) put(n int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// take reserves n series and reports whether there was room for all of them.
func (b *budget) take(n int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// room returns how many are left of a budget that has a bound.
func (b *budget) room() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left
}
