package graphitebridge

import (
	"slices"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A memory is what has been acknowledged of a catalog's SLIs that are sent as increments. It is kept
// with the catalog: SLIs outlive an exporter, and a later exporter of the same name must not send
// again what the earlier one has delivered. All other series start with their MeterProvider.
type memory struct {
	owner   claim
	settled map[string]remembered // by name of the first line
}

// remembered is the state of one series: of each origin that shares it, in the order of the catalog.
type remembered struct {
	parts []rememberedPart
	clock clock
}

type rememberedPart struct {
	start  int64
	values []line.Number
}

type memoryKey struct{ exporter string }

func memoryOf(catalog *otelsli.Catalog, exporter string) *memory {
	return catalog.Attachment(memoryKey{exporter}, func() any {
		return &memory{settled: make(map[string]remembered)}
	}).(*memory)
}

// recall restores the acknowledged values of a series to a new part of an entry.
func (m *memory) recall(e *entry, sample *line.Sample) {
	if m == nil || sample.Delta || sample.Series.Scope() != otelsli.ScopeName {
		return
	}
	r, ok := m.settled[sample.Series.Name(0).String()]
	if !ok {
		return
	}
	if sample.Part == 0 {
		e.clock = r.clock
	}
	if p := &e.parts[sample.Part]; sample.Part < len(r.parts) && r.parts[sample.Part].goesOn(sample, len(p.base)) {
		copy(p.base, r.parts[sample.Part].values)
	}
}

// goesOn reports whether a sample continues the remembered values. SLIs do, even if a new
// MeterProvider gives them another start.
func (r *rememberedPart) goesOn(sample *line.Sample, values int) bool {
	return len(r.values) == values && values > 0 &&
		(r.start == sample.Start || sample.Values[0].Float64() >= r.values[0].Float64())
}

// keep stores what has been acknowledged of an entry.
func (m *memory) keep(e *entry) {
	if len(e.parts) == 0 || !differs(e.series) || e.series.Scope() != otelsli.ScopeName {
		return
	}
	r := remembered{parts: make([]rememberedPart, len(e.parts)), clock: e.clock}
	for i := range e.parts {
		r.parts[i] = rememberedPart{e.parts[i].start, slices.Clone(e.parts[i].base)}
	}
	m.settled[e.series.Name(0).String()] = r
}

// remember stores what has been acknowledged, for a later exporter.
func (s *state) remember() {
	if s.memory == nil {
		return
	}
	for _, e := range s.entries {
		s.memory.keep(e)
	}
}
