package graphitebridge

import (
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// An entry is the pending data of one series: its newest totals and, for increments, how much of them
// has been acknowledged. It takes the same memory after an hour of outage as after a second.
type entry struct {
	series *line.Series
	parts  []part         // by origin; their sum is sent
	apart  []formerBounds // increments of a histogram with former bounds, oldest first
	sum    []line.Number  // the values to send, computed when sending
	clock  clock
	second int64     // timestamp of the newest sample
	since  time.Time // when it started to wait
	seen   uint64    // generation of its last sample
	queued bool      // waiting
	taken  taking    // in the current batch
	shown  showing   // state of sum, for totals
}

// A taking says which part of an entry is in the current batch.
type taking uint8

const (
	takenNone taking = iota
	takenTotals
	takenIncrements
	takenFormer // the first increments of former bounds
)

// A part is the totals of one origin.
type part struct {
	total []line.Number
	base  []line.Number // acknowledged totals; nil if totals are sent
	next  []line.Number // the base once what was taken is acknowledged
	start int64
	known bool
}

// formerBounds is what a histogram counted with bounds that it no longer has.
type formerBounds struct {
	series *line.Series
	values []line.Number
}

// maxFormer is how many increments with former bounds can wait.
const maxFormer = 4

// update absorbs a sample. It returns how many lines with former bounds had to be given up.
func (e *entry) update(s *line.Sample, increments bool, m *memory) (lost int) {
	if e.series != s.Series {
		lost = e.reshape(s.Series, increments)
	}
	e.second = s.Seconds
	for s.Part >= len(e.parts) {
		e.parts = append(e.parts, part{})
	}
	p := &e.parts[s.Part]
	if p.total == nil {
		p.init(e.series, increments && differs(e.series))
		m.recall(e, s)
	}
	switch {
	case s.Delta:
		p.accumulate(e.series, s.Values)
	case p.restarted(s):
		p.rebase(e.series)
		fallthrough
	default:
		copy(p.total, s.Values)
	}
	p.start, p.known = s.Start, true
	return lost
}

// differs reports whether a series can be sent as increments.
func differs(s *line.Series) bool { return s.Differs(0) }

func (p *part) init(s *line.Series, increments bool) {
	p.total = make([]line.Number, s.Len())
	if increments {
		p.base = make([]line.Number, s.Len())
		p.next = make([]line.Number, s.Len())
	}
}

// accumulate adds increments from the source.
func (p *part) accumulate(s *line.Series, values []line.Number) {
	for i, v := range values {
		p.total[i] = combine(s.Rule(i), p.total[i], v)
	}
}

func combine(rule line.Rule, a, b line.Number) line.Number {
	switch {
	case !a.Present():
		return b
	case !b.Present():
		return a
	case rule == line.Add:
		return a.Add(b)
	case rule == line.Min && a.Float64() < b.Float64(), rule == line.Max && a.Float64() > b.Float64():
		return a
	}
	return b
}

// restarted reports whether a cumulative sample has another start than the previous one.
func (p *part) restarted(sample *line.Sample) bool {
	if p.base == nil || !p.known {
		return false
	}
	moved := sample.Start != p.start && sample.Start != 0 && p.start != 0
	return moved || sample.Values[0].Float64() < p.total[0].Float64()
}

// rebase prepares for totals that restart at 0: what was counted before remains to be sent.
func (p *part) rebase(s *line.Series) {
	for i := range p.base {
		if s.Differs(i) {
			p.base[i] = minus(p.base[i], p.total[i])
			p.next[i] = minus(p.next[i], p.total[i])
		}
	}
}

// minus returns a − b; an absent a counts as 0.
func minus(a, b line.Number) line.Number {
	if !a.Present() {
		a = line.Int(0)
	}
	return a.Sub(b)
}

// reshape gives the entry a series with other bounds. Waiting increments with the former bounds
// cannot be expressed in the new ones, unless buckets were only added.
func (e *entry) reshape(s *line.Series, increments bool) (lost int) {
	before := e.series
	e.series = s
	defer func() { e.sum = nil }()
	if s.Grown() {
		for i := range e.parts {
			e.parts[i].carry(s, before)
		}
		return 0
	}
	if increments && differs(before) {
		lost = e.setApart(before)
	}
	e.parts = nil
	return lost
}

func (p *part) carry(s, before *line.Series) {
	for _, values := range []*[]line.Number{&p.total, &p.base, &p.next} {
		if *values != nil {
			*values = s.Carry(before, *values)
		}
	}
}

// setApart keeps the increments that have not been taken yet. Those that have are in a batch that
// will be sent as it is.
func (e *entry) setApart(before *line.Series) (lost int) {
	if e.taken == takenIncrements {
		e.settle()
	}
	values := e.increments(make([]line.Number, before.Len()), before)
	if allZero(values) {
		return 0
	}
	if len(e.apart) == maxFormer {
		return len(values)
	}
	e.apart = append(e.apart, formerBounds{before, values})
	return 0
}

func allZero(values []line.Number) bool {
	for _, v := range values {
		if !v.IsZero() {
			return false
		}
	}
	return true
}

// increments writes to dst what has been counted beyond the acknowledged totals. Values without
// increments, such as the maximum, are left out: they are known only for the whole time.
func (e *entry) increments(dst []line.Number, s *line.Series) []line.Number {
	clear(dst)
	for i := range e.parts {
		p := &e.parts[i]
		for j, v := range p.total {
			if s.Differs(j) && v.Present() {
				dst[j] = dst[j].Add(v.Sub(p.base[j]))
			}
		}
	}
	return dst
}

// takeIncrements returns the next increments to send: those with former bounds first.
func (e *entry) takeIncrements() (*line.Series, []line.Number) {
	if len(e.apart) > 0 {
		e.taken = takenFormer
		return e.apart[0].series, e.apart[0].values
	}
	e.taken = takenIncrements
	for i := range e.parts {
		e.parts[i].take()
	}
	return e.series, e.increments(e.sum, e.series)
}

// take records the totals that are sent. A total that is absent now, as the sum of a histogram may
// be, keeps its previous base.
func (p *part) take() {
	for i, v := range p.total {
		if p.next[i] = v; !v.Present() {
			p.next[i] = p.base[i]
		}
	}
}

// settle marks what was taken as acknowledged. It reports whether more is waiting.
func (e *entry) settle() (more bool) {
	switch e.taken {
	case takenTotals:
		e.shown = shown
	case takenFormer:
		e.apart, more = e.apart[1:], true
	case takenIncrements:
		for i := range e.parts {
			p := &e.parts[i]
			p.base, p.next = p.next, p.base
		}
	}
	e.taken = takenNone
	return more
}

// restore makes what was taken wait again. Unless it was written, which only totals can have been, no
// receiver has seen it.
func (e *entry) restore(written bool) {
	switch {
	case written:
		e.shown = maybeShown
	case e.shown == unshown: // otherwise it was sent before, with this timestamp
		e.clock.takeBack()
	}
	e.taken = takenNone
}
