package setup_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// Run sets up the export, calls the function and, when it returns, delivers what was recorded.
func ExampleRun() {
	catalog := otelsli.NewCatalog()
	orders := otelsli.MustNew(otelsli.Spec{Name: "place_order"}, []struct{ Channel string }{{"web"}, {"app"}},
		otelsli.WithCatalog(catalog))

	err := setup.Run(context.Background(), func(ctx context.Context) error {
		return orders.Do(ctx, struct{ Channel string }{"web"}, func(context.Context) error { return nil })
	}, setup.WithCatalog(catalog), setup.WithService("shop", "1.0.0"), setup.WithPrometheus("127.0.0.1:0"))
	fmt.Println(err)
	// Output: <nil>
}

// Every declared series is there from the first scrape.
func ExampleStart() {
	catalog := otelsli.NewCatalog()
	otelsli.MustNew(otelsli.Spec{Name: "place_order"}, []struct{ Channel string }{{"web"}, {"app"}},
		otelsli.WithCatalog(catalog))
	ctx := context.Background()
	telemetry, err := setup.Start(ctx, setup.WithCatalog(catalog), setup.WithPrometheus("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer telemetry.Shutdown(ctx)

	resp, err := http.Get("http://" + telemetry.PrometheusAddr() + "/metrics")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "sli_place_order_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// sli_place_order_total{channel="web"} 0
	// sli_place_order_total{channel="app"} 0
}
