package otelsli_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// startSpan stands in for a tracer and its sampler.
func startSpan(ctx context.Context, isSampled bool) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    trace.TraceID{0x4b, 0xf9, 15: 0x36},
		SpanID:     trace.SpanID{0x00, 0xf0, 7: 0xb7},
		TraceFlags: trace.FlagsSampled.WithSampled(isSampled),
	}))
}

// A failure recorded in a span links to its trace.
func ExamplePoint_Exemplar() {
	ctx := startSpan(context.Background(), true)
	catalog, read := newCacheCatalog()
	read.Record(ctx, cacheLabels{"eu"}, otelsli.Failed)

	for family := range catalog.Collect() {
		for point := range family.Points() {
			for i, counter := range family.Counters() {
				if e, ok := point.Exemplar(i); ok {
					fmt.Println(counter.Name, e.TraceID, e.SpanID)
				}
			}
		}
	}
	// Output: sli.cache_read.error.total 4bf90000000000000000000000000036 00f00000000000b7
}

// With tail sampling, the sampled flag is not yet decided here.
func ExampleWithExemplars() {
	ctx := startSpan(context.Background(), false)
	catalog, read := newCacheCatalog()
	if err := catalog.Configure(otelsli.WithExemplars(otelsli.AlwaysOn)); err != nil {
		fmt.Println(err)
		return
	}
	read.Record(ctx, cacheLabels{"us"}, otelsli.Slow)

	for family := range catalog.Collect() {
		for point := range family.Points() {
			for i, counter := range family.Counters() {
				if e, ok := point.Exemplar(i); ok {
					fmt.Println(counter.Name, e.TraceID)
				}
			}
		}
	}
	// Output:
	// sli.cache_read.apdex.total 4bf90000000000000000000000000036
	// sli.cache_read.slow.total 4bf90000000000000000000000000036
}
