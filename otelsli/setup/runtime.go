package setup

import (
	"fmt"

	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/metric"
)

// WithRuntimeMetrics exports the metrics of the Go runtime, named by OpenTelemetry's semantic
// conventions, such as go.memory.used and go.goroutine.count, on all pipelines. They are read at
// most every 15 seconds, without stopping the world. They belong to the MeterProvider of this Start
// and end with it. An application that already registers them on the global provider must not
// request them here too: the values would be added up. Default: OTELSLI_RUNTIME_METRICS, true or
// false, otherwise off.
func WithRuntimeMetrics() Option {
	return optionFunc(func(cfg *config) { cfg.runtimeMetrics = true })
}

// instrument creates the instruments of the process itself.
func (l *lifecycle) instrument(provider metric.MeterProvider) error {
	if !l.runtimeMetrics {
		return nil
	}
	if err := runtime.Start(runtime.WithMeterProvider(provider)); err != nil {
		return fmt.Errorf("setup: WithRuntimeMetrics: %w", err)
	}
	return nil
}
