package setup_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// An application serves its metrics and its probe itself.
func ExampleFromContext() {
	serve := func(ctx context.Context) error {
		telemetry := setup.FromContext(ctx)
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", telemetry.Handler())
		mux.Handle("GET /readyz", telemetry.ReadyHandler())

		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		fmt.Print(w.Code, " ", w.Body)
		return nil
	}
	err := setup.Run(context.Background(), serve, setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(),
		setup.WithPrometheusHandler())
	fmt.Println(err)
	// Output:
	// 200 ready
	// <nil>
}
