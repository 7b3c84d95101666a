package slisdk

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

func produce(t testing.TB, p sdkmetric.Producer) collected {
	t.Helper()
	scopes, err := p.Produce(context.Background())
	if err != nil {
		t.Error(err)
	}
	return read(&metricdata.ResourceMetrics{ScopeMetrics: scopes})
}

func TestProducerGivesWhatAPipelineDoes(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	e := &exporterFake{}
	p := newPipeline(t, c, e)
	producer := NewProducer(c)
	for range 3 {
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Slow)
		flush(t, p)
		all := e.arrived()
		if diff := cmp.Diff(all[len(all)-1].values, produce(t, producer).values); diff != "" {
			t.Errorf("values (-pipeline +producer):\n%s", diff)
		}
	}
}

func TestProducerThroughAReader(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	s.Record(t.Context(), labels{"web", "gold"}, otelsli.Failed)
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(NewProducer(c)), sdkmetric.WithTemporalitySelector(sdkmetric.DeltaTemporalitySelector))
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	for range 2 {
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &rm); err != nil {
			t.Fatal(err)
		}
		got := read(&rm)
		if got.values[webGold] != 1 || got.monotone["sli.order.total"] != metricdata.CumulativeTemporality {
			t.Errorf("%v, %v", got.values[webGold], got.monotone["sli.order.total"])
		}
	}
}

func TestProducerOfEmptyCatalog(t *testing.T) {
	t.Parallel()
	if scopes, err := NewProducer(otelsli.NewCatalog()).Produce(t.Context()); len(scopes) != 0 || err != nil {
		t.Errorf("%v, %v", scopes, err)
	}
}

func TestNilCatalogIsTheDefaultOne(t *testing.T) {
	t.Parallel()
	if got := NewProducer(nil).(*producer).catalog; got != otelsli.Default() {
		t.Error("NewProducer(nil) is not of the default catalog")
	}
	p, err := NewPipeline("nil catalog", nil, &exporterFake{})
	if err != nil {
		t.Fatal(err)
	}
	defer shutdown(t, p)
	if p.slis.catalog != otelsli.Default() {
		t.Error("NewPipeline(…, nil, …) is not of the default catalog")
	}
}

// TestProducerConcurrently wants each result to stay as it is while others are made.
func TestProducerConcurrently(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	producer := NewProducer(c)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 50 {
				scopes, _ := producer.Produce(context.Background())
				before := read(&metricdata.ResourceMetrics{ScopeMetrics: scopes})
				s.Record(context.Background(), labels{"web", "gold"}, otelsli.Success)
				_, _ = producer.Produce(context.Background())
				if diff := cmp.Diff(before.values, read(&metricdata.ResourceMetrics{ScopeMetrics: scopes}).values); diff != "" {
					t.Errorf("a result changed (-before +after):\n%s", diff)
				}
			}
		})
	}
	readers.Wait()
}
