package setup

import (
	"context"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// A provider is the MeterProvider as others see it. That of the SDK flushes and shuts down one
// pipeline after the other, so that one that hangs costs all that follow it their last export.
type provider struct {
	*sdkmetric.MeterProvider
	telemetry *Telemetry
}

var _ metric.MeterProvider = provider{}

// ForceFlush flushes all pipelines, at the same time.
func (p provider) ForceFlush(ctx context.Context) error { return p.telemetry.Flush(ctx) }

// Shutdown is that of the Telemetry.
func (p provider) Shutdown(ctx context.Context) error { return p.telemetry.Shutdown(ctx) }
