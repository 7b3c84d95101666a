package work

import (
	"context"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// What follows makes the counters of collections in other libraries: those of counterNames, with the
// values that ours have.

// countedRegistry is client_golang.
func countedRegistry(n int) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	all := combinations(n)
	for column, name := range counterNames {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: description}, labelNames)
		registry.MustRegister(vec)
		for i, l := range all {
			vec.WithLabelValues(l.Channel, l.Tier).Add(float64(counterValues(countsOf(i))[column]))
		}
	}
	return registry
}

// countedSet is VictoriaMetrics/metrics.
func countedSet(n int) *vm.Set {
	set := vm.NewSet()
	all := combinations(n)
	for column, name := range counterNames {
		for i, l := range all {
			c := set.GetOrCreateCounter(name + `{channel="` + l.Channel + `",tier="` + l.Tier + `"}`)
			c.AddInt64(counterValues(countsOf(i))[column])
		}
	}
	return set
}

// countSync counts in synchronous counters of a MeterProvider.
func countSync(provider metric.MeterProvider, n int) {
	meter := provider.Meter("rivals")
	all := combinations(n)
	for column, name := range counterNames {
		counter := must(meter.Int64Counter(name, metric.WithDescription(description)))
		for i, l := range all {
			counter.Add(context.Background(), counterValues(countsOf(i))[column], attributesOf(l))
		}
	}
}

// countObservable has observable counters of a MeterProvider, with their options made beforehand.
func countObservable(provider metric.MeterProvider, n int) {
	meter := provider.Meter("rivals")
	counters := make([]metric.Int64ObservableCounter, len(counterNames))
	instruments := make([]metric.Observable, len(counterNames))
	for i, name := range counterNames {
		counters[i] = must(meter.Int64ObservableCounter(name, metric.WithDescription(description)))
		instruments[i] = counters[i]
	}
	options := make([][]metric.ObserveOption, n)
	for i, l := range combinations(n) {
		options[i] = []metric.ObserveOption{metric.WithAttributeSet(attribute.NewSet(
			attribute.String("channel", l.Channel), attribute.String("tier", l.Tier)))}
	}
	must(meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for i := range options {
			for column, v := range counterValues(countsOf(i)) {
				o.ObserveInt64(counters[column], v, options[i]...)
			}
		}
		return nil
	}, instruments...))
}

// unlimited makes a MeterProvider that takes any number of series.
func unlimited(r sdkmetric.Reader) *sdkmetric.MeterProvider {
	return sdkmetric.NewMeterProvider(sdkmetric.WithReader(r), sdkmetric.WithCardinalityLimit(0))
}
