package sliprom

import "testing"

func TestPoolKeepsFew(t *testing.T) {
	t.Parallel()
	e := open(t, newShop(t).catalog)
	var leased []*scrape
	for range 5 {
		leased = append(leased, e.lease())
	}
	for _, s := range leased {
		s.collect(asLines, true, DefaultSiblingTimeout)
		e.release(s)
		if len(s.families) > 0 && s.families[0] != nil {
			t.Error("a scrape keeps its result")
		}
	}
	if n := len(e.scrapes.free); n != maxFreeScrapes {
		t.Errorf("%d scrapes are kept, want %d", n, maxFreeScrapes)
	}
	if s := e.lease(); s != leased[1] {
		t.Error("a kept scrape is not used")
	}
}

func TestArena(t *testing.T) {
	t.Parallel()
	a := arena{chunk: 3_000}
	seen := make(map[*leaf]bool)
	for range 10_000 {
		seen[a.next()] = true
	}
	if len(seen) != 10_000 || a.taken != 10_000 {
		t.Errorf("%d leaves of %d taken are distinct", len(seen), a.taken)
	}
	if a.chunk > maxChunk {
		t.Errorf("the next chunk has %d leaves", a.chunk)
	}
}
