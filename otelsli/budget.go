package otelsli

import "sync"

// A budget limits the number of series that one instrument of a MeterProvider may get. A nil budget
// has no limit.
type budget struct {
	mu   sync.Mutex
	left int
}

// put returns n series to the budget.
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

// room returns how many series are left. The budget must not be nil.
func (b *budget) room() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left
}
