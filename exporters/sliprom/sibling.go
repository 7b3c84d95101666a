package sliprom

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A sibling is a source of metrics that are not SLIs. It may fail in any way.
type sibling struct {
	name     string
	gatherer prometheus.Gatherer
	ready    func() bool // asked until it returns true; no scrape calls the gatherer before. nil: always ready
	awake    atomic.Bool // ready has returned true

	mu      sync.Mutex
	current *flight // nil: none in progress
}

// A flight is one call of the gatherer. Scrapes that arrive meanwhile share it, so that calls of a
// hanging gatherer do not pile up.
type flight struct {
	began    time.Time
	done     chan struct{} // closed at the end; from then on the fields below are final
	families []*dto.MetricFamily
	err      error
}

// errPanicked marks the error of a gatherer that panicked.
var errPanicked = errors.New("gatherer panicked")

// take joins the flight in progress or starts one. It returns nil if the sibling is not ready.
func (s *sibling) take() *flight {
	if !s.isReady() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		s.current = &flight{began: time.Now(), done: make(chan struct{})}
		go s.fly(s.current)
	}
	return s.current
}

func (s *sibling) isReady() bool {
	if s.ready == nil || s.awake.Load() {
		return true
	}
	if !s.ready() {
		return false
	}
	s.awake.Store(true)
	return true
}

// renew lets the next scrape start a flight, even if one is in progress.
func (s *sibling) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
}

// forget lets the next scrape start a flight, unless a newer one than f is in progress.
func (s *sibling) forget(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == f {
		s.current = nil
	}
}

func (s *sibling) fly(f *flight) {
	defer func() {
		if r := recover(); r != nil {
			f.err = fmt.Errorf("%w: %v", errPanicked, r)
		}
		s.forget(f) // before done is closed: a later scrape wants later numbers
		close(f.done)
	}()
	f.families, f.err = s.gatherer.Gather()
}

// wait waits for the flight and reports whether it ended within timeout of its start: scrapes that
// find an overdue flight do not wait at all.
func (f *flight) wait(timeout time.Duration) bool {
	select {
	case <-f.done:
		return true
	default:
	}
	timer := time.NewTimer(timeout - time.Since(f.began))
	defer timer.Stop()
	select {
	case <-f.done:
		return true
	case <-timer.C:
		return false
	}
}
