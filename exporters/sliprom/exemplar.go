package sliprom

import (
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Exemplar labels, as OpenTelemetry names them in Prometheus.
const (
	traceIDLabel = "trace_id"
	spanIDLabel  = "span_id"
)

// An exemplarQueue holds the exemplars of one counter in one collection, in the order of its points.
type exemplarQueue struct {
	all  []pointExemplar
	read int // number taken so far
}

type pointExemplar struct {
	point    int
	exemplar otelsli.Exemplar
}

// next returns the exemplar of a point, nil if it has none. It must be called for all points, in
// order.
func (q *exemplarQueue) next(point int) *otelsli.Exemplar {
	if q.read == len(q.all) || q.all[q.read].point != point {
		return nil
	}
	q.read++
	return &q.all[q.read-1].exemplar
}

// noteExemplars records the exemplars of a point.
func (s *section) noteExemplars(p *otelsli.Point) {
	for i := range s.exemplars {
		if e, ok := p.Exemplar(i); ok {
			s.exemplars[i].all = append(s.exemplars[i].all, pointExemplar{p.Index, e})
		}
	}
}

// forgetExemplars clears the exemplars for the next collection.
func (s *section) forgetExemplars() {
	for i := range s.exemplars {
		s.exemplars[i] = exemplarQueue{all: s.exemplars[i].all[:0]}
	}
}

// metricExemplar converts e for a metric. It returns known if that is the same exemplar. Comparing
// the time is enough: a counter gets no two within [otelsli.ExemplarInterval].
func metricExemplar(known *dto.Exemplar, e *otelsli.Exemplar) *dto.Exemplar {
	if known != nil && known.Timestamp.AsTime().Equal(e.Time) {
		return known
	}
	return &dto.Exemplar{
		Label: []*dto.LabelPair{
			{Name: new(traceIDLabel), Value: new(e.TraceID.String())},
			{Name: new(spanIDLabel), Value: new(e.SpanID.String())},
		},
		Value:     new(1.0),
		Timestamp: timestamppb.New(e.Time),
	}
}
