package contract_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/internal/contract"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestPushPipeline(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		exporter := &keeper{temporality: metricdata.CumulativeTemporality}
		return flusher(t, c, exporter)
	})
}

// Deltas, added up, must be what a cumulative door shows.
func TestDeltaPushPipeline(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		exporter := &keeper{temporality: metricdata.DeltaTemporality}
		return flusher(t, c, exporter)
	})
}

// As above, but two exports in three fail before they arrive.
func TestDeltaPushPipelineThatFails(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		exporter := &keeper{temporality: metricdata.DeltaTemporality, failures: 2}
		return flusher(t, c, exporter)
	})
}

func TestProducer(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(slisdk.NewProducer(c)))
		_, collect := read(t, reader)
		return collect
	})
}

func TestRegister(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		reader := sdkmetric.NewManualReader()
		provider, collect := read(t, reader)
		registration, err := c.Register(provider)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = registration.Unregister() })
		return collect
	})
}

func TestGatherer(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		exporter := pull(t, c)
		return func() contract.Samples {
			families, err := exporter.Gather()
			if err != nil {
				t.Errorf("gather: %v", err)
			}
			return contract.FromFamilies(families, "sli")
		}
	})
}

// The formats that a scraper may ask for.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, format := range []expfmt.Format{
		expfmt.NewFormat(expfmt.TypeTextPlain),
		expfmt.NewFormat(expfmt.TypeProtoDelim),
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
				handler := pull(t, c).Handler()
				return func() contract.Samples {
					r := httptest.NewRequest("GET", "/metrics", nil)
					r.Header.Set("Accept", string(format))
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					return contract.FromFamilies(decode(t, w.Body.Bytes(), expfmt.ResponseFormat(w.Header())), "sli")
				}
			})
		})
	}
}

// The gatherer and the pipelines of one catalog at the same time: nobody counts twice.
func TestSeveralDoors(t *testing.T) {
	t.Parallel()
	contract.Test(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Samples {
		doors := []func() contract.Samples{
			flusher(t, c, &keeper{temporality: metricdata.CumulativeTemporality}),
			flusher(t, c, &keeper{temporality: metricdata.DeltaTemporality}),
		}
		exporter := pull(t, c)
		doors = append(doors, func() contract.Samples {
			families, _ := exporter.Gather()
			return contract.FromFamilies(families, "sli")
		})
		var mu sync.Mutex
		next := 0
		return func() contract.Samples {
			mu.Lock()
			defer mu.Unlock() // a later collection must not overtake an earlier one of another door
			next++
			return doors[next%len(doors)]()
		}
	})
}

func pull(t testing.TB, c *otelsli.Catalog) *sliprom.Exporter {
	t.Helper()
	exporter, err := sliprom.New(c, sliprom.WithHold(0))
	if err != nil {
		t.Fatal(err)
	}
	return exporter
}

func decode(t testing.TB, body []byte, format expfmt.Format) []*dto.MetricFamily {
	t.Helper()
	if format.FormatType() == expfmt.TypeUnknown {
		t.Fatalf("a response of an unknown format: %.100q", body)
	}
	var families []*dto.MetricFamily
	decoder := expfmt.NewDecoder(bytes.NewReader(body), format)
	for {
		var f dto.MetricFamily
		err := decoder.Decode(&f)
		if errors.Is(err, io.EOF) {
			return families
		}
		if err != nil {
			t.Fatalf("decode %v: %v", format, err)
		}
		families = append(families, &f)
	}
}

// read collects through a reader of the SDK.
func read(t testing.TB, reader *sdkmetric.ManualReader) (*sdkmetric.MeterProvider, func() contract.Samples) {
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider, func() contract.Samples {
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &rm); err != nil {
			t.Errorf("collect: %v", err)
		}
		return contract.FromMetricData(&rm)
	}
}

// flusher flushes a pipeline until an export arrives, and returns what has arrived by then.
func flusher(t testing.TB, c *otelsli.Catalog, exporter *keeper) func() contract.Samples {
	t.Helper()
	p, err := slisdk.NewPipeline("test", c, exporter)
	for n := 2; err != nil && n < 5; n++ { // several doors on one catalog
		p, err = slisdk.NewPipeline(string(rune('0'+n)), c, exporter)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	var mu sync.Mutex
	return func() contract.Samples {
		mu.Lock()
		defer mu.Unlock()
		for p.Flush(context.Background()) != nil {
			if !exporter.failing() {
				t.Error("a flush failed that the exporter did not fail")
				break
			}
		}
		return exporter.sum()
	}
}

// A keeper is a backend: it stores cumulative values, or adds deltas up.
type keeper struct {
	temporality metricdata.Temporality
	failures    int // exports that fail before each that succeeds

	mu      sync.Mutex
	failed  int
	samples contract.Samples
}

func (k *keeper) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality { return k.temporality }

func (*keeper) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

func (k *keeper) Export(_ context.Context, rm *metricdata.ResourceMetrics) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed < k.failures {
		k.failed++
		return errors.New("the backend is down")
	}
	k.failed = 0
	arrived := contract.FromMetricData(rm)
	if k.temporality == metricdata.DeltaTemporality {
		for series, v := range k.samples {
			if isCounter(series) {
				if _, there := arrived[series]; !there {
					return errors.New(series + " is missing in a collection of deltas")
				}
				arrived[series] += v
			}
		}
	}
	k.samples = arrived
	return nil
}

func isCounter(series string) bool {
	return !slices.ContainsFunc([]string{"sli_objective_ratio{", "sli_objective_window_seconds{"}, func(gauge string) bool {
		return len(series) >= len(gauge) && series[:len(gauge)] == gauge
	})
}

func (k *keeper) failing() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed > 0
}

func (k *keeper) sum() contract.Samples {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.samples
}

func (*keeper) ForceFlush(context.Context) error { return nil }
func (*keeper) Shutdown(context.Context) error   { return nil }
