package sliprom

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A door decides which series still report 0.
type door struct {
	hold     time.Duration
	opened   time.Time
	released atomic.Bool // nothing is held any more
	shown    *watermark
}

// A watermark is a time in the life of a catalog: every series born until then may have been
// reported with its true value, so that it must not report 0 again. It only moves forward, and
// outlives the doors that move it.
type watermark struct {
	mu sync.Mutex
	at time.Time
}

type watermarkKey struct{}

func openDoor(catalog *otelsli.Catalog, hold time.Duration) *door {
	shown := catalog.Attachment(watermarkKey{}, func() any { return &watermark{} }).(*watermark)
	return &door{hold: hold, opened: time.Now(), shown: shown}
}

// raise moves the mark forward to t, unless it is there already, and returns where it is.
func (w *watermark) raise(t time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.After(w.at) {
		w.at = t
	}
	return w.at
}

// A view is what one collection shows: all series, or those born until some time.
type view struct {
	all   bool
	until time.Time
}

// look starts a collection. Its view is to be handed to seen afterwards.
func (d *door) look() view {
	if d.hold <= 0 || d.released.Load() {
		return view{all: true}
	}
	now := time.Now()
	if now.Sub(d.opened) < d.hold {
		return view{until: d.shown.raise(time.Time{})}
	}
	return view{until: d.shown.raise(now.Add(-d.hold))}
}

// seen ends a collection: what a view of all series has shown is younger than the view itself.
func (d *door) seen(v view) {
	if v.all {
		d.shown.raise(time.Now())
	}
}

// release ends the hold for good.
func (d *door) release() {
	d.released.Store(true)
	d.shown.raise(time.Now())
}

// shows reports whether the point, which is a series as it is now, is past its hold.
func (v view) shows(p *otelsli.Point) bool { return v.all || !p.Start.After(v.until) }
