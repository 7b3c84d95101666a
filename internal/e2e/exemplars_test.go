package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// exemplarStorage is the feature of a Prometheus that keeps exemplars.
const exemplarStorage = "exemplar-storage"

// spanOf returns a context with a span, and its IDs as Prometheus shows them.
func spanOf(ctx context.Context, id byte, flags trace.TraceFlags) (with context.Context, want model.LabelSet) {
	span := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, id}, SpanID: trace.SpanID{2, id}, TraceFlags: flags,
	})
	return trace.ContextWithSpanContext(ctx, span), model.LabelSet{
		"trace_id": model.LabelValue(span.TraceID().String()), "span_id": model.LabelValue(span.SpanID().String()),
	}
}

// What a Prometheus shows leads from the counter of failures to the trace of one, by every way there is.
func TestExemplarsInPrometheus(t *testing.T) {
	t.Parallel()
	Require(t, Prometheus3)
	for way, protocols := range map[string][]string{
		"OTLP": nil, "OpenMetrics 1.0": {"OpenMetricsText1.0.0"}, "protobuf": {"PrometheusProto"},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			addr := FreeAddr(t)
			config := PrometheusConfig{Features: []string{exemplarStorage}}
			option := setup.WithPrometheus(addr, sliprom.WithHold(0))
			if protocols != nil {
				config.Targets = Targets{"shop": {addr}}
				config.ScrapeSettings = map[string]any{"scrape_protocols": protocols}
			}
			prom := StartPrometheus(t, Prometheus3, config)
			if protocols == nil {
				receiver, path := prom.OTLPEndpoint()
				option = setup.WithOTLP(sliotlp.WithMetricsEndpoint("http://" + receiver + path))
			}
			testExemplars(t, prom, option)
		})
	}
}

func testExemplars(t *testing.T, prom *Prometheus, option setup.Option) {
	t.Helper()
	catalog := otelsli.NewCatalog()
	sli, err := otelsli.New(otelsli.Spec{Name: "checkout", Threshold: 100 * time.Millisecond}, channels, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(catalog), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithService("shop", ""), setup.WithInterval(200*time.Millisecond), option)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = telemetry.Shutdown(context.Background()) })

	failed, wantFailed := spanOf(t.Context(), 1, trace.FlagsSampled)
	slow, wantSlow := spanOf(t.Context(), 2, trace.FlagsSampled)
	fine, _ := spanOf(t.Context(), 3, trace.FlagsSampled)
	unsampled, _ := spanOf(t.Context(), 4, 0)
	web, app := channels[0], channels[1]
	sli.Record(fine, web, otelsli.Success)
	sli.Record(failed, web, otelsli.Failed)
	sli.Record(slow, web, otelsli.Slow)
	sli.Record(unsampled, app, otelsli.Failed) // leaves none: nobody has kept its trace
	prom.Eventually(t, `sli_checkout_total{channel="web"}`, 3, answerLimit)

	eventuallyExemplar(t, prom, `sli_checkout_error_total`, "web", wantFailed)
	eventuallyExemplar(t, prom, `sli_checkout_slow_total`, "web", wantSlow)
	for _, query := range []string{`sli_checkout_error_total{channel="app"}`, `sli_checkout_apdex_success_total`} {
		if found, err := exemplarsOf(prom, query); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v; want no exemplar", query, found, err)
		}
	}
}

// eventuallyExemplar waits until the counter of a channel has exactly the exemplar, of one event.
func eventuallyExemplar(t *testing.T, prom *Prometheus, counter, channel string, want model.LabelSet) {
	t.Helper()
	query := fmt.Sprintf(`%s{channel=%q}`, counter, channel)
	Eventually(t, answerLimit, func() error {
		found, err := exemplarsOf(prom, query)
		if err != nil {
			return err
		}
		if len(found) != 1 || !found[0].Labels.Equal(want) || found[0].Value != 1 {
			return fmt.Errorf("%s: exemplars %v, want one of value 1 with %v", query, found, want)
		}
		if age := time.Since(found[0].Timestamp.Time()); age < 0 || age > time.Minute {
			return fmt.Errorf("%s: the exemplar is %v old", query, age)
		}
		return nil
	})
}

type exemplar struct {
	Labels    model.LabelSet
	Value     model.SampleValue
	Timestamp model.Time
}

// exemplarsOf asks query_exemplars.
func exemplarsOf(prom *Prometheus, query string) ([]exemplar, error) {
	now := time.Now()
	series, err := prom.API.QueryExemplars(context.Background(), query, now.Add(-time.Hour), now.Add(time.Minute))
	if err != nil {
		return nil, fmt.Errorf("query_exemplars %s: %w", query, err)
	}
	var found []exemplar
	for _, s := range series {
		for _, e := range s.Exemplars {
			found = append(found, exemplar(e))
		}
	}
	return found, nil
}
