package graphitebridge

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClock(t *testing.T) {
	t.Parallel()
	var c clock
	give := func(now, want int64, final bool) {
		t.Helper()
		got, ok := c.give(now, now, final)
		if ok != (want > 0) || got != want {
			t.Errorf("at %d: %d, %v, want %d", now, got, ok, want)
		}
	}
	give(100, 100, false)
	give(100, 0, false)
	give(100, 101, true)
	give(101, 102, false) // 101 is taken
	give(104, 104, false)
	give(50, 105, false) // set back
	give(50, 0, false)
	give(51, 106, false)
	give(200, 200, false)
	c.takeBack()
	give(200, 200, false)

	give(300_000, 300_000, false)
	give(300_000-tooFar, 300_001, false) // receivers take what is a day ahead
	give(300_000-tooFar-1, 300_000-tooFar-1, false)
	c.takeBack()
	give(300_000-tooFar-1, 300_000-tooFar-1, false)
	give(300_000-tooFar, 300_000-tooFar, false)
}

func TestClockOfTotals(t *testing.T) {
	t.Parallel()
	var c clock
	date := func(at, now, want int64, final bool) {
		t.Helper()
		got, ok := c.date(at, now, final)
		if ok != (want > 0) || got != want {
			t.Errorf("of %d at %d: %d, %v, want %d", at, now, got, ok, want)
		}
	}
	date(100, 100, 100, false)
	date(100, 100, 0, false)
	date(100, 101, 101, false) // a flush in the next second
	date(101, 101, 0, false)   // 101 is taken
	date(101, 101, 102, true)
	date(102, 102, 0, false)
	date(103, 103, 103, false)
	c.takeBack()
	date(103, 103, 103, false)
	date(99, 99, 0, false) // a little behind
	date(99, 99, 104, true)
	date(50, 50, 50, false) // set back
	date(50, 50, 0, false)
	date(51, 51, 51, false)
	date(80, 51, 80, false) // of a source that is ahead
	date(80, 52, 0, false)
	date(80, 52, 81, true)
}

func TestIncrementsOfManySeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		for i := range int64(100) {
			if err := e.Export(t.Context(), data(counter("orders", i))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(300 * time.Millisecond)
		}
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		points := r.points["orders;instance=i"]
		if got := r.sums()["orders;instance=i"]; got != 99 || len(points) > 32 {
			t.Errorf("adds up to %v in %d seconds", got, len(points))
		}
		for second := range points {
			if second > time.Now().Unix()+1 {
				t.Errorf("second %d is in the future", second)
			}
		}
	})
}

// TestRefusedIncrementsKeepTheirTime: a receiver that refuses connections many times a second does
// not drive the seconds of what is sent later into the future.
func TestRefusedIncrementsKeepTheirTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		r := &receiverFake{fate: func(int) fate {
			if down {
				return refused
			}
			return arrives
		}}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		for i := range int64(1000) {
			_ = e.Export(t.Context(), data(counter("orders", i)))
			time.Sleep(10 * time.Millisecond)
		}
		down = false
		if err := e.Export(t.Context(), data(counter("orders", 1000))); err != nil {
			t.Fatal(err)
		}
		if got := r.points["orders;instance=i"][time.Now().Unix()]; got != 1000 {
			t.Errorf("%v in the second of now: %v", got, r.points)
		}
	})
}
