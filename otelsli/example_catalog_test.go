package otelsli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

type cacheLabels struct{ Region string }

func newCacheCatalog() (*otelsli.Catalog, *otelsli.SLI[cacheLabels]) {
	catalog := otelsli.NewCatalog()
	read := otelsli.MustNew(otelsli.Spec{
		Name:      "cache_read",
		Threshold: 10 * time.Millisecond,
		Objective: otelsli.Objective{Availability: 0.999},
	}, []cacheLabels{{"eu"}, {"us"}}, otelsli.WithCatalog(catalog))
	return catalog, read
}

func ExampleCatalog_Configure() {
	catalog, _ := newCacheCatalog()
	if err := catalog.Configure(otelsli.WithPrefix("gitlab_sli")); err != nil {
		fmt.Println(err)
		return
	}
	for family := range catalog.Collect() {
		fmt.Println(family.Counters()[0].Name)
	}
	// Output:
	// gitlab_sli.cache_read.total
	// gitlab_sli.undeclared.total
}

// An exporter reads the counters of families: every declared series is there, with or without
// events.
func ExampleCatalog_Collect() {
	catalog, read := newCacheCatalog()
	read.Observe(context.Background(), cacheLabels{"eu"}, 25*time.Millisecond, nil)

	for family := range catalog.Collect() {
		if family.Name() != "cache_read" {
			continue
		}
		for i, counter := range family.Counters() {
			for point := range family.Points() {
				if value, ok := point.Value(i); ok {
					set := point.Attributes(i)
					fmt.Println(counter.Name, set.Encoded(attribute.DefaultEncoder()), value)
				}
			}
		}
	}
	// Output:
	// sli.cache_read.total region=eu 1
	// sli.cache_read.total region=us 0
	// sli.cache_read.error.total region=eu 0
	// sli.cache_read.error.total region=us 0
	// sli.cache_read.ignored.total region=eu 0
	// sli.cache_read.ignored.total region=us 0
	// sli.cache_read.apdex.total region=eu 1
	// sli.cache_read.apdex.total region=us 0
	// sli.cache_read.apdex.success.total region=eu 0
	// sli.cache_read.apdex.success.total region=us 0
	// sli.cache_read.slow.total region=eu 1
	// sli.cache_read.slow.total region=us 0
}

// This layout exports one metric for all SLIs, so one static rules file is enough.
func ExampleWithLayout() {
	catalog, read := newCacheCatalog()
	if err := catalog.Configure(otelsli.WithLayout(otelsli.Outcomes)); err != nil {
		fmt.Println(err)
		return
	}
	read.Record(context.Background(), cacheLabels{"us"}, otelsli.Failed)

	for family := range catalog.Collect() {
		for point := range family.Points() {
			for i, counter := range family.Counters() {
				if value, _ := point.Value(i); value > 0 {
					set := point.Attributes(i)
					fmt.Println(counter.Name, set.Encoded(attribute.DefaultEncoder()), value)
				}
			}
		}
	}
	// Output: sli.events.total outcome=failed,region=us,sli=cache_read 1
}

// An application with its own MeterProvider registers the catalog there.
func ExampleCatalog_Register() {
	ctx := context.Background()
	reader := sdkmetric.NewManualReader() // or the application's
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	catalog, read := newCacheCatalog()

	registration, err := catalog.Register(provider)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer registration.Unregister()

	read.Record(ctx, cacheLabels{"eu"}, otelsli.Failed)
	var out metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &out); err != nil {
		fmt.Println(err)
		return
	}
	for _, metric := range out.ScopeMetrics[0].Metrics {
		if metric.Name == "sli.cache_read.error.total" {
			for _, point := range metric.Data.(metricdata.Sum[int64]).DataPoints {
				fmt.Println(point.Attributes.Encoded(attribute.DefaultEncoder()), point.Value)
			}
		}
	}
	// Unordered output:
	// region=eu 1
	// region=us 0
}

// Rules, dashboards and tools are generated from the description.
func ExampleCatalog_Describe() {
	catalog, _ := newCacheCatalog()
	text, err := json.Marshal(catalog.Describe().SLIs[0].Objective)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	// Output: {"availability":0.999,"window_seconds":2592000}
}

func ExampleParseDescription() {
	description, err := otelsli.ParseDescription([]byte(`{
		"version": 1, "prefix": "sli", "layout": "counters",
		"slis": [{"name": "cache_read", "kinds": ["error_rate"], "labels": ["region"],
			"metrics": ["sli.cache_read.total", "sli.cache_read.error.total", "sli.cache_read.ignored.total"],
			"series": [{"labels": {"region": "eu"}}]}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sli := range description.SLIs {
		fmt.Println(sli.Name, sli.Kind, len(sli.Series))
	}

	_, err = otelsli.ParseDescription([]byte(`{"version": 1, "prefix": "sli", "slis": [{"name": "Total", "kinds": ["error_rate"]}]}`))
	fmt.Println(err)
	// Output:
	// cache_read error_rate 1
	// otelsli: description: SLI "Total": Name is "Total": want lower snake case such as "place_order"
}

// The counters of an SLI, computed without a catalog.
func ExampleLayout_Counters() {
	spec := otelsli.Spec{Name: "place_order", Kind: otelsli.ErrorRate}
	for _, c := range otelsli.Counters.Counters(otelsli.DefaultPrefix, spec) {
		fmt.Printf("%s %v\n", c.Name, c.Outcomes())
	}
	fmt.Println(otelsli.ObjectiveRatioName(otelsli.DefaultPrefix))
	fmt.Println(otelsli.ObjectiveWindowName(otelsli.DefaultPrefix))
	fmt.Println(otelsli.UndeclaredName(otelsli.DefaultPrefix))
	// Output:
	// sli.place_order.total [success slow failed]
	// sli.place_order.error.total [failed]
	// sli.place_order.ignored.total [ignored]
	// sli.objective.ratio
	// sli.objective.window.seconds
	// sli.undeclared.total
}
