package sliprom

import (
	"context"
	"fmt"
	"sync"
)

// Drain ends the hold for good: from now on every series reports its true value, also after this
// exporter is replaced by another one of the catalog. It then returns when so many distinct scrapers
// have completed one more scrape, so that what was counted before Drain has been fetched, or with
// an error that wraps the cause of ctx when that is over. With scrapers of zero or less it does
// not wait.
//
// A scrape counts if it carries the timeout header of Prometheus, began after Drain was called, was
// answered by metrics, and was written out completely. Scrapers are told apart by their remote
// address with its port, for Prometheus keeps its connection from scrape to scrape; one that
// connects anew each time is a new one each time.
func (e *Exporter) Drain(ctx context.Context, scrapers int) error {
	e.door.release()
	for _, s := range e.siblings {
		s.renew() // what a gatherer has begun before is not shared with the last scrapes
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

// drains are the calls of Drain that wait for scrapers. Its zero value is ready to use.
type drains struct {
	mu      sync.Mutex
	calls   int // so far
	waiting map[*drainWait]struct{}
}

// A drainWait is one call that waits.
type drainWait struct {
	number int // among the calls
	want   int
	came   map[string]bool // by remote address
	done   chan struct{}   // closed once enough have come
}

// now returns a mark of the present among the calls of Drain.
func (d *drains) now() (mark int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// wait starts a call that waits for so many scrapers.
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

// scraped notes a scrape that began at the mark and is complete.
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
