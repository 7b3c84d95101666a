package graphitebridge

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A tally counts events by series. It is the bounded queue of a [Publisher]: however many events
// there are, and however long the agent is down, it holds one number per series.
type tally struct {
	limit int

	mu     sync.Mutex
	closed bool
	series map[string]*tallied // by key
	byName map[string]*tallied // by line name: different tags may become equal when made safe
	taken  []*tallied
}

// A tallied is the event count of one series.
type tallied struct {
	name    line.Name
	waiting int64
	taken   int64
	clock   clock
	since   time.Time // time of the first waiting event
	idle    int       // flushes without an event
}

// maxIdle is the number of flushes without an event after which a series is forgotten.
const maxIdle = 60

func newTally(limit int) *tally {
	return &tally{limit: limit, series: make(map[string]*tallied), byName: make(map[string]*tallied)}
}

// add counts an event. It returns false if there is no room for its series, if the series has no
// valid name, and after close.
func (t *tally) add(key string, name func() (line.Name, bool)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	s := t.series[key]
	if s == nil {
		if s = t.create(key, name); s == nil {
			return false
		}
	}
	if s.waiting == 0 {
		s.since = time.Now()
	}
	s.waiting++
	s.idle = 0
	return true
}

// create adds a series. The caller must hold the lock.
func (t *tally) create(key string, name func() (line.Name, bool)) *tallied {
	if len(t.series) >= t.limit {
		return nil
	}
	n, ok := name()
	if !ok {
		return nil
	}
	s := t.byName[n.String()]
	if s == nil {
		s = &tallied{name: n}
		t.byName[n.String()] = s
	}
	t.series[key] = s
	return s
}

// close rejects further events, so that the last flush is final.
func (t *tally) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

// begin forgets series without recent events.
func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now().Unix()
	forget := func(s *tallied) bool {
		return s.idle > maxIdle && s.waiting == 0 && s.taken == 0 && s.clock.given < now
	}
	maps.DeleteFunc(t.series, func(_ string, s *tallied) bool { return forget(s) })
	maps.DeleteFunc(t.byName, func(_ string, s *tallied) bool { return forget(s) })
	for _, s := range t.byName {
		s.idle++
	}
}

func (t *tally) fill(b *batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.byName {
		if b.full() {
			return
		}
		if s.waiting > 0 {
			t.send(s, b)
		}
	}
}

// send appends the line of a series. The caller must hold the lock.
func (t *tally) send(s *tallied, b *batch) {
	second, ok := s.clock.give(b.now, b.now, b.final)
	if !ok {
		return
	}
	b.data = s.name.AppendLine(b.data, second, line.Int(s.waiting))
	b.lines++
	b.increments = true
	b.waitsSince(s.since)
	s.taken, s.waiting = s.waiting, 0
	t.taken = append(t.taken, s)
}

func (t *tally) settle() {
	t.end(func(s *tallied) {})
}

func (t *tally) restore(bool) {
	t.end(func(s *tallied) {
		s.waiting += s.taken
		s.clock.takeBack()
	})
}

// end ends the batch: it calls of for what was taken.
func (t *tally) end(of func(*tallied)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, s := range t.taken {
		of(s)
		s.taken = 0
		t.taken[i] = nil
	}
	t.taken = t.taken[:0]
}

// keyOf returns a key that identifies the arguments of an event.
func keyOf(kind, method, detail string, tags map[string]string) string {
	var b []byte
	add := func(text string) {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	add(kind)
	add(method)
	add(detail)
	for _, t := range sorted(tags) {
		add(t.Key)
		add(t.Value)
	}
	return string(b)
}

// sorted returns the tags sorted by key.
func sorted(tags map[string]string) []line.Tag {
	list := make([]line.Tag, 0, len(tags))
	for key, value := range tags {
		list = append(list, line.Tag{Key: key, Value: value})
	}
	slices.SortFunc(list, func(a, b line.Tag) int { return strings.Compare(a.Key, b.Key) })
	return list
}
