package slisdk

import (
	"context"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// A reader is the pipeline as its MeterProvider sees it: flushing or shutting down the provider
// does the same to the pipeline.
type reader struct {
	*sdkmetric.ManualReader
	pipeline *Pipeline
}

func newReader(p *Pipeline, exporter sdkmetric.Exporter) *reader {
	return &reader{pipeline: p, ManualReader: sdkmetric.NewManualReader(
		sdkmetric.WithTemporalitySelector(exporter.Temporality),
		sdkmetric.WithAggregationSelector(exporter.Aggregation),
	)}
}

// ForceFlush flushes the pipeline.
func (r *reader) ForceFlush(ctx context.Context) error { return r.pipeline.Flush(ctx) }

// Shutdown shuts the pipeline down. If that was done before, its error has been returned already.
func (r *reader) Shutdown(ctx context.Context) error {
	first, err := r.pipeline.shutDownOnce(ctx)
	if !first {
		err = nil
	}
	if e := r.ManualReader.Shutdown(ctx); err == nil {
		err = e
	}
	return err
}
