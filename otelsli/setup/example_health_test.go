package setup_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// An application mounts the probe on its own server.
func ExampleTelemetry_ReadyHandler() {
	ctx := context.Background()
	telemetry, err := setup.Start(ctx, setup.WithCatalog(otelsli.NewCatalog()), setup.WithPrometheusHandler())
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /readyz", telemetry.ReadyHandler())
	probe := func() {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		fmt.Print(w.Code, " ", w.Body)
	}
	probe()
	telemetry.Unready("migrating the database")
	probe()
	telemetry.Unready("")
	probe()
	_ = telemetry.Shutdown(ctx)
	probe()
	// Output:
	// 200 ready
	// 503 setup: not ready: migrating the database
	// 200 ready
	// 503 setup: not ready: shutting down
}

// An application shows the state of each pipeline on its own page.
func ExampleTelemetry_Health() {
	ctx := context.Background()
	telemetry, err := setup.Start(ctx, setup.WithCatalog(otelsli.NewCatalog()), setup.WithPrometheus("127.0.0.1:0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer telemetry.Shutdown(ctx)
	for _, p := range telemetry.Health().Pipelines {
		fmt.Println(p.Name, p.State, p.ConsecutiveFailures)
	}
	// Output: prometheus waiting 0
}
