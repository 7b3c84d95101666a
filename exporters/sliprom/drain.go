package sliprom

import (
	"context"
	"fmt"
	"sync"
)

// Drain ends the hold permanently: from now on every series reports its true value, even if another
// exporter of the catalog replaces this one. It then waits until the given number of distinct
// scrapers have each completed one more scrape, which includes everything counted before Drain. If
// ctx ends first, the error wraps its cause. With zero scrapers or less, Drain does not wait.
//
// A scrape counts if it carries the timeout header of Prometheus, began after Drain was called, was
// answered with metrics and was written out completely. Scrapers are told apart by remote address
// and port, because Prometheus keeps its connection between scrapes; a scraper that reconnects each
// time counts as a new one each time.
func (e *Exporter) Drain(ctx context.Context, scrapers int) error {
	e.door.release()
	for _, s := range e.siblings {
		s.renew() // the last scrapes do not share a gathering that began earlier
	}
	if scrapers <= 0 {
		return nil
	}
	w := e.drains.wait(scrapers)
	defer e.drains.forget(w)
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sliprom: drain: %d of %d scrapers came: %w", e.drains.count(w), scrapers, context.Cause(ctx))
	}
}

// drains are the calls of Drain that are waiting for scrapers. The zero value is ready to use.
type drains struct {
	mu      sync.Mutex
	calls   int // so far
	waiting map[*drainWait]struct{}
}

// A drainWait is one waiting call.
type drainWait struct {
	number int // among the calls
	want   int
	came   map[string]bool // by remote address
	done   chan struct{}   // closed once enough have come
}

// now returns the current position in the sequence of Drain calls.
func (d *drains) now() (mark int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// wait registers a call that waits for the given number of scrapers.
func (d *drains) wait(want int) *drainWait {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	w := &drainWait{number: d.calls, want: want, came: make(map[string]bool), done: make(chan struct{})}
	if d.waiting == nil {
		d.waiting = make(map[*drainWait]struct{})
	}
	d.waiting[w] = struct{}{}
	return w
}

func (d *drains) forget(w *drainWait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waiting, w)
}

func (d *drains) count(w *drainWait) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(w.came)
}

// scraped records a complete scrape that began at the given mark.
func (d *drains) scraped(began int, scraper string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for w := range d.waiting {
		if w.number > began || w.came[scraper] {
			continue
		}
		w.came[scraper] = true
		if len(w.came) == w.want {
			close(w.done)
		}
	}
}
