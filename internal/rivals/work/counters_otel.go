package work

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// otelCounters are two synchronous counters of the OpenTelemetry SDK.
type otelCounters struct {
	total, success metric.Int64Counter
	reader         *sdkmetric.ManualReader // the first
	series         []Labels
	ctx            context.Context //nolint:containedctx // what events are recorded with
}

func newOTel(n, readers int) counters {
	c := &otelCounters{series: combinations(n), ctx: context.Background()}
	options := []sdkmetric.Option{sdkmetric.WithCardinalityLimit(0)}
	for range readers {
		c.reader = sdkmetric.NewManualReader()
		options = append(options, sdkmetric.WithReader(c.reader))
	}
	meter := sdkmetric.NewMeterProvider(options...).Meter("rivals")
	c.total = must(meter.Int64Counter("place_order.total"))
	c.success = must(meter.Int64Counter("place_order.success.total"))
	for _, l := range c.series {
		c.total.Add(c.ctx, 0, attributesOf(l))
		c.success.Add(c.ctx, 0, attributesOf(l))
	}
	return c
}

func attributesOf(l Labels) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("channel", l.Channel), attribute.String("tier", l.Tier))
}

// bound has its options made beforehand, and the slice of them too, which would else be allocated.
func (c *otelCounters) bound(i int) func(int) {
	ctx, total, success := c.ctx, c.total, c.success
	options := []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(
		attribute.String("channel", c.series[i].Channel), attribute.String("tier", c.series[i].Tier)))}
	return func(n int) {
		for range n {
			total.Add(ctx, 1, options...)
			success.Add(ctx, 1, options...)
		}
	}
}

// labelled makes the option once for both counters.
func (c *otelCounters) labelled(series []Labels) func(int) {
	ctx, total, success := c.ctx, c.total, c.success
	return func(n int) {
		for i := range n {
			option := attributesOf(series[i&(len(series)-1)])
			total.Add(ctx, 1, option)
			success.Add(ctx, 1, option)
		}
	}
}

func (c *otelCounters) counted() int64 {
	var rm metricdata.ResourceMetrics
	if err := c.reader.Collect(context.Background(), &rm); err != nil {
		return -1
	}
	var sums [2]int64
	for i, m := range rm.ScopeMetrics[0].Metrics {
		for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
			sums[i] += p.Value
		}
	}
	return same(sums[0], sums[1])
}
