package otelsli

import (
	"iter"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// A Family is one SLI in a collection: its counters and its series. Every collection yields the
// same *Family, so an exporter can cache what it prepares for it.
//
// The last family of a catalog is not an SLI: it counts the events of undeclared label
// combinations, by SLI.
type Family struct {
	name       string
	counters   []Counter
	objectives []Gauge
	points     iter.Seq[Point]
}

// A Gauge is a constant taken from a declaration: an objective or its window.
type Gauge struct {
	Name        string
	Description string
	Unit        string // UCUM
	Attributes  attribute.Set
	Value       float64
}

// A Point is one series of a [Family] in one collection.
type Point struct {
	// Index is the position of the series in its family. It never changes and has no gaps; later
	// collections may add points.
	Index int

	// Counts is a single reading of the cells. All counters of a point derive from it, so no
	// counter exceeds a counter that includes it.
	Counts Counts

	// Start is when the series was created, with all counters at 0.
	Start time.Time

	counters     []Counter
	sets         []attribute.Set
	latency      bool
	slow, failed *Exemplar
}

// Collect yields the families of the catalog in the order of their declaration. It is safe for
// concurrent use, including with recording and declaring. The first call makes the prefix and the
// layout of the catalog final.
//
// A family whose SLI has no series yet has no points.
func (c *Catalog) Collect() iter.Seq[*Family] {
	families := c.freeze()
	return func(yield func(*Family) bool) {
		for _, f := range families {
			if !yield(f) {
				return
			}
		}
	}
}

// Series yields all current series with the names of their SLIs, in the order in which they were
// created. It is meant for tests and displays: unlike [Catalog.Collect], it makes nothing final and
// knows no metric names.
func (c *Catalog) Series() iter.Seq2[string, Bound] {
	return func(yield func(sli string, series Bound) bool) {
		for _, ind := range c.order.load() {
			for _, s := range ind.all.load() {
				if !yield(ind.spec.Name, Bound{series: s}) {
					return
				}
			}
		}
	}
}

// Name returns the name of the SLI, or "undeclared" for the family of undeclared events.
func (f *Family) Name() string { return f.name }

// Counters returns the counters that each point of the family is exported as. Counters of several
// families may share a name (layout [Outcomes]); they are then one metric. The slice is shared and
// must not be modified.
func (f *Family) Counters() []Counter { return f.counters }

// Objectives returns the gauges of the SLI's objective, or nil if it has none. The slice is shared
// and must not be modified.
func (f *Family) Objectives() []Gauge { return f.objectives }

// Points yields the series of the family in the order of [Point].Index.
func (f *Family) Points() iter.Seq[Point] { return f.points }

// Value returns the value of the family's counter i. ok is false if the series does not have this
// counter because its latency is not judged.
func (p *Point) Value(i int) (value int64, ok bool) {
	c := &p.counters[i]
	if c.latency && !p.latency {
		return 0, false
	}
	for _, cell := range c.cells {
		value += p.Counts[cell]
	}
	return value, true
}

// Exemplar returns the newest exemplar of the family's counter i; ok is false if there is none. Its
// event is included in Counts. It stays the same until a newer one replaces it, at most once every
// [ExemplarInterval].
//
// In the layout [Counters], failed events have their exemplars on error.total, and slow ones on
// both slow.total and apdex.total, because an apdex is computed from the latter. In the layout
// [Outcomes], the failed and the slow outcome each have their own.
func (p *Point) Exemplar(i int) (e Exemplar, ok bool) {
	var newest *Exemplar
	switch p.counters[i].exemplar {
	case Slow:
		newest = p.slow
	case Failed:
		newest = p.failed
	default:
	}
	if newest == nil {
		return Exemplar{}, false
	}
	return *newest, true
}

// Attributes returns the attributes of the family's counter i: the labels of the series and those
// that the layout adds.
func (p *Point) Attributes(i int) attribute.Set {
	if len(p.sets) == 1 {
		return p.sets[0]
	}
	return p.sets[i]
}

// newFamily creates the family of one SLI.
func newFamily(ind *indicator, prefix string, layout Layout) *Family {
	f := &Family{
		name:       ind.spec.Name,
		counters:   layout.Counters(prefix, ind.spec),
		objectives: objectives(prefix, ind.spec),
	}
	f.points = func(yield func(Point) bool) {
		off := ind.catalog.exemplarFilter() == AlwaysOff
		for _, s := range ind.all.load() {
			p := Point{
				Index:    s.info.index,
				Start:    s.info.start,
				counters: f.counters,
				sets:     s.info.sets,
				latency:  s.threshold > 0,
			}
			if !off {
				p.slow, p.failed = s.readExemplars()
			}
			p.Counts = s.counts()
			if !yield(p) {
				return
			}
		}
	}
	return f
}

// objectives creates the gauges of an SLI's objectives.
func objectives(prefix string, spec Spec) []Gauge {
	var all []Gauge
	add := func(slo string, ratio float64) {
		if ratio == 0 {
			return
		}
		attributes := attribute.NewSet(attribute.String(AttributeSLI, spec.Name), attribute.String(AttributeSLO, slo))
		all = append(all, Gauge{
			Name:        ObjectiveRatioName(prefix),
			Description: "Target share of good events over the window of the objective.",
			Unit:        UnitRatio,
			Attributes:  attributes,
			Value:       ratio,
		}, Gauge{
			Name:        ObjectiveWindowName(prefix),
			Description: "Window of the objective.",
			Unit:        UnitSeconds,
			Attributes:  attributes,
			Value:       spec.Objective.Window.Seconds(),
		})
	}
	add(SLOAvailability, spec.Objective.Availability)
	add(SLOApdex, spec.Objective.Apdex)
	return all
}

// newUndeclaredFamily creates the family that counts undeclared events: two points for each SLI,
// whose cells are the sums over its undeclared series.
func newUndeclaredFamily(c *Catalog) *Family {
	f := &Family{
		name: "undeclared",
		counters: []Counter{{
			Name:        UndeclaredName(c.prefix),
			Description: "Events recorded with a combination of labels that was not declared.",
			Unit:        UnitEvent,
			cells:       []Outcome{Success, Slow, Failed, Ignored},
		}},
	}
	f.points = func(yield func(Point) bool) {
		for i, ind := range c.order.load() {
			kept, overflow := ind.undeclaredEvents()
			for j, counts := range []Counts{kept, overflow} {
				p := Point{
					Index:    2*i + j,
					Counts:   counts,
					Start:    ind.born,
					counters: f.counters,
					sets:     ind.undeclaredSets[j],
				}
				if !yield(p) {
					return
				}
			}
		}
	}
	return f
}

// undeclaredSets creates the attributes of an SLI's two points in the undeclared family.
func undeclaredSets(sli string) (sets [2][]attribute.Set) {
	for j, kind := range []string{SeriesKept, SeriesOverflow} {
		sets[j] = []attribute.Set{attribute.NewSet(attribute.String(AttributeSLI, sli), attribute.String(AttributeSeries, kind))}
	}
	return sets
}
