package slisdk

import (
	"context"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// NewProducer returns a source of a catalog's SLIs for a reader of the SDK, by
// [sdkmetric.WithProducer]. A nil catalog is the default one. It never fails, and may be used by
// several readers at once.
//
// Its sums are cumulative, whatever the exporter of the reader prefers: a producer is not told
// whether an export arrived, so that deltas of a failed one would be lost. What a reader does to
// the SLIs when something else fails is not in its hands either; a [Pipeline] is better at both.
//
// Exemplars are those of the catalog: the exemplar filter of the SDK is for its own instruments, and
// [otelsli.WithExemplars] for these.
func NewProducer(catalog *otelsli.Catalog) sdkmetric.Producer {
	return &producer{catalog: orDefault(catalog), sizes: make(map[string]int)}
}

type producer struct {
	catalog *otelsli.Catalog

	mu    sync.Mutex
	sizes map[string]int // number of points by metric, as it was last time
}

// Produce builds in memory of its own, for nobody says when its reader has done with it.
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
