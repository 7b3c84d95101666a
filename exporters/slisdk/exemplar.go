package slisdk

import (
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// exemplars holds the exemplars of one build. When it grows, points built earlier keep the memory
// that they refer to.
type exemplars struct {
	read []otelsli.Exemplar // the others refer to their identifiers
	data []metricdata.Exemplar[int64]
}

func (e *exemplars) reset() { e.read, e.data = e.read[:0], e.data[:0] }

// add returns x as the exemplars of a point.
func (e *exemplars) add(x otelsli.Exemplar) []metricdata.Exemplar[int64] {
	e.read = append(e.read, x)
	kept := &e.read[len(e.read)-1]
	e.data = append(e.data, metricdata.Exemplar[int64]{
		Time:    kept.Time,
		Value:   1,
		SpanID:  kept.SpanID[:],
		TraceID: kept.TraceID[:],
	})
	last := len(e.data) - 1
	return e.data[last : last+1 : last+1]
}

// exemplarsOf returns the exemplar of counter i of a point. It leaves out one that is later than
// the build or, with deltas, one that was delivered earlier.
func (b *builder) exemplarsOf(p *otelsli.Point, i int) []metricdata.Exemplar[int64] {
	x, ok := p.Exemplar(i)
	if !ok || x.Time.After(b.now) || b.deltas != nil && !x.Time.After(b.deltas.until) {
		return nil
	}
	return b.exemplars.add(x)
}
