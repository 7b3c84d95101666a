package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// A ledger adds up what a Collector has written, service by service, and reads each of its files only once: many tests
// ask it at the same time.
type ledger struct {
	mu      sync.Mutex
	files   []string // of one process after the other
	offset  int64    // in the last one
	entries map[ledgerKey]entry
}

type ledgerKey struct {
	service, series string
	delta           bool
}

type entry struct {
	value float64
	at    time.Time
}

// follow goes on with another file.
func (l *ledger) follow(file string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files, l.offset = append(l.files, file), 0
}

// totals returns what the series of a service amount to: the sum of all deltas, or the newest total.
func (l *ledger) totals(service string, delta bool) (map[string]float64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(); err != nil {
		return nil, err
	}
	totals := make(map[string]float64)
	for k, e := range l.entries {
		if k.service == service && k.delta == delta {
			totals[k.series] = e.value
		}
	}
	return totals, nil
}

func (l *ledger) read() error {
	data, err := os.ReadFile(l.files[len(l.files)-1])
	if errors.Is(err, fs.ErrNotExist) || int64(len(data)) <= l.offset {
		return nil
	}
	if err != nil {
		return err
	}
	data = data[l.offset:]
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	points, err := parsePoints(data)
	if err != nil {
		return err
	}
	l.offset += int64(len(data))
	for _, p := range points {
		l.book(p)
	}
	return nil
}

// book adds a point. A total that was held up on its way does not undo a newer one.
func (l *ledger) book(p Point) {
	if l.entries == nil {
		l.entries = make(map[ledgerKey]entry)
	}
	k := ledgerKey{service: p.Resource["service.name"], series: p.Series(), delta: p.Delta}
	e := l.entries[k]
	switch {
	case p.Delta:
		e.value += p.Value
	case !p.Time.Before(e.at):
		e = entry{value: p.Value, at: p.Time}
	}
	l.entries[k] = e
}
