package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// errorBudget is the preset that is not a format.
const errorBudget = "error-budget"

func formatNames() []string {
	return []string{line.Graphite.String(), line.GraphiteTagged.String(), line.OpenTSDB.String(), errorBudget}
}

type labels struct{ Channel string }

// A shop has an SLI and other metrics, like any application.
type shop struct {
	catalog *otelsli.Catalog
	orders  *otelsli.SLI[labels]
}

func openShop() (*shop, error) {
	s := &shop{catalog: otelsli.NewCatalog()}
	var err error
	s.orders, err = otelsli.New(otelsli.Spec{
		Name:        "place_order",
		Description: "A customer places an order.",
		Threshold:   300 * time.Millisecond,
		Objective:   otelsli.Objective{Availability: 0.999, Apdex: 0.99},
	}, []labels{{"web"}, {"app"}}, otelsli.WithCatalog(s.catalog))
	return s, err
}

// trade simulates customers.
func (s *shop) trade(ctx context.Context) {
	broken := errors.New("the payment service does not answer")
	for i := range 60 {
		s.orders.Observe(ctx, labels{"web"}, time.Duration(i)*6*time.Millisecond, nil)
	}
	s.orders.Observe(ctx, labels{"web"}, time.Second, broken)
	s.orders.Observe(ctx, labels{"app"}, 20*time.Millisecond, nil)
	s.orders.Observe(ctx, labels{"app"}, time.Millisecond, otelsli.Ignore(errors.New("the card has expired")))
}

// measure records the application's own metrics.
func measure(ctx context.Context, meter metric.Meter) error {
	basket, err := meter.Float64Histogram("basket.value", metric.WithExplicitBucketBoundaries(10, 100))
	if err != nil {
		return err
	}
	for _, value := range []float64{4.5, 19.9, 250} {
		basket.Record(ctx, value)
	}
	stock, err := meter.Int64Gauge("stock.items")
	if err != nil {
		return err
	}
	stock.Record(ctx, 1234, metric.WithAttributes(attribute.String("warehouse", "Köln 2")))
	return nil
}

// send exports everything once and returns how long the delivery took. A program would give the
// exporter to setup.WithExporter, which sends at an interval and once more at the end.
func (s *shop) send(ctx context.Context, format, server string) (time.Duration, error) {
	exporter, err := graphitebridge.New(config(s.catalog, format, server))
	if err != nil {
		return 0, err
	}
	data, err := s.collect(ctx)
	start := time.Now()
	if err == nil {
		err = exporter.Export(ctx, data)
	}
	took := time.Since(start)
	if shutdownErr := exporter.Shutdown(ctx); err == nil { // otherwise it repeats the same error
		err = shutdownErr
	}
	if err != nil {
		return 0, fmt.Errorf("send %s lines: %w", format, err)
	}
	return took, nil
}

// collect reads the SLIs and the application's own metrics.
func (s *shop) collect(ctx context.Context) (*metricdata.ResourceMetrics, error) {
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(slisdk.NewProducer(s.catalog)))
	service := resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("service.instance.id", "shop-1"))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(service))
	if err := measure(ctx, provider.Meter("example")); err != nil {
		return nil, err
	}
	data := new(metricdata.ResourceMetrics)
	return data, reader.Collect(ctx, data)
}

func config(catalog *otelsli.Catalog, format, server string) graphitebridge.Config {
	c := graphitebridge.Config{
		Name:          format,
		Servers:       []string{server},
		MeterProvider: noop.NewMeterProvider(),       // nobody would read its metrics about itself
		Logger:        slog.New(slog.DiscardHandler), // the error says it all
	}
	if format == errorBudget {
		c.Line.Format = line.OpenTSDB
		c.ErrorBudget = &graphitebridge.ErrorBudget{
			UUID:     "0b5f3c1e",
			Service:  "shop",
			Instance: "shop-1",
			Catalog:  catalog,
		}
		return c
	}
	_ = c.Line.Format.UnmarshalText([]byte(format)) // parseFlags has checked it
	return c
}
