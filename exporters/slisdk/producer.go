package slisdk

import (
	"context"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// NewProducer returns a source of a catalog's SLIs for a reader of the SDK, to be used with
// [sdkmetric.WithProducer]. A nil catalog means the default one. It never fails, and several readers
// may use it at once.
//
// Its sums are cumulative, whatever the reader's exporter prefers: a producer is not told whether an
// export arrived, so the deltas of a failed one would be lost. Nor can it control what a reader does
// to the SLIs when something else fails. A [Pipeline] is better at both.
//
// Exemplars come from the catalog: the SDK's exemplar filter applies to its own instruments, and
// [otelsli.WithExemplars] to the SLIs.
func NewProducer(catalog *otelsli.Catalog) sdkmetric.Producer {
	return &producer{catalog: orDefault(catalog), sizes: make(map[string]int)}
}

type producer struct {
	catalog *otelsli.Catalog

	mu    sync.Mutex
	sizes map[string]int // number of points by metric, in the last collection
}

// Produce builds in fresh memory, because nothing tells it when the reader is done with it.
func (p *producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	b := newBuilder(p.catalog)
	b.sizes = p.lastSizes()
	built := b.build()
	p.remember(b)
	if len(built.Metrics) == 0 {
		return nil, nil
	}
	return []metricdata.ScopeMetrics{built}, nil
}

func (p *producer) lastSizes() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sizes
}

// remember replaces the sizes, which others may be reading.
func (p *producer) remember(b *builder) {
	sizes := make(map[string]int, len(b.sums))
	for name, s := range b.sums {
		sizes[name] = len(s.points)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sizes = sizes
}

func orDefault(catalog *otelsli.Catalog) *otelsli.Catalog {
	if catalog == nil {
		return otelsli.Default()
	}
	return catalog
}
