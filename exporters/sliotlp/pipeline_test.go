package sliotlp

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelsli/otelsli-go/exporters/slisdk"
	"github.com/otelsli/otelsli-go/otelsli"
)

// sum adds up a counter over requests that the receiver took.
func sum(requests []request, metric string) int64 {
	var n int64
	for _, r := range requests {
		for _, rm := range r.body.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					if m.Name != metric {
						continue
					}
					for _, p := range m.GetSum().DataPoints {
						n += p.GetAsInt()
					}
				}
			}
		}
	}
	return n
}

// TestPipelineDeltasThroughOTLP sends five intervals: the second is refused, and the third is taken
// but for a part of it, which must not be sent again.
func TestPipelineDeltasThroughOTLP(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p Protocol) {
		r := listen(t, p, nil)
		r.answer = func(n int) (*collector.ExportMetricsServiceResponse, error) {
			switch n {
			case 1:
				return nil, status.Error(codes.Unavailable, "down")
			case 2:
				return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{RejectedDataPoints: 1}}, nil
			}
			return &collector.ExportMetricsServiceResponse{}, nil
		}
		r.status = func(w http.ResponseWriter, n int) bool {
			if n == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n == 1
		}
		catalog := otelsli.NewCatalog()
		sli := otelsli.MustNew(otelsli.Spec{Name: "order"}, []struct{}{{}}, otelsli.WithCatalog(catalog))
		pipeline, err := slisdk.NewPipeline("otlp", catalog, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithTemporality(Delta), WithoutRetry()))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			for range 10 {
				sli.Record(t.Context(), struct{}{}, otelsli.Success)
			}
			err := pipeline.Flush(t.Context())
			if failed := i == 1 || i == 2; (err != nil) != failed {
				t.Errorf("export %d: %v", i, err)
			}
		}
		if err := pipeline.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		got := r.got()
		if n := sum(slices.Delete(slices.Clone(got), 1, 2), "sli.order.total"); n != 50 || len(got) != 6 {
			t.Errorf("the deltas that were taken add up to %d in %d requests, want 50 in 6", n, len(got))
		}
	})
}

// TestPipelineShutdownKeepsItsDeadline with receivers that are down or say nothing.
func TestPipelineShutdownKeepsItsDeadline(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	for name, address := range map[string]string{"silent": listener.Addr().String(), "refused": "127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, p Protocol) {
				catalog := otelsli.NewCatalog()
				otelsli.MustNew(otelsli.Spec{Name: "order"}, []struct{}{{}}, otelsli.WithCatalog(catalog))
				pipeline, err := slisdk.NewPipeline("backend", catalog, newTestExporter(t, WithProtocol(p), WithEndpoint("http://"+address)),
					slisdk.WithErrorHandler(func(error) {}))
				if err != nil {
					t.Fatal(err)
				}
				pipeline.Start()
				time.Sleep(50 * time.Millisecond)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // of which it has all but half a second
				defer cancel()
				began := time.Now()
				err = pipeline.Shutdown(ctx)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
				if err == nil || !strings.Contains(err.Error(), `pipeline "backend": export: `) || strings.Contains(err.Error(), "abandoned") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
