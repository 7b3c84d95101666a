package otelsli

import (
	"context"
	"time"
)

// A Timer is one event in progress. It is not safe for concurrent use.
type Timer struct {
	ctx   context.Context
	bound Bound
	begin instant
	ended bool
}

// End ends the event with the error that *errp holds at that time; a nil errp means no error. Only
// the first end of a timer counts.
//
// End must be deferred directly, not called from another deferred function. If the goroutine is
// panicking, the event counts as [Failed] and the panic continues with its stack. A
// [runtime.Goexit] cannot be told from a return here; [SLI.Do] counts it as failed.
func (t *Timer) End(errp *error) {
	if r := recover(); r != nil {
		t.EndAs(Failed)
		panic(r)
	}
	if t.ended {
		return
	}
	t.ended = true
	var err error
	if errp != nil {
		err = *errp
	}
	t.bound.Observe(t.ctx, t.begin.elapsed(), err)
}

// EndAs ends the event with an outcome that the caller has decided. Only the first end of a timer
// counts.
func (t *Timer) EndAs(o Outcome) {
	if t.ended {
		return
	}
	t.ended = true
	t.bound.Record(t.ctx, o)
}

// Elapsed returns how long the event has been running.
func (t *Timer) Elapsed() time.Duration {
	if t.begin == 0 {
		return 0
	}
	return t.begin.elapsed()
}
