package graphitebridge

import (
	"slices"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A memory is what has been acknowledged of the SLIs of a catalog that are sent as increments. It is
// kept with the catalog: SLIs outlive an exporter, and one that follows another of its name must not
// count again what that one has delivered. All other series begin with their MeterProvider.
type memory struct {
	owner   claim
	settled map[string]remembered // by name of the first line
}

type remembered struct {
	start  int64
	values []line.Number
	clock  clock
}

type memoryKey struct{ exporter string }

func memoryOf(catalog *otelsli.Catalog, exporter string) *memory {
	return catalog.Attachment(memoryKey{exporter}, func() any {
		return &memory{settled: make(map[string]remembered)}
	}).(*memory)
}

// recall gives the first part of an entry that is new what was acknowledged of its series.
func (m *memory) recall(e *entry, sample *line.Sample) {
	if m == nil || sample.Part > 0 || sample.Delta || sample.Series.Scope() != otelsli.ScopeName {
		return
	}
	p := &e.parts[0]
	r, ok := m.settled[sample.Series.Name(0).String()]
	if !ok || len(r.values) != len(p.base) {
		return
	}
	e.clock = r.clock
	if r.start == sample.Start {
		copy(p.base, r.values)
	}
}

// keep takes in what has been acknowledged of an entry.
func (m *memory) keep(e *entry) {
	if len(e.parts) != 1 || e.parts[0].base == nil || e.series.Scope() != otelsli.ScopeName {
		return
	}
	m.settled[e.series.Name(0).String()] = remembered{e.parts[0].start, slices.Clone(e.parts[0].base), e.clock}
}

// remember keeps what has been acknowledged, for the exporter that may follow.
func (s *state) remember() {
	if s.memory == nil {
		return
	}
	for _, e := range s.entries {
		s.memory.keep(e)
	}
}
