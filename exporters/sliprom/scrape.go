package sliprom

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// A scrape is one collection and everything that it needs. It is kept for later ones, so that a
// collection allocates next to nothing, and belongs to one request at a time.
type scrape struct {
	exporter *Exporter
	tree     *tree
	problems *problemFamily
	families []*dto.MetricFamily // the result, sorted by name
	taken    map[string]bool     // names in it, as scrapers see them
	flights  []*flight           // by sibling

	handler http.Handler // encodes families
	errors  encodeErrors // of doing so
}

var _ prometheus.TransactionalGatherer = (*scrape)(nil)

func (e *Exporter) newScrape() *scrape {
	s := &scrape{
		exporter: e,
		tree:     newTree(e.schema),
		problems: newProblemFamily(e.door.opened),
		taken:    make(map[string]bool),
	}
	s.handler = promhttp.HandlerForTransactional(s, promhttp.HandlerOpts{
		ErrorLog:                            &s.errors,
		ErrorHandling:                       promhttp.ContinueOnError,
		EnableOpenMetrics:                   true,
		EnableOpenMetricsTextCreatedSamples: e.config.created,
	})
	return s
}

// Gather hands the result to promhttp.
func (s *scrape) Gather() ([]*dto.MetricFamily, func(), error) {
	return s.families, func() {}, nil
}

// collect makes families anew, for a scraper or for somebody else, and returns what it shows. The
// siblings gather while the SLIs are collected.
func (s *scrape) collect(scraper bool, timeout time.Duration) view {
	clear(s.taken)
	s.flights = s.flights[:0]
	for _, sibling := range s.exporter.siblings {
		s.flights = append(s.flights, sibling.take())
	}

	v := s.exporter.door.look(scraper)
	s.tree.update(s.exporter.catalog, &v)
	s.exporter.door.seen(v)
	s.families = append(s.families[:0], s.tree.families...)
	s.families = append(s.families, &s.problems.family)
	for _, f := range s.families {
		s.taken[f.GetName()] = true
	}

	for i, sibling := range s.exporter.siblings {
		s.land(sibling, s.flights[i], timeout)
	}
	clear(s.flights) // they would keep the metrics of siblings alive until the next scrape
	s.problems.update(s.exporter.problems)
	slices.SortFunc(s.families, byName)
	return v
}

// land adds what a sibling has gathered.
func (s *scrape) land(sibling *sibling, f *flight, timeout time.Duration) {
	report := s.exporter.problems.report
	switch {
	case f == nil:
		return
	case !f.wait(timeout):
		report(gatherTimeout, sibling.name, "", errOverdue)
		return
	case errors.Is(f.err, errPanicked):
		report(gatherPanicked, sibling.name, "", f.err)
	case f.err != nil:
		report(gatherFailed, sibling.name, "", f.err)
	}
	for _, family := range f.families {
		name := exposedName(family.GetName())
		if len(family.GetMetric()) == 0 {
			continue // encoders refuse it, and it says nothing
		}
		if err := validate(family); err != nil {
			report(invalidFamily, sibling.name, family.GetName(), err)
			continue
		}
		if s.taken[name] {
			report(duplicateFamily, sibling.name, family.GetName(), errTaken)
			continue
		}
		s.taken[name] = true
		s.families = append(s.families, family)
	}
}
