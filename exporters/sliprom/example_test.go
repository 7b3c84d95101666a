package sliprom_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
)

type labels struct{ Channel string }

func declare() (*otelsli.Catalog, *otelsli.SLI[labels]) {
	catalog := otelsli.NewCatalog()
	sli := otelsli.MustNew(otelsli.Spec{Name: "place_order", Description: "A customer places an order."},
		[]labels{{"web"}, {"app"}}, otelsli.WithCatalog(catalog))
	return catalog, sli
}

// fetch prints the lines of /metrics that match.
func fetch(url, match string) {
	resp, err := http.Get(url)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(body)) {
		if strings.Contains(line, match) {
			fmt.Print(line)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func Example() {
	catalog, placeOrder := declare()

	exporter, err := sliprom.New(catalog, sliprom.WithHold(0))
	if err != nil {
		panic(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter.Reader()))
	defer provider.Shutdown(context.Background())
	server, err := sliprom.NewServer("127.0.0.1:0", exporter.Mux())
	if err != nil {
		panic(err)
	}
	if err := server.Listen(); err != nil {
		panic(err)
	}
	go server.Serve()
	defer server.Shutdown(context.Background())

	placeOrder.Record(context.Background(), labels{"web"}, otelsli.Failed)
	fetch("http://"+server.Addr()+"/metrics", "sli_place_order")

	// Output:
	// # HELP sli_place_order_error_total A customer places an order. Events that failed.
	// # TYPE sli_place_order_error_total counter
	// sli_place_order_error_total{channel="web"} 1
	// sli_place_order_error_total{channel="app"} 0
	// # HELP sli_place_order_ignored_total A customer places an order. Events that count neither as good nor as failed.
	// # TYPE sli_place_order_ignored_total counter
	// sli_place_order_ignored_total{channel="web"} 0
	// sli_place_order_ignored_total{channel="app"} 0
	// # HELP sli_place_order_total A customer places an order. Events that count for the error rate.
	// # TYPE sli_place_order_total counter
	// sli_place_order_total{channel="web"} 1
	// sli_place_order_total{channel="app"} 0
}

// A gatherer of the application's own, here a registry of client_golang, is served beside the SLIs.
func ExampleWithGatherers() {
	catalog, _ := declare()
	registry := prometheus.NewRegistry()
	queued := prometheus.NewGauge(prometheus.GaugeOpts{Name: "queued_orders", Help: "Orders in the queue."})
	registry.MustRegister(queued)
	queued.Set(3)

	exporter, err := sliprom.New(catalog, sliprom.WithGatherers(registry))
	if err != nil {
		panic(err)
	}
	families, _ := exporter.Gather()
	for _, f := range families {
		fmt.Println(f.GetName())
	}

	// Output:
	// otelsli_scrape_problems_total
	// queued_orders
	// sli_place_order_error_total
	// sli_place_order_ignored_total
	// sli_place_order_total
	// sli_undeclared_total
}

// An observer learns of every request for the metrics, here to notice that no scraper comes.
func ExampleWithScrapeObserver() {
	catalog, _ := declare()
	exporter, err := sliprom.New(catalog, sliprom.WithScrapeObserver(func(s sliprom.Scrape) {
		fmt.Println(s.Status, s.Scraper, s.Series, s.Duration < time.Minute, s.Err)
	}))
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	exporter.Handler().ServeHTTP(httptest.NewRecorder(), r)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10") // as Prometheus does
	exporter.Handler().ServeHTTP(httptest.NewRecorder(), r)

	// Output:
	// 200 false 8 true <nil>
	// 200 true 8 true <nil>
}

// A process that ends gives its scraper the time to come once more, and shows it the true values.
func ExampleExporter_Drain() {
	catalog, placeOrder := declare()
	exporter, err := sliprom.New(catalog) // holds new series at 0 for 15 s
	if err != nil {
		panic(err)
	}
	server, err := sliprom.NewServer("127.0.0.1:0", exporter.Mux())
	if err != nil {
		panic(err)
	}
	if err := server.Listen(); err != nil {
		panic(err)
	}
	go server.Serve()
	placeOrder.Record(context.Background(), labels{"web"}, otelsli.Failed)
	fetch("http://"+server.Addr()+"/metrics", `error_total{channel="web"}`)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond) // better: a scrape interval or two
	defer cancel()
	fmt.Println(exporter.Drain(ctx, 1))
	fetch("http://"+server.Addr()+"/metrics", `error_total{channel="web"}`)
	fmt.Println(server.Shutdown(context.Background()))

	// Output:
	// sli_place_order_error_total{channel="web"} 0
	// sliprom: drain: 0 of 1 scrapers came: context deadline exceeded
	// sli_place_order_error_total{channel="web"} 1
	// <nil>
}
