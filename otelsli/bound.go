package otelsli

import (
	"context"
	"iter"
	"sync/atomic"
	"time"
)

// A Bound is an [SLI] with its labels resolved: recording on it is one atomic add. It is a small
// value that may be copied, compared and kept for as long as the program runs. The zero value
// records nothing.
type Bound struct{ series *series }

// Record counts one event whose outcome the caller has decided. [Slow] counts as [Success] if
// latency is not judged, and an invalid outcome counts as [Failed]. The span in ctx, if any, may
// become the event's [Exemplar].
func (b Bound) Record(ctx context.Context, o Outcome) {
	if o != Success || b.series == nil {
		b.series.addOther(ctx, o)
	} else { // kept this small so that the compiler inlines it
		atomic.AddInt64(&b.series.cells[Success], 1)
	}
}

// Observe counts one event that took the given time and returned err. The threshold and the
// classifier decide its outcome. ctx is the context that the operation was called with.
func (b Bound) Observe(ctx context.Context, took time.Duration, err error) {
	if b.series == nil {
		return
	}
	b.series.add(ctx, b.series.ind.judge(ctx, Event{Err: err, Took: took, Threshold: b.series.threshold}))
}

// Start starts timing one event. Defer the end of its [Timer]:
//
//	defer bound.Start(ctx).End(&err)
func (b Bound) Start(ctx context.Context) *Timer {
	return &Timer{ctx: ctx, bound: b, begin: now()} // inlined into the caller, so that the timer stays on its stack
}

// Do runs f as one event and returns its error. A panic or a [runtime.Goexit] in f counts as
// [Failed] and propagates.
func (b Bound) Do(ctx context.Context, f func(context.Context) error) error {
	begin := now()
	returned := false
	defer func() {
		if !returned {
			b.Record(ctx, Failed)
		}
	}()
	err := f(ctx)
	returned = true
	b.Observe(ctx, begin.elapsed(), err)
	return err
}

// Threshold returns the longest duration that is not [Slow]; 0 or less if latency is not judged.
func (b Bound) Threshold() time.Duration {
	if b.series == nil {
		return 0
	}
	return b.series.threshold
}

// Labels yields the label names and their values as exported, in the order of the fields.
func (b Bound) Labels() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if b.series == nil {
			return
		}
		for i, name := range b.series.ind.labels.names {
			if !yield(name, b.series.info.values[i]) {
				return
			}
		}
	}
}

// Declared reports whether the labels were declared. If not, the series was created by an event or
// by [SLI.With].
func (b Bound) Declared() bool {
	if b.series == nil {
		return false
	}
	b.series.ind.mu.Lock()
	defer b.series.ind.mu.Unlock()
	return b.series.info.declared
}

// Counts returns what has been counted so far.
func (b Bound) Counts() Counts {
	if b.series == nil {
		return Counts{}
	}
	return b.series.counts()
}
