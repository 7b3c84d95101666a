package throttle

import (
	"sync"
	"time"
)

// A Throttle lets some events through in an interval, and counts the others. Its zero value is ready
// to use. It must not be copied.
type Throttle struct {
	mu      sync.Mutex
	began   time.Time // of the interval
	passed  int       // in it
	skipped int       // since the last that passed
}

// Pass reports whether to speak of an event: of the first most of them in each interval of length
// every. skipped is how many there were since the last one that was let through, and 0 where this one is
// not.
func (t *Throttle) Pass(every time.Duration, most int) (skipped int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); t.began.IsZero() || now.Sub(t.began) >= every {
		t.began, t.passed = now, 0
	}
	if t.passed >= most {
		t.skipped++
		return 0, false
	}
	t.passed++
	skipped, t.skipped = t.skipped, 0
	return skipped, true
}
