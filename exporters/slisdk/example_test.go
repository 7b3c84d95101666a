package slisdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

type Labels struct{ Channel string }

// Example pushes SLIs and the application's own metrics through one exporter.
func Example() {
	catalog := otelsli.NewCatalog()
	placeOrder := otelsli.MustNew(otelsli.Spec{Name: "place_order"},
		[]Labels{{"web"}, {"app"}}, otelsli.WithCatalog(catalog))

	exporter, err := stdoutmetric.New(stdoutmetric.WithEncoder(sums{json.NewEncoder(os.Stdout)}))
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline, err := slisdk.NewPipeline("console", catalog, exporter)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(pipeline.Reader()))
	logins, _ := provider.Meter("shop").Int64Counter("logins")

	ctx := context.Background()
	placeOrder.Record(ctx, Labels{"web"}, otelsli.Failed)
	logins.Add(ctx, 7)

	if err := pipeline.Flush(ctx); err != nil { // a service calls pipeline.Start instead
		fmt.Println(err)
	}
	if err := pipeline.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// logins{} 7
	// sli.place_order.total{channel=web} 1
	// sli.place_order.total{channel=app} 0
	// sli.place_order.error.total{channel=web} 1
	// sli.place_order.error.total{channel=app} 0
	// sli.place_order.ignored.total{channel=web} 0
	// sli.place_order.ignored.total{channel=app} 0
	// logins{} 7
	// sli.place_order.total{channel=web} 1
	// sli.place_order.total{channel=app} 0
	// sli.place_order.error.total{channel=web} 1
	// sli.place_order.error.total{channel=app} 0
	// sli.place_order.ignored.total{channel=web} 0
	// sli.place_order.ignored.total{channel=app} 0
}

// ExampleNewProducer hands the SLIs to a reader of the SDK.
func ExampleNewProducer() {
	catalog := otelsli.NewCatalog()
	placeOrder := otelsli.MustNew(otelsli.Spec{Name: "place_order"},
		[]Labels{{"web"}}, otelsli.WithCatalog(catalog))
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(slisdk.NewProducer(catalog)))
	sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))

	ctx := context.Background()
	placeOrder.Record(ctx, Labels{"web"}, otelsli.Success)
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &rm); err != nil {
		fmt.Println(err)
	}
	_ = sums{}.Encode(&rm)
	// Output:
	// sli.place_order.total{channel=web} 1
	// sli.place_order.error.total{channel=web} 0
	// sli.place_order.ignored.total{channel=web} 0
}

// sums prints the sums of an export, but for those of the catalog itself.
type sums struct{ stdoutmetric.Encoder }

func (sums) Encode(v any) error {
	for _, scope := range v.(*metricdata.ResourceMetrics).ScopeMetrics {
		for _, m := range scope.Metrics {
			data, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name == "sli.undeclared.total" {
				continue
			}
			for _, p := range data.DataPoints {
				fmt.Printf("%s{%s} %d\n", m.Name, p.Attributes.Encoded(attribute.DefaultEncoder()), p.Value)
			}
		}
	}
	return nil
}

// ExampleWithObserver notes what became of every export.
func ExampleWithObserver() {
	exporter, err := stdoutmetric.New(stdoutmetric.WithEncoder(unwilling{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline, err := slisdk.NewPipeline("audit", otelsli.NewCatalog(), exporter,
		slisdk.WithObserver(func(r slisdk.Round) { fmt.Println(r.Result, r.Err) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = pipeline.Flush(context.Background()) // returns the error too
	_ = pipeline.Shutdown(context.Background())
	// Output:
	// failed disk full
	// failed disk full
}

type unwilling struct{ stdoutmetric.Encoder }

func (unwilling) Encode(any) error { return errors.New("disk full") }
