package graphitebridge_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"
	"sort"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

// receiver accepts lines until it is closed, and returns its address and how to end it and get
// them, sorted and with N for their time.
func receiver() (address string, end func() []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			for s := bufio.NewScanner(conn); s.Scan(); {
				lines <- s.Text()
			}
			conn.Close()
		}
	}()
	return "tcp://" + l.Addr().String(), func() (all []string) {
		l.Close()
		for text := range lines {
			all = append(all, regexp.MustCompile(`1[0-9]{9}`).ReplaceAllString(text, "N"))
		}
		sort.Strings(all)
		return all
	}
}

func Example() {
	address, end := receiver()
	ctx := context.Background()

	exporter, err := graphitebridge.New(graphitebridge.Config{
		Servers: []string{address},
		Line:    line.Config{Format: line.GraphiteTagged, Prefix: "shop", Instance: "pod-7", ResourceAttributes: []string{}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	orders, err := provider.Meter("shop").Int64Counter("orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	orders.Add(ctx, 3, metric.WithAttributes(attribute.String("tier", "gold")))
	orders.Add(ctx, 4, metric.WithAttributes(attribute.String("tier", "free")))
	if err := provider.Shutdown(ctx); err != nil { // what was recorded last is sent
		fmt.Println(err)
	}

	for _, text := range end() {
		fmt.Println(text)
	}
	// Output:
	// shop.orders;instance=pod-7;tier=free 4 N
	// shop.orders;instance=pod-7;tier=gold 3 N
}

// New is seldom called without a pipeline, which collects the SLIs of a catalog at an interval and
// once more when it is shut down.
func ExampleNew() {
	address, end := receiver()
	ctx := context.Background()
	catalog := otelsli.NewCatalog()
	placeOrder := otelsli.MustNew(otelsli.Spec{Name: "place_order"},
		[][1]string{{"gold"}}, otelsli.WithLabelNames("tier"), otelsli.WithCatalog(catalog))

	exporter, err := graphitebridge.New(graphitebridge.Config{
		Servers:    []string{address, "tcp://standby.example.com:4242"}, // the second where the first fails
		Line:       line.Config{Format: line.OpenTSDB, Instance: "pod-7"},
		Increments: true, // for a receiver that adds up
		Catalog:    catalog,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline, err := slisdk.NewPipeline("graphite", catalog, exporter,
		slisdk.WithoutFirstExport()) // so that the lines below are all that there is to see
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline.Start()
	placeOrder.Record(ctx, [1]string{"gold"}, otelsli.Success)
	placeOrder.Record(ctx, [1]string{"gold"}, otelsli.Failed)
	if err := pipeline.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}

	for _, text := range end() {
		if strings.HasPrefix(text, "put sli.place_order.") {
			fmt.Println(text)
		}
	}
	// Output:
	// put sli.place_order.error.total N 1 instance=pod-7 tier=gold
	// put sli.place_order.ignored.total N 0 instance=pod-7 tier=gold
	// put sli.place_order.total N 2 instance=pod-7 tier=gold
}

func ExampleErrorBudget() {
	address, end := receiver()
	ctx := context.Background()
	catalog := otelsli.NewCatalog()
	placeOrder := otelsli.MustNew(otelsli.Spec{Name: "place_order"},
		[][1]string{{"gold"}}, otelsli.WithLabelNames("tier"), otelsli.WithCatalog(catalog))

	exporter, err := graphitebridge.New(graphitebridge.Config{
		Servers:     []string{address},
		ErrorBudget: &graphitebridge.ErrorBudget{UUID: "b7f0", Service: "shop", Instance: "pod-7", Catalog: catalog},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	placeOrder.Record(ctx, [1]string{"gold"}, otelsli.Success)
	placeOrder.Record(ctx, [1]string{"gold"}, otelsli.Success)
	placeOrder.Record(ctx, [1]string{"gold"}, otelsli.Failed)
	if err := provider.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}

	for _, text := range end() {
		fmt.Println(text)
	}
	// Output:
	// put error-budget.counters.b7f0 N 0 service=shop response_type=ignored_failure method_name=place_order instance=pod-7 tier=gold
	// put error-budget.counters.b7f0 N 1 service=shop response_type=failure method_name=place_order instance=pod-7 tier=gold
	// put error-budget.counters.b7f0 N 2 service=shop response_type=success method_name=place_order instance=pod-7 tier=gold
}

func ExamplePublisher() {
	address, end := receiver()
	publisher, err := graphitebridge.NewPublisher(graphitebridge.PublisherConfig{
		UUID:     "b7f0",
		Service:  "shop",
		Instance: "pod-7",
		Server:   address,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	publisher.Send(graphitebridge.ResponseSuccess, "upload", nil)
	publisher.Send(graphitebridge.ResponseSuccess, "upload", nil)
	publisher.Send(graphitebridge.ResponseIgnoredFailure, "upload", map[string]string{"reason": "missing_parameter"})
	if err := publisher.Close(context.Background()); err != nil {
		fmt.Println(err)
	}

	for _, text := range end() {
		fmt.Println(text)
	}
	// Output:
	// put error-budget.counters.b7f0 N 1 service=shop response_type=ignored_failure method_name=upload instance=pod-7 reason=missing_parameter
	// put error-budget.counters.b7f0 N 2 service=shop response_type=success method_name=upload instance=pod-7
}
