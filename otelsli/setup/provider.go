package setup

import (
	"context"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// A provider is the MeterProvider as the application sees it. The SDK's own flushes and shuts down
// pipelines one after the other, so one that hangs would cost all later ones their last export.
type provider struct {
	*sdkmetric.MeterProvider
	telemetry *Telemetry
}

var _ metric.MeterProvider = provider{}

// ForceFlush flushes all pipelines in parallel.
func (p provider) ForceFlush(ctx context.Context) error { return p.telemetry.Flush(ctx) }

// Shutdown shuts down the Telemetry.
func (p provider) Shutdown(ctx context.Context) error { return p.telemetry.Shutdown(ctx) }
