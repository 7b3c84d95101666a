package work

import (
	"context"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/otelsli"
)

// fourNames are the counters that others need for what one series of ours counts.
var fourNames = []string{
	"sli_place_order_total",
	"sli_place_order_error_total",
	"sli_place_order_apdex_total",
	"sli_place_order_apdex_success_total",
}

// declareAll makes a catalog with so many combinations, ready to be collected.
func declareAll(n int) *otelsli.Catalog {
	catalog, _ := declared(n)
	catalog.Collect() // makes the attributes
	return catalog
}

func promFour(n int) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	all := combinations(n)
	for _, name := range fourNames {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: description}, labelNames)
		registry.MustRegister(vec)
		for _, l := range all {
			vec.WithLabelValues(l.Channel, l.Tier)
		}
	}
	return registry
}

func vmFour(n int) *vm.Set {
	set := vm.NewSet()
	all := combinations(n)
	for _, name := range fourNames {
		for _, l := range all {
			set.GetOrCreateCounter(name + `{channel="` + l.Channel + `",tier="` + l.Tier + `"}`)
		}
	}
	return set
}

func otelFour(n, readers int) *sdkmetric.MeterProvider {
	options := []sdkmetric.Option{sdkmetric.WithCardinalityLimit(0)}
	for range readers {
		options = append(options, sdkmetric.WithReader(sdkmetric.NewManualReader()))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	meter := provider.Meter("rivals")
	sets := make([]metric.MeasurementOption, n)
	for i, l := range combinations(n) {
		sets[i] = metric.WithAttributeSet(attribute.NewSet(attribute.String("channel", l.Channel), attribute.String("tier", l.Tier)))
	}
	for _, name := range fourNames {
		counter := must(meter.Int64Counter(name))
		for _, set := range sets {
			counter.Add(context.Background(), 0, set)
		}
	}
	return provider
}
