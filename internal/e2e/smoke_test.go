package e2e

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// These tests use no package of this project: they prove the harness. What they count, they count before a server
// has seen the series, as the product's own tests do.

// answerLimit is how long a value may take to come through a server.
const answerLimit = 30 * time.Second

// startTarget serves counters of client_golang and returns its address: orders_total{result="failed"} is at 45.
func startTarget(t *testing.T) string {
	t.Helper()
	registry := prometheus.NewRegistry()
	orders := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders_total"}, []string{"result"})
	registry.MustRegister(orders)
	orders.WithLabelValues("failed").Add(45)
	orders.WithLabelValues("ok")
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// countOrders counts 45 failed orders and exports them once.
func countOrders(t *testing.T, exporter sdkmetric.Exporter) {
	t.Helper()
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Hour))),
		sdkmetric.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "shop"), attribute.String("service.instance.id", "one"))),
	)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = provider.Shutdown(ctx)
	})
	orders, err := provider.Meter("smoke").Int64Counter("orders", metric.WithUnit("{order}"))
	if err != nil {
		t.Fatal(err)
	}
	orders.Add(t.Context(), 45, metric.WithAttributes(attribute.String("result", "failed")))
	time.Sleep(10 * time.Millisecond) // see CreatedTimestamps
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPrometheus2Scrapes(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus2)
	prom := StartPrometheus(t, Prometheus2, PrometheusConfig{Targets: Targets{"shop": {startTarget(t)}}})
	prom.Eventually(t, `orders_total{job="shop",result="failed"}`, 45, answerLimit)
	prom.Eventually(t, `count(orders_total)`, 2, answerLimit)

	prom.SetTargets(t, "shop")
	prom.Eventually(t, `absent(orders_total)`, 1, answerLimit)
	prom.Eventually(t, `max_over_time(orders_total{result="failed"}[5m])`, 45, answerLimit)
}

func TestPrometheus3ScrapesWithCreatedTimestamps(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{
		Targets:  Targets{"shop": {startTarget(t)}},
		Features: []string{CreatedTimestamps, AnchoredSelectors},
	})
	prom.Eventually(t, `orders_total{result="failed"}`, 45, answerLimit)
	// The counter was at 45 when it was first scraped; the 0 before comes from its created timestamp.
	prom.Eventually(t, `increase(orders_total{result="failed"}[5m] anchored)`, 45, answerLimit)
}

func TestPrometheus3ReceivesOTLP(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{
		Features: []string{CreatedTimestamps, AnchoredSelectors},
		Settings: map[string]any{"otlp": map[string]any{"promote_resource_attributes": []string{"service.name"}}},
	})
	addr, path := prom.OTLPEndpoint()
	exporter, err := otlpmetrichttp.New(t.Context(),
		otlpmetrichttp.WithEndpoint(addr), otlpmetrichttp.WithURLPath(path), otlpmetrichttp.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	countOrders(t, exporter)
	prom.Eventually(t, `orders_total{job="shop",instance="one",service_name="shop",result="failed"}`, 45, answerLimit)
	prom.Eventually(t, `increase(orders_total[5m] anchored)`, 45, answerLimit)
}

func TestPrometheusRules(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	prom := StartPrometheus(t, Prometheus3, PrometheusConfig{
		Rules: "groups: [{name: smoke, rules: [{record: seven, expr: 'vector(7)'}]}]",
	})
	prom.Eventually(t, `seven`, 7, answerLimit)
}

func TestCollectorReceivesOTLP(t *testing.T) {
	t.Parallel()
	Require(t, OTelCollector)
	collector := StartCollector(t)
	exporter, err := otlpmetricgrpc.New(t.Context(),
		otlpmetricgrpc.WithEndpoint(collector.GRPC), otlpmetricgrpc.WithInsecure(),
		otlpmetricgrpc.WithTemporalitySelector(func(sdkmetric.InstrumentKind) metricdata.Temporality {
			return metricdata.DeltaTemporality
		}))
	if err != nil {
		t.Fatal(err)
	}
	countOrders(t, exporter)
	collector.EventuallyTotals(t, map[string]float64{`orders{result="failed"}`: 45}, answerLimit)
	if code := collector.Stop(t, answerLimit); code != 0 {
		t.Errorf("exit code = %d", code)
	}
	points := collector.Points(t)
	if len(points) == 0 || !points[0].Delta || points[0].Start.IsZero() || points[0].Resource["service.name"] != "shop" {
		t.Errorf("points = %+v", points)
	}
}
