package line

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// create gives an origin its first series, or one with other bounds. A new origin is kept from now
// on, even if only to remember that it is refused.
func (m *Mapper) create(o *Origin, attributes *attribute.Set, bounds []float64, grown bool) *Series {
	lines := m.lines(o, bounds)
	if m.kept-o.keptWeight()+lines > m.config.MaxSeries {
		m.full = true
		m.drops[SeriesCap] += uint64(lines)
		return nil
	}
	o.seen = m.generation
	m.disown(o)
	m.kept -= o.keptWeight()
	if o.series == nil {
		o.attributes = *attributes
		o.metric.origins[o.key] = o
	}
	m.settle(o, bounds, grown)
	m.kept += o.weight()
	return o.series
}

// settle decides which series an origin has: its own, that of another origin, or none.
func (m *Mapper) settle(o *Origin, bounds []float64, grown bool) {
	names, reason := m.namer.names(o, bounds)
	owner := m.ownerOf(names)
	switch {
	case reason == accepted && owner == nil:
		o.series = &Series{
			origin: o, names: names, bounds: slices.Clone(bounds), fixed: m.fixed(o),
			grown: grown && o.series != nil, refused: accepted,
		}
		o.parts = 1
		m.own(o)
		return
	case reason == accepted && canShare(owner, o):
		o.series, o.part = owner.series, owner.parts
		owner.parts++
		return
	case reason == accepted:
		reason = Collision
	}
	o.series, o.reason = nil, reason
	m.drops[reason]++
}

// canShare reports whether an origin can share the series of the owner of its name: only sums of
// the same kind can be added up.
func canShare(owner, o *Origin) bool {
	kind := o.metric.key.kind
	return kind == owner.metric.key.kind && kind.additive()
}

// keptWeight returns the weight of an origin that is already kept, otherwise 0.
func (o *Origin) keptWeight() int {
	if o.metric.origins[o.key] != o {
		return 0
	}
	return o.weight()
}

// lines returns the number of lines of a series of the origin.
func (m *Mapper) lines(o *Origin, bounds []float64) int {
	n := m.fixed(o) + len(bounds)
	if o.metric.key.kind == Histogram {
		n++ // the last bucket
	}
	return n
}

// fixed returns the number of values before those of the bounds.
func (m *Mapper) fixed(o *Origin) int {
	switch o.metric.key.kind {
	case Histogram:
		if m.config.MinMax {
			return 4
		}
		return 2
	case Summary:
		return 2
	}
	return 1
}
