package sliprom

import (
	"cmp"
	"slices"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A sheet is the SLIs of a catalog, prepared for a text format. Like a tree, it is built once and
// grows with the catalog, a collection only changes its numbers, and it belongs to one scrape at a
// time. Per series it holds only the numbers: names and labels are in the schema.
type sheet struct {
	schema   *schema
	sections map[*otelsli.Family]*section
	byName   map[string]*column
	columns  []*column // with at least one line, sorted by name
	series   int
	ripe     bool // columns has all of byName
}

// A section is the part of a sheet with the numbers of one family of the catalog.
type section struct {
	labels    labelText
	columns   []*column       // by counter; counters may share them
	values    [][]int64       // by counter, then by point
	exemplars []exemplarQueue // by counter
}

// absent is the value of a counter that a point lacks.
const absent = -1

func newSheet(s *schema) *sheet {
	return &sheet{
		schema:   s,
		sections: make(map[*otelsli.Family]*section),
		byName:   make(map[string]*column),
	}
}

// update collects the catalog. All counters of a point that v does not show are 0. Exemplars are
// collected only on demand.
func (s *sheet) update(catalog *otelsli.Catalog, v *view, exemplars bool) {
	for f := range catalog.Collect() {
		part := s.sections[f]
		if part == nil {
			part = s.begin(f)
		}
		part.forgetExemplars()
		for p := range f.Points() {
			if p.Index >= part.points() {
				s.grow(f, part, &p)
			}
			shown := v.shows(&p)
			part.set(&p, shown)
			if exemplars && shown {
				part.noteExemplars(&p)
			}
		}
	}
	if !s.ripe {
		s.ripen()
	}
}

// begin makes the section of a family that is new to the sheet, and its gauges, which never change.
func (s *sheet) begin(f *otelsli.Family) *section {
	counters := f.Counters()
	part := &section{values: make([][]int64, len(counters)), exemplars: make([]exemplarQueue, len(counters))}
	s.sections[f] = part
	for i, c := range counters {
		column := s.column(c.Name, c.Description, "counter")
		column.take(part, i)
		part.columns = append(part.columns, column)
	}
	for _, g := range f.Objectives() {
		s.column(g.Name, g.Description, "gauge").addConstant(g)
	}
	s.ripe = false
	return part
}

// column returns the column for an OpenTelemetry name.
func (s *sheet) column(otelName, help, typ string) *column {
	name := promName(otelName)
	c := s.byName[name]
	if c == nil {
		c = newColumn(name, help, typ)
		s.byName[name] = c
	}
	return c
}

// grow adds a point that is new to the sheet.
func (s *sheet) grow(f *otelsli.Family, part *section, p *otelsli.Point) {
	part.labels = s.schema.labelText(f, p)
	for i := range part.values {
		part.values[i] = append(part.values[i], absent)
		if _, ok := p.Value(i); ok {
			part.columns[i].series++
		}
	}
	s.ripe = false
}

// ripen lists the columns after the sheet has grown.
func (s *sheet) ripen() {
	s.columns, s.series = s.columns[:0], 0
	for _, c := range s.byName {
		s.series += c.series
		if c.series > 0 { // like expfmt, write no family without metrics
			s.columns = append(s.columns, c)
		}
	}
	slices.SortFunc(s.columns, func(a, b *column) int { return cmp.Compare(a.name, b.name) })
	s.ripe = true
}

// points returns the number of points. The labels may cover more: another scrape may know them.
func (s *section) points() int { return len(s.values[0]) }

// set writes the counters of a point, all from the single reading p.
func (s *section) set(p *otelsli.Point, shown bool) {
	for i, column := range s.values {
		value, ok := p.Value(i)
		switch {
		case !ok:
			value = absent
		case !shown:
			value = 0
		}
		column[p.Index] = value
	}
}
