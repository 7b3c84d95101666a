package sliprom

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A door decides which series still report 0, and to whom.
//
// Scrapers, which state their timeout, are to see the 0 of a series and its value in two scrapes:
// for them the hold runs from the first scrape that a series was part of. Of other clients nobody
// knows when or whether they come again: for them it runs by time alone.
type door struct {
	hold     time.Duration
	opened   time.Time
	released atomic.Bool // nothing is held any more
	shown    *watermarks

	mu      sync.Mutex
	scrapes []time.Time // that were the first of some series, while these are held
	newest  time.Time   // the last that was in scrapes
}

// watermarks are times in the life of a catalog: every series born until then may have been reported
// with its true value, to scrapers or to others, so that it must not report 0 to them again. They
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
	scraper bool // is who asks for it
	all     bool
	until   time.Time
	at      time.Time // when it began
	held    time.Time // when the youngest series was born that is held in it; zero: none is
}

// look starts a collection. Its view is to be handed to seen after the collection, and that of a
// scraper to delivered once it has been written out.
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
			v.until = t // what scrapers have seen falls back to 0 for nobody
		}
	}
	return v
}

// ripen releases the series that scrapers have known for the hold, and returns until when all have
// been born that are released.
func (d *door) ripen(now time.Time) (until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.scrapes) > 0 && now.Sub(d.scrapes[0]) >= d.hold {
		until, d.scrapes = d.scrapes[0], d.scrapes[1:]
	}
	return d.shown.scrapers.raise(until)
}

// ripenByTime is ripen for clients that are no scrapers.
func (d *door) ripenByTime(now time.Time) (until time.Time) {
	if now.Sub(d.opened) >= d.hold {
		until = now.Add(-d.hold)
	}
	return d.shown.others.raise(until)
}

// seen ends a collection: what a view of all series has shown is younger than the view itself.
func (d *door) seen(v view) {
	switch {
	case !v.all:
	case v.scraper:
		d.shown.scrapers.raise(time.Now())
	default:
		d.shown.others.raise(time.Now())
	}
}

// delivered notes that a scraper has a view. If series were held in it that no scraper had seen
// before, their hold has begun with it.
func (d *door) delivered(v view) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.held.After(d.newest) {
		d.scrapes, d.newest = append(d.scrapes, v.at), v.at
	}
}

// release ends the hold for good.
func (d *door) release() {
	d.released.Store(true)
	d.shown.scrapers.raise(time.Now())
	d.shown.others.raise(time.Now())
}

// shows reports whether the point, which is a series as it is now, is past its hold. It notes the
// youngest that is not, except those born during the collection, of which it may have missed others.
func (v *view) shows(p *otelsli.Point) bool {
	if v.all || !p.Start.After(v.until) {
		return true
	}
	if p.Start.After(v.held) && !p.Start.After(v.at) {
		v.held = p.Start
	}
	return false
}
