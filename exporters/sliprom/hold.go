package sliprom

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A door decides which series still report 0, and to whom.
//
// Scrapers, which state their timeout, should see the 0 of a series and its value in two separate
// scrapes, so their hold runs from the first scrape that included the series. Other clients may come
// at any time or never again, so their hold is a matter of time alone.
type door struct {
	hold     time.Duration
	opened   time.Time
	released atomic.Bool // nothing is held any more
	shown    *watermarks

	mu      sync.Mutex
	scrapes []time.Time // the first scrapes of series that are still held
	newest  time.Time   // the last time added to scrapes
}

// watermarks are times in the life of a catalog: every series created up to then may have been
// reported with its true value, to scrapers or to others, and must not report 0 to them again. They
// outlive the doors that move them.
type watermarks struct{ scrapers, others watermark }

// A watermark is a time that only moves forward.
type watermark struct {
	mu sync.Mutex
	at time.Time
}

type watermarksKey struct{}

func openDoor(catalog *otelsli.Catalog, hold time.Duration) *door {
	shown := catalog.Attachment(watermarksKey{}, func() any { return &watermarks{} }).(*watermarks)
	return &door{hold: hold, opened: time.Now(), shown: shown}
}

// raise moves the mark forward to t, unless it is there already, and returns its position.
func (w *watermark) raise(t time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.After(w.at) {
		w.at = t
	}
	return w.at
}

// A view is what one collection shows: all series, or those created up to some time.
type view struct {
	scraper bool // the client is one
	all     bool
	until   time.Time
	at      time.Time // when it began
	held    time.Time // creation of the youngest series held in it; zero: none is held
}

// look starts a collection. The caller must pass its view to seen after the collection, and a
// scraper's also to delivered once the response has been written.
func (d *door) look(scraper bool) view {
	v := view{scraper: scraper, at: time.Now()}
	switch {
	case d.hold <= 0 || d.released.Load():
		v.all = true
	case scraper:
		v.until = d.ripen(v.at)
	default:
		v.until = d.ripenByTime(v.at)
		if t := d.shown.scrapers.raise(time.Time{}); t.After(v.until) {
			v.until = t // what scrapers have seen never falls back to 0
		}
	}
	return v
}

// ripen releases the series that scrapers have known for the hold time, and returns the creation
// time up to which series are released.
func (d *door) ripen(now time.Time) (until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.scrapes) > 0 && now.Sub(d.scrapes[0]) >= d.hold {
		until, d.scrapes = d.scrapes[0], d.scrapes[1:]
	}
	return d.shown.scrapers.raise(until)
}

// ripenByTime is ripen for clients other than scrapers.
func (d *door) ripenByTime(now time.Time) (until time.Time) {
	if now.Sub(d.opened) >= d.hold {
		until = now.Add(-d.hold)
	}
	return d.shown.others.raise(until)
}

// seen ends a collection. A view of all series may have shown ones created after the view itself.
func (d *door) seen(v view) {
	switch {
	case !v.all:
	case v.scraper:
		d.shown.scrapers.raise(time.Now())
	default:
		d.shown.others.raise(time.Now())
	}
}

// delivered records that a scraper has received a view. If it held series that no scraper had seen
// before, their hold starts with it.
func (d *door) delivered(v view) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.held.After(d.newest) {
		d.scrapes, d.newest = append(d.scrapes, v.at), v.at
	}
}

// release ends the hold permanently.
func (d *door) release() {
	d.released.Store(true)
	d.shown.scrapers.raise(time.Now())
	d.shown.others.raise(time.Now())
}

// shows reports whether the series of the point is past its hold. It records the youngest one that
// is not, except those created during the collection, which may have missed others of the same age.
func (v *view) shows(p *otelsli.Point) bool {
	if v.all || !p.Start.After(v.until) {
		return true
	}
	if p.Start.After(v.held) && !p.Start.After(v.at) {
		v.held = p.Start
	}
	return false
}
