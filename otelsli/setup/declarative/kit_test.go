package declarative_test

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metricpb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup/declarative"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var discard = slog.New(slog.DiscardHandler)

type labels struct{ Channel string }

// newSLI declares the SLI "order" with so many channels in a catalog of its own.
func newSLI(t testing.TB, channels int) (*otelsli.Catalog, *otelsli.SLI[labels]) {
	t.Helper()
	declared := make([]labels, channels)
	for i := range declared {
		declared[i] = labels{"c" + strings.Repeat("x", i%40) + string(rune('a'+i/40%26)) + string(rune('a'+i/40/26))}
	}
	c := otelsli.NewCatalog()
	sli, err := otelsli.New(otelsli.Spec{Name: "order", Threshold: time.Second}, declared, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	return c, sli
}

// write writes a file and returns its path.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otel.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts the file and ends it with the test.
func start(t testing.TB, c *otelsli.Catalog, text string, options ...declarative.Option) *declarative.Telemetry {
	t.Helper()
	telemetry, err := tryStart(t, c, text, options...)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = telemetry.Shutdown(ctx)
	})
	return telemetry
}

func tryStart(t testing.TB, c *otelsli.Catalog, text string, options ...declarative.Option) (*declarative.Telemetry, error) {
	options = append([]declarative.Option{
		declarative.WithCatalog(c), declarative.WithoutGlobal(), declarative.WithLogger(discard),
	}, options...)
	return declarative.Start(context.Background(), write(t, text), options...)
}

// A receiver keeps the OTLP that it gets, by metric.
type receiver struct {
	*httptest.Server
	hang chan struct{} // nil, or metrics are not answered until it is closed

	mu       sync.Mutex
	metrics  map[string]*metricpb.Metric
	resource *resourcepb.Resource
	traces   int
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/metrics", r.receiveMetrics)
	mux.HandleFunc("POST /v1/traces", func(http.ResponseWriter, *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.traces++
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) receiveMetrics(w http.ResponseWriter, req *http.Request) {
	if r.hang != nil {
		<-r.hang
	}
	var body io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(req.Body)
	}
	text, err := io.ReadAll(body)
	var request v1.ExportMetricsServiceRequest
	if err != nil || proto.Unmarshal(text, &request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.metrics = make(map[string]*metricpb.Metric)
	for _, rm := range request.ResourceMetrics {
		r.resource = rm.Resource
		for _, scope := range rm.ScopeMetrics {
			for _, m := range scope.Metrics {
				r.metrics[m.Name] = m
			}
		}
	}
}

// points returns the points of a sum that came last.
func (r *receiver) points(metric string) []*metricpb.NumberDataPoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metrics[metric].GetSum().GetDataPoints()
}

func (r *receiver) sum(metric string) (sum int64) {
	for _, p := range r.points(metric) {
		sum += p.GetAsInt()
	}
	return sum
}

func (r *receiver) attribute(key string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, kv := range r.resource.GetAttributes() {
		if kv.Key == key {
			return kv.Value.GetStringValue()
		}
	}
	return ""
}

func (r *receiver) traceRequests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.traces
}

// pushing is a file that pushes all to the receiver, with more for the periodic reader.
func (r *receiver) pushing(reader string) string {
	return `file_format: "1.0"
resource:
  attributes:
    - {name: service.name, value: shop}
    - {name: service.instance.id, value: shop-1}
meter_provider:
  readers:
    - periodic:
        interval: 3600000
        exporter:
          otlp_http: {endpoint: "` + r.URL + `/v1/metrics", compression: gzip, timeout: 60000}
` + reader + `
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http: {endpoint: "` + r.URL + `/v1/traces"}
propagator:
  composite:
    - tracecontext:
`
}

func wantContains(t testing.TB, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in:\n%s", part, got)
		}
	}
}
