package setup_test

import (
	"context"
	"fmt"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// Check validates a configuration without starting anything: for a test, or for a flag of the
// service.
func ExampleCheck() {
	report, err := setup.Check(context.Background(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutEnvironment(),
		setup.WithInterval(10*time.Second),
		setup.WithOTLP(sliotlp.WithEndpoint("collector:4318")))
	fmt.Println(err)
	for _, s := range report.Settings {
		if s.Source.Kind == setup.FromOption {
			fmt.Println(s.Name, s.Value, s.Source.Name)
		}
	}
	// Output:
	// otelsli: OTLP exporter: WithEndpoint is "collector:4318": want http://collector:4318, or https:// where it has TLS
	// OTEL_METRICS_EXPORTER otlp options for pipelines
	// OTEL_METRIC_EXPORT_INTERVAL 10000 WithInterval
	// OTEL_EXPORTER_OTLP_ENDPOINT set in code WithOTLP
}

// Connect really exports one metric through each push pipeline, once.
func ExampleConnect() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	report, err := setup.Connect(ctx, nil, setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutEnvironment(),
		setup.WithOTLP(sliotlp.WithEndpoint("http://127.0.0.1:1")))
	fmt.Println(err)
	fmt.Println(report.Pipelines[0].Target)
	// Output:
	// setup: pipeline "otlp": refused
	// http://127.0.0.1:1/v1/metrics over HTTP
}

// The gateway of Grafana Cloud accepts only OTLP over HTTP with Basic authentication.
func ExampleWithGrafanaCloud() {
	_, err := setup.Start(context.Background(), setup.WithCatalog(otelsli.NewCatalog()),
		setup.WithGrafanaCloud("https://otlp-gateway-prod-eu-west-0.grafana.net/otlp/v1/metrics", "123456", "glc_secret"))
	fmt.Println(err)
	// Output:
	// otelsli: WithGrafanaCloud: endpoint is "https://otlp-gateway-prod-eu-west-0.grafana.net/otlp/v1/metrics": want https://otlp-gateway-prod-eu-west-0.grafana.net/otlp, to which /v1/metrics is appended
}
