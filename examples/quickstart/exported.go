package main

import (
	"context"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// lastExport is an exporter that adds up the SLI counters of the latest export, for comparison with
// what the shop counted. It stands in for any backend.
type lastExport struct {
	mu     sync.Mutex
	events map[string]int64 // by metric name
}

func (*lastExport) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (*lastExport) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (e *lastExport) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	events := make(map[string]int64)
	for _, scope := range rm.ScopeMetrics {
		if scope.Scope.Name != otelsli.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			if s, ok := m.Data.(metricdata.Sum[int64]); ok {
				for _, p := range s.DataPoints {
					events[m.Name] += p.Value
				}
			}
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = events
	return nil
}

func (*lastExport) ForceFlush(context.Context) error { return nil }
func (*lastExport) Shutdown(context.Context) error   { return nil }

// used reports whether there was an export.
func (e *lastExport) used() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.events != nil
}

// differs returns the metrics whose exported value differs from the catalog's.
func (e *lastExport) differs(catalog *otelsli.Catalog) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	counted := make(map[string]int64)
	for f := range catalog.Collect() {
		for p := range f.Points() {
			for i, c := range f.Counters() {
				if v, ok := p.Value(i); ok {
					counted[c.Name] += v
				}
			}
		}
	}
	var names []string
	for name, v := range counted {
		if e.events[name] != v {
			names = append(names, name)
		}
	}
	return names
}
