package throttle

import (
	"sync"
	"time"
)

// A Throttle lets some events pass in each interval and counts the others. Its zero value is ready
// to use. It must not be copied.
type Throttle struct {
	mu      sync.Mutex
	began   time.Time // of the interval
	passed  int       // in it
	skipped int       // since the last one that passed
}

// Pass reports whether an event may be logged: true for the first most events in each interval of
// length every. skipped is the number of events skipped since the last one that passed; it is 0 if
// this one does not pass.
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
