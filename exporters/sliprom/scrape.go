package sliprom

import (
	"errors"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// A scrape is one collection and everything it needs. Later collections reuse it, so they allocate
// next to nothing. It belongs to one request at a time.
type scrape struct {
	exporter *Exporter
	tree     *tree  // nil until the first collection of this form
	sheet    *sheet // likewise
	problems *problemFamily
	taken    map[string]bool // exposed names in the result
	flights  []*flight       // by sibling

	// The result: the contents of families and columns, each sorted by name. The SLIs are in one of
	// the two.
	families []*dto.MetricFamily
	columns  []*column
	series   int // of SLIs
}

// A form is the representation of the SLIs in a collection.
type form int

const (
	asFamilies           form = iota // metric families, for protobuf and Gather
	asLines                          // columns of a text format
	asLinesWithExemplars             // the same for OpenMetrics
)

func (e *Exporter) newScrape() *scrape {
	return &scrape{
		exporter: e,
		problems: newProblemFamily(e.door.opened),
		taken:    make(map[string]bool),
	}
}

// collect replaces the result with a new one, for a scraper or for another client, and returns what
// it shows. Siblings gather while the SLIs are collected.
func (s *scrape) collect(f form, scraper bool, timeout time.Duration) view {
	clear(s.taken)
	s.flights = s.flights[:0]
	for _, sibling := range s.exporter.siblings {
		s.flights = append(s.flights, sibling.take())
	}

	v := s.exporter.door.look(scraper)
	s.families, s.columns = append(s.families[:0], &s.problems.family), nil
	s.collectSLIs(f, &v)
	s.exporter.door.seen(v)
	for _, f := range s.families {
		s.taken[f.GetName()] = true
	}
	for _, c := range s.columns {
		s.taken[c.name] = true
	}

	for i, sibling := range s.exporter.siblings {
		s.land(sibling, s.flights[i], timeout)
	}
	clear(s.flights) // otherwise they would keep the siblings' metrics alive until the next scrape
	s.problems.update(s.exporter.problems)
	slices.SortFunc(s.families, byName)
	return v
}

func (s *scrape) collectSLIs(f form, v *view) {
	catalog, schema := s.exporter.catalog, s.exporter.schema
	if f == asFamilies {
		if s.tree == nil {
			s.tree = newTree(schema)
		}
		s.tree.update(catalog, v)
		s.families, s.series = append(s.families, s.tree.families...), s.tree.series
		return
	}
	if s.sheet == nil {
		s.sheet = newSheet(schema)
	}
	s.sheet.update(catalog, v, f == asLinesWithExemplars)
	s.columns, s.series = s.sheet.columns, s.sheet.series
}

// hasSLIs reports whether a client that wants v gets any of the collected SLIs.
func (s *scrape) hasSLIs(v *variant) bool {
	if v.form() == asFamilies {
		return slices.ContainsFunc(s.tree.families, func(f *dto.MetricFamily) bool { return v.wants(f.GetName()) })
	}
	return slices.ContainsFunc(s.columns, func(c *column) bool { return v.wants(c.name) })
}

// land adds the families that a sibling has gathered.
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
			continue // encoders reject empty families
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
