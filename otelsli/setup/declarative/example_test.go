package declarative_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup/declarative"
)

// The file says where everything goes; Shutdown delivers what was recorded.
func ExampleStart() {
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Api-Key"))
	}))
	defer backend.Close()
	os.Setenv("BACKEND", backend.URL)
	dir, err := os.MkdirTemp("", "declarative")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "otel.yaml")
	_ = os.WriteFile(file, []byte(`
file_format: "1.0"
resource:
  attributes:
    - name: service.name
      value: shop
    - name: service.instance.id
      value: ${POD_UID:-shop-1}
meter_provider:
  readers:
    - periodic:
        interval: 60000
        exporter:
          otlp_http:
            endpoint: ${BACKEND}/v1/metrics
            headers:
              - name: api-key
                value: example
`), 0o600)

	catalog := otelsli.NewCatalog()
	orders := otelsli.MustNew(otelsli.Spec{Name: "place_order"}, []struct{ Channel string }{{"web"}}, otelsli.WithCatalog(catalog))
	ctx := context.Background()
	telemetry, err := declarative.Start(ctx, file, declarative.WithCatalog(catalog), declarative.WithoutGlobal())
	if err != nil {
		fmt.Println(err)
		return
	}
	orders.Record(ctx, struct{ Channel string }{"web"}, otelsli.Success)
	fmt.Println(telemetry.Shutdown(ctx))
	// Output:
	// POST /v1/metrics example
	// <nil>
}
