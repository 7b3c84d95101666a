package sliprom

import "sync"

// A scrapePool keeps idle scrapes. It keeps only a few: each has a whole tree, and a target rarely
// has more than the two scrapers of a pair.
type scrapePool struct {
	mu   sync.Mutex
	free []*scrape
}

const maxFreeScrapes = 2

// lease returns a scrape for exclusive use until release.
func (e *Exporter) lease() *scrape {
	if s := e.scrapes.take(); s != nil {
		return s
	}
	return e.newScrape()
}

// release returns a scrape whose result is no longer used.
func (e *Exporter) release(s *scrape) {
	clear(s.families[:cap(s.families)]) // the metrics of siblings need not live until the next scrape
	e.scrapes.put(s)
}

func (p *scrapePool) take() *scrape {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return nil
	}
	s := p.free[n-1]
	p.free = p.free[:n-1]
	return s
}

func (p *scrapePool) put(s *scrape) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < maxFreeScrapes {
		p.free = append(p.free, s)
	}
}
