package work

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// More names, of the ways of ours to push.
const (
	OursDelta    = "otelsli, deltas"
	OursProducer = "otelsli, as producer"
	OursRegister = "otelsli, through a MeterProvider"
)

// collections collects all series for an exporter that does nothing. That of a [slisdk.Pipeline] has
// the whole round in it.
func collections(n int) Case {
	combinations := combinationsFor(n)
	pushed := func(t metricdata.Temporality) func() Subject {
		return func() Subject {
			sink := &sink{temporality: t}
			return flushed(counted(combinations), sink, sink.result)
		}
	}
	return Case{Name: sized("collect", n), Title: "collection for push", Series: n, Rivals: []Rival{
		{Ours, pushed(metricdata.CumulativeTemporality)},
		{OursDelta, pushed(metricdata.DeltaTemporality)},
		{OursProducer, func() Subject {
			producer := slisdk.NewProducer(counted(combinations))
			rm := &metricdata.ResourceMetrics{}
			return Subject{
				Run: func(n int) {
					for range n {
						rm.ScopeMetrics = must(producer.Produce(context.Background()))
					}
				},
				Result: func() string { return points(rm) },
			}
		}},
		{OursRegister, func() Subject {
			reader := sdkmetric.NewManualReader()
			must(counted(combinations).Register(unlimited(reader), otelsli.WithCardinalityLimit(0)))
			return collected(reader)
		}},
		{OTelObservable, func() Subject {
			reader := sdkmetric.NewManualReader()
			countObservable(unlimited(reader), combinations)
			return collected(reader)
		}},
		{OTel, func() Subject {
			reader := sdkmetric.NewManualReader()
			countSync(unlimited(reader), combinations)
			return collected(reader)
		}},
	}}
}

// flushed is a subject that flushes a pipeline.
func flushed(catalog *otelsli.Catalog, exporter sdkmetric.Exporter, result func() string) Subject {
	ctx := context.Background()
	pipeline := must(slisdk.NewPipeline("rivals", catalog, exporter))
	return Subject{
		Run: func(n int) {
			for range n {
				mustDo(pipeline.Flush(ctx))
			}
		},
		Result: result,
		Close:  func() { _ = pipeline.Shutdown(ctx) },
	}
}

// collected is a subject that collects into memory that it keeps.
func collected(reader *sdkmetric.ManualReader) Subject {
	var rm metricdata.ResourceMetrics
	return Subject{
		Run: func(n int) {
			for range n {
				mustDo(reader.Collect(context.Background(), &rm))
			}
		},
		Result: func() string { return points(&rm) },
	}
}

// points describes the metrics of the SLI, by their Prometheus names: the number of points, and, for
// deltas are 0 after the first export, no values.
func points(rm *metricdata.ResourceMetrics) string {
	var all []string
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			name := strings.ReplaceAll(m.Name, ".", "_")
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || !slices.Contains(counterNames[:], name) {
				continue
			}
			different := make(map[attribute.Distinct]bool)
			for _, p := range sum.DataPoints {
				different[p.Attributes.Equivalent()] = true
			}
			all = append(all, fmt.Sprintf("%s: %d points", name, len(different)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// A sink is an exporter that does nothing.
type sink struct {
	temporality metricdata.Temporality
	last        *metricdata.ResourceMetrics
}

func (s *sink) result() string { return points(s.last) }

func (s *sink) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality { return s.temporality }

func (s *sink) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (s *sink) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	s.last = rm
	return nil
}

func (s *sink) ForceFlush(context.Context) error { return nil }
func (s *sink) Shutdown(context.Context) error   { return nil }
