package graphitebridge

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A state is the data waiting to be sent, by series. It is bounded by the number of series, however
// long nothing can be sent.
type state struct {
	mapper     *line.Mapper
	increments bool // send counters and histograms as increments
	memory     *memory

	entries    map[*line.Origin]*entry
	queue      []*entry // waiting entries, oldest first
	head       int      // of the queue
	taken      []*entry
	later      []*entry // entries that wait for another second
	generation uint64
	now        time.Time
	lost       uint64 // lines dropped because bounds changed too often
	take       func(*line.Sample)
}

func newState(c line.Config, increments bool) (*state, error) {
	m, err := line.NewMapper(c)
	if err != nil {
		return nil, err
	}
	s := &state{mapper: m, increments: increments, entries: make(map[*line.Origin]*entry)}
	s.take = s.absorb
	return s, nil
}

// update absorbs collected metrics. It keeps nothing of rm.
func (s *state) update(rm *metricdata.ResourceMetrics) {
	s.generation++
	s.now = time.Now()
	s.mapper.Map(rm, s.now, s.take)
	if s.mapper.Full() {
		s.evict()
	}
}

func (s *state) absorb(sample *line.Sample) {
	origin := sample.Series.Origin()
	e := s.entries[origin]
	if e == nil {
		e = &entry{series: sample.Series}
		s.entries[origin] = e
	}
	e.seen = s.generation
	s.lost += uint64(e.update(sample, s.increments, s.memory))
	s.enqueue(e)
}

func (s *state) enqueue(e *entry) {
	if e.queued {
		return
	}
	e.queued = true
	e.since = s.now
	s.queue = append(s.queue, e)
}

// evict makes room for new series: it forgets series that are no longer collected, unless they wait
// or are needed to compute the increments of a series that comes back.
func (s *state) evict() {
	for origin, e := range s.entries {
		if e.seen == s.generation || e.queued || e.taken != takenNone || s.increments && differs(e.series) {
			continue
		}
		delete(s.entries, origin)
		s.mapper.Forget(origin)
	}
	s.mapper.ForgetRefused()
}

// begin queues first what has waited for another second.
func (s *state) begin() {
	if len(s.later) > 0 {
		s.queueFirst(s.later)
		clear(s.later)
		s.later = s.later[:0]
	}
}

func (s *state) queueFirst(entries []*entry) {
	s.queue = append(slices.Clone(entries), s.queue[s.head:]...)
	s.head = 0
}

// fill takes entries from the head of the queue.
func (s *state) fill(b *batch) {
	for s.head < len(s.queue) && !b.full() {
		e := s.queue[s.head]
		s.queue[s.head] = nil
		s.head++
		if !s.send(e, b) {
			s.later = append(s.later, e)
		}
	}
	if s.head == len(s.queue) {
		s.queue, s.head = s.queue[:0], 0
	}
}

// send appends the lines of an entry, unless it has to wait for another second.
func (s *state) send(e *entry, b *batch) (sent bool) {
	if e.sum == nil {
		e.sum = make([]line.Number, e.series.Len())
	}
	if e.shown == shown && e.repeats(b.now) {
		e.queued = false
		return true
	}
	series, values := e.series, e.sum
	var second int64
	if s.increments && differs(series) {
		if second, sent = e.clock.give(e.second, b.now, b.final); !sent {
			return false
		}
		b.increments = true
		series, values = e.takeIncrements()
	} else if second, sent = e.takeTotals(b.now, b.final); !sent {
		return false
	}
	e.queued = false
	s.taken = append(s.taken, e)
	b.waitsSince(e.since)
	b.data = series.AppendLines(b.data, second, values)
	b.lines += present(values)
	return true
}

func present(values []line.Number) int {
	n := 0
	for _, v := range values {
		if v.Present() {
			n++
		}
	}
	return n
}

// settle forgets what was taken.
func (s *state) settle() {
	for i, e := range s.taken {
		s.taken[i] = nil
		if more := e.settle(); more && !e.queued {
			e.queued = true
			s.queue = append(s.queue, e)
		}
	}
	s.taken = s.taken[:0]
}

// restore puts what was taken back at the head of the queue.
func (s *state) restore(written bool) {
	for _, e := range s.taken {
		e.restore(written)
		e.queued = true
	}
	s.queueFirst(s.taken)
	clear(s.taken)
	s.taken = s.taken[:0]
}

// waiting returns how many lines wait, and when the oldest started to wait.
func (s *state) waiting() (lines int, oldest time.Time) {
	for _, list := range [][]*entry{s.queue[s.head:], s.later} {
		for _, e := range list {
			lines += e.series.Len()
			if oldest.IsZero() || e.since.Before(oldest) {
				oldest = e.since
			}
		}
	}
	return lines, oldest
}
