package setup_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var discard = slog.New(slog.DiscardHandler)

type labels struct{ Channel string }

// newSLI declares the SLI "order" with the channels web and app in a catalog of its own.
func newSLI(t testing.TB) (*otelsli.Catalog, *otelsli.SLI[labels]) {
	t.Helper()
	c := otelsli.NewCatalog()
	sli, err := otelsli.New(otelsli.Spec{Name: "order"}, []labels{{"web"}, {"app"}}, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	return c, sli
}

// start starts what the options ask for, without the environment and the global provider, and
// shuts it down when the test ends.
func start(t testing.TB, c *otelsli.Catalog, options ...setup.Option) *setup.Telemetry {
	t.Helper()
	options = append([]setup.Option{
		setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithLogger(discard),
	}, options...)
	telemetry, err := setup.Start(t.Context(), options...)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = telemetry.Shutdown(ctx)
	})
	return telemetry
}

// A backend is an exporter that keeps what arrives. Its fields inject faults.
type backend struct {
	temporality metricdata.Temporality
	err         error         // of every export
	hang        chan struct{} // exports wait for it to be closed, whatever their context says

	mu       sync.Mutex
	exports  int
	shutdown int
	values   map[string]int64 // sum by metric of the last export
	resource map[attribute.Key]string
}

func (b *backend) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	if b.temporality == 0 {
		return metricdata.CumulativeTemporality
	}
	return b.temporality
}

func (*backend) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

func (b *backend) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	if b.hang != nil {
		<-b.hang
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	b.exports++
	b.resource = make(map[attribute.Key]string)
	for _, kv := range rm.Resource.Attributes() {
		b.resource[kv.Key] = kv.Value.String()
	}
	values := make(map[string]int64)
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			if s, ok := m.Data.(metricdata.Sum[int64]); ok {
				for _, p := range s.DataPoints {
					values[m.Name] += p.Value
				}
			}
		}
	}
	if b.Temporality(0) == metricdata.DeltaTemporality {
		for name, v := range b.values {
			values[name] += v
		}
	}
	b.values = values
	return nil
}

func (*backend) ForceFlush(context.Context) error { return nil }

func (b *backend) Shutdown(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shutdown++
	return nil
}

func (b *backend) value(metric string) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.values[metric]
}

func (b *backend) shutdowns() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shutdown
}

func get(t testing.TB, url string) string {
	t.Helper()
	body, err := tryGet(url)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func tryGet(url string) (string, error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func wantContains(t testing.TB, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in:\n%s", part, got)
		}
	}
}

func contextThatEnds(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 100*time.Millisecond)
}
