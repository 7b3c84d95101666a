package graphitebridge

import (
	"cmp"
	"context"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
)

// A sender is the part of [delivery.Client] that the bridge uses.
type sender interface {
	Deliver(ctx context.Context, batch []byte, lines int) (delivery.Result, error)
	Close(ctx context.Context) error
	Stats() delivery.Stats
}

// A source provides lines to send.
type source interface {
	// begin is called once before sending starts.
	begin()
	// fill appends waiting lines and marks them as taken.
	fill(b *batch)
	// settle forgets what was taken: it has been acknowledged.
	settle()
	// restore makes what was taken wait again. Either no byte of it has been written, or written is
	// true and it may be sent in another form.
	restore(written bool)
}

// A batch is a number of whole lines that are sent together.
type batch struct {
	data  []byte
	lines int
	limit int   // size in bytes at which sources stop adding
	now   int64 // seconds since 1970
	final bool  // there will be no later batch
	// increments reports whether the batch holds lines that must not be sent in another form, because
	// they would be counted twice.
	increments bool
	oldest     time.Time // when the oldest line started to wait
}

func (b *batch) full() bool { return len(b.data) >= b.limit }

func (b *batch) reset(now time.Time, final bool) {
	*b = batch{data: b.data[:0], limit: b.limit, now: now.Unix(), final: final}
}

// waitsSince records when an added line started to wait.
func (b *batch) waitsSince(t time.Time) {
	if b.oldest.IsZero() || t.Before(b.oldest) {
		b.oldest = t
	}
}

// An outbox sends what its sources provide, one batch after the other. A batch of increments that
// may have reached a receiver is held: nothing else is sent until it is acknowledged, and it is
// sent again byte for byte, so that a receiver that already has it stores the same values again.
//
// It must not be used concurrently.
type outbox struct {
	sender  sender
	sources []source
	batch   batch
	held    bool
	again   delivery.Traffic // sent again because it was held
}

func newOutbox(s sender, limit int, sources ...source) *outbox {
	return &outbox{sender: s, sources: sources, batch: batch{limit: limit}}
}

// flush sends until nothing waits or something fails. A final flush also sends what would otherwise
// wait for another second.
func (o *outbox) flush(ctx context.Context, final bool) error {
	for _, s := range o.sources {
		s.begin()
	}
	for {
		if !o.held {
			o.collect(final)
		}
		if len(o.batch.data) == 0 {
			return nil
		}
		if err := o.deliver(ctx); err != nil {
			return err
		}
	}
}

func (o *outbox) collect(final bool) {
	o.batch.reset(time.Now(), final)
	for _, s := range o.sources {
		s.fill(&o.batch)
	}
}

func (o *outbox) deliver(ctx context.Context) error {
	result, err := o.sender.Deliver(ctx, o.batch.data, o.batch.lines)
	if o.held && result.Written {
		o.again.Lines += int64(o.batch.lines)
		o.again.Bytes += int64(len(o.batch.data))
	}
	if result.Acknowledged {
		o.finish(source.settle)
		return nil
	}
	if o.batch.increments && (o.held || result.Written) {
		o.held = true
	} else {
		o.finish(func(s source) { s.restore(result.Written) })
	}
	return cmp.Or(err, errUnacknowledged)
}

// finish ends the batch. The next one reuses its memory.
func (o *outbox) finish(end func(source)) {
	o.held = false
	o.batch.data = o.batch.data[:0]
	for _, s := range o.sources {
		end(s)
	}
}
