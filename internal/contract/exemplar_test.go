package contract_test

import (
	"context"
	"errors"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/internal/contract"
	"github.com/otelsli/otelsli-go/otelsli"
)

// Pipelines, of which every second export fails where they are said to.
func TestExemplarsOfPipelines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		temporality metricdata.Temporality
		failures    int
	}{
		"cumulative":             {metricdata.CumulativeTemporality, 0},
		"cumulative, that fails": {metricdata.CumulativeTemporality, 1},
		"delta":                  {metricdata.DeltaTemporality, 0},
		"delta, that fails":      {metricdata.DeltaTemporality, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contract.TestExemplars(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Exemplars {
				backend := &exemplarKeeper{
					keeper:   keeper{temporality: tt.temporality, failures: tt.failures},
					received: make(contract.Exemplars),
				}
				p, err := slisdk.NewPipeline("test", c, backend)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
				return func() contract.Exemplars {
					for p.Flush(context.Background()) != nil && backend.failing() {
						continue // until it arrives
					}
					return backend.received
				}
			})
		})
	}
}

// An exemplarKeeper is a backend that keeps the last exemplar of each series.
type exemplarKeeper struct {
	keeper
	received contract.Exemplars
}

func (k *exemplarKeeper) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if err := k.keeper.Export(ctx, rm); err != nil {
		return err
	}
	maps.Copy(k.received, contract.ExemplarsFromMetricData(rm))
	return nil
}

func TestExemplarsOfProducer(t *testing.T) {
	t.Parallel()
	contract.TestExemplars(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Exemplars {
		reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(slisdk.NewProducer(c)))
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
		t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
		return func() contract.Exemplars {
			var rm metricdata.ResourceMetrics
			if err := reader.Collect(context.Background(), &rm); err != nil {
				t.Errorf("collect: %v", err)
			}
			return contract.ExemplarsFromMetricData(&rm)
		}
	})
}

func TestExemplarsOfGatherer(t *testing.T) {
	t.Parallel()
	contract.TestExemplars(t, func(t testing.TB, c *otelsli.Catalog) func() contract.Exemplars {
		exporter := pull(t, c)
		return func() contract.Exemplars {
			families, err := exporter.Gather()
			if err != nil {
				t.Errorf("gather: %v", err)
			}
			return contract.ExemplarsFromFamilies(families)
		}
	})
}

// The formats that have exemplars. The classic text has none.
func TestExemplarsOfEndpoint(t *testing.T) {
	t.Parallel()
	for _, typ := range []expfmt.FormatType{expfmt.TypeProtoDelim, expfmt.TypeOpenMetrics, expfmt.TypeTextPlain} {
		format := expfmt.NewFormat(typ)
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			door := func(t testing.TB, c *otelsli.Catalog) func() contract.Exemplars {
				handler := pull(t, c).Handler()
				return func() contract.Exemplars {
					r := httptest.NewRequest("GET", "/metrics", nil)
					r.Header.Set("Accept", string(format))
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					switch typ {
					case expfmt.TypeProtoDelim:
						return contract.ExemplarsFromFamilies(decode(t, w.Body.Bytes(), expfmt.ResponseFormat(w.Header())))
					case expfmt.TypeTextPlain:
						if strings.Contains(w.Body.String(), "trace_id") {
							t.Error("the classic text has an exemplar, which its parsers refuse")
						}
						return contract.ExemplarsFromCatalog(c)
					default:
						return openMetricsExemplars(t, w.Body.String())
					}
				}
			}
			contract.TestExemplars(t, door)
		})
	}
}

// openMetricsSample is a sample of OpenMetrics with an exemplar.
var openMetricsSample = regexp.MustCompile(`(?m)^(\w+_total)\{(.*)\} \S+ # \{trace_id="([0-9a-f]{32})",span_id="([0-9a-f]{16})"\} (\S+) ([0-9.e+]+)$`)

// openMetricsExemplars reads the exemplars of a body. The labels of the tests have no characters
// that are escaped.
func openMetricsExemplars(t testing.TB, body string) contract.Exemplars {
	t.Helper()
	x := make(contract.Exemplars)
	all := openMetricsSample.FindAllStringSubmatch(body, -1)
	if n := strings.Count(body, "trace_id"); n != len(all) {
		t.Errorf("%d of %d exemplars can be read:\n%s", len(all), n, body)
	}
	for _, m := range all {
		value, err := strconv.ParseFloat(m[5], 64)
		seconds, err2 := strconv.ParseFloat(m[6], 64)
		if err := errors.Join(err, err2); err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
		x[m[1]+"{"+sorted(m[2])+"}"] = contract.Exemplar{TraceID: m[3], SpanID: m[4], Value: value, Time: int64(seconds)}
	}
	return x
}

// sorted puts labels into the order of [contract.Samples].
func sorted(labels string) string {
	all := strings.Split(labels, ",")
	slices.Sort(all)
	return strings.Join(all, ",")
}

// Register has no way for exemplars: that is what the SDK leaves to asynchronous instruments.
func TestRegisterHasNoExemplars(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s, err := otelsli.New(otelsli.Spec{Name: "order"}, []struct{}{{}}, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	registration, err := c.Register(provider)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registration.Unregister() })
	s.Record(trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled,
	})), struct{}{}, otelsli.Failed)
	if len(contract.ExemplarsFromCatalog(c)) != 1 {
		t.Error("the event has left no exemplar")
	}
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	if got := contract.ExemplarsFromMetricData(&rm); len(got) > 0 {
		t.Errorf("exemplars %v", got)
	}
}
