package throttle_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/internal/throttle"
)

func TestPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var th throttle.Throttle
		for i, step := range []struct {
			after   time.Duration
			skipped int
			ok      bool
		}{
			{0, 0, true},
			{time.Second, 0, true},
			{time.Second, 0, false},
			{57 * time.Second, 0, false},
			{time.Second, 2, true}, // the interval is over to the second
			{59 * time.Second, 0, true},
			{0, 0, false},
			{time.Hour, 1, true}, // and the next one begins with this event
			{59 * time.Second, 0, true},
			{time.Second - 1, 0, false},
			{1, 1, true},
		} {
			time.Sleep(step.after)
			if skipped, ok := th.Pass(time.Minute, 2); skipped != step.skipped || ok != step.ok {
				t.Errorf("event %d: %d skipped, %t, want %d, %t", i, skipped, ok, step.skipped, step.ok)
			}
		}
	})
}

// However many come at the same time, each is either let through or counted.
func TestPassOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			th     throttle.Throttle
			events sync.WaitGroup
			passed atomic.Int32
		)
		for range 100 {
			events.Go(func() {
				if _, ok := th.Pass(time.Minute, 10); ok {
					passed.Add(1)
				}
			})
		}
		events.Wait()
		time.Sleep(time.Minute)
		if skipped, ok := th.Pass(time.Minute, 10); passed.Load() != 10 || skipped != 90 || !ok {
			t.Errorf("%d let through, then %d skipped, %t", passed.Load(), skipped, ok)
		}
	})
}

func TestPassAllocatesNothing(t *testing.T) { //nolint:paralleltest // the count is of the whole process
	var th throttle.Throttle
	if n := testing.AllocsPerRun(100, func() { th.Pass(time.Minute, 1) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPass(b *testing.B) {
	var th throttle.Throttle
	b.ReportAllocs()
	for b.Loop() {
		th.Pass(time.Minute, 1)
	}
}

func ExampleThrottle() {
	var th throttle.Throttle
	for i := range 3 {
		_, ok := th.Pass(time.Minute, 1)
		fmt.Println(i, ok)
	}
	// Output:
	// 0 true
	// 1 false
	// 2 false
}
