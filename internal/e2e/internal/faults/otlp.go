package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// OTLP receives metrics by OTLP, over HTTP and over gRPC, misbehaves on demand, and passes on what it takes to a real
// receiver.
type OTLP struct {
	collector.UnimplementedMetricsServiceServer

	// HTTP and GRPC are the host:port of each protocol.
	HTTP, GRPC string

	next collector.MetricsServiceClient

	mu       sync.Mutex
	answer   Answer
	requests int
	rejected int64
}

// NewOTLP starts a receiver, which ends with the test, before the OTLP receiver for gRPC at target, a host:port. So far
// it takes everything.
func NewOTLP(t testing.TB, target string) *OTLP {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	o := &OTLP{next: collector.NewMetricsServiceClient(conn)}
	stopHTTP, stopGRPC := o.serveHTTP(t), o.serveGRPC(t)
	t.Cleanup(func() {
		stopHTTP()
		stopGRPC()
		_ = conn.Close()
	})
	return o
}

func (o *OTLP) serveHTTP(t testing.TB) (stop func()) {
	t.Helper()
	listener := listen(t)
	o.HTTP = listener.Addr().String()
	server := &http.Server{Handler: o, ReadHeaderTimeout: 5 * time.Second}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	return func() {
		_ = server.Close()
		running.Wait()
	}
}

func (o *OTLP) serveGRPC(t testing.TB) (stop func()) {
	t.Helper()
	listener := listen(t)
	o.GRPC = listener.Addr().String()
	server := grpc.NewServer()
	collector.RegisterMetricsServiceServer(server, o)
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	return func() {
		server.Stop()
		running.Wait()
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// Set changes what is answered from now on.
func (o *OTLP) Set(a Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = a
}

// Requests returns how many requests there have been.
func (o *OTLP) Requests() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.requests
}

// Rejected returns the sum of all deltas that [Partial] has not taken. A sender must not send them again.
func (o *OTLP) Rejected() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rejected
}

// begin counts a request and returns the answer to it.
func (o *OTLP) begin() Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	return o.answer
}

// Export implements the service of gRPC.
func (o *OTLP) Export(ctx context.Context, r *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	a := o.begin()
	if err := a.err(); err != nil {
		return nil, err
	}
	return o.pass(ctx, a, r)
}

// ServeHTTP implements that of HTTP, without compression.
func (o *OTLP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := o.begin()
	if a.write(w) {
		return
	}
	request, err := readRequest(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response, err := o.pass(r.Context(), a, request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	data, _ := proto.Marshal(response) // of two fields, which are fine
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(data)
}

func readRequest(r *http.Request) (*collector.ExportMetricsServiceRequest, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" {
		return nil, fmt.Errorf("faults: Content-Encoding is %q: want none", e)
	}
	data, err := io.ReadAll(r.Body)
	var request collector.ExportMetricsServiceRequest
	return &request, errors.Join(err, proto.Unmarshal(data, &request))
}

// pass hands a request on, without what the answer rejects.
func (o *OTLP) pass(ctx context.Context, a Answer, r *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	points, sum := reject(r, a.reject)
	response, err := o.next.Export(ctx, r)
	if err != nil || points == 0 {
		return response, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rejected += sum
	return &collector.ExportMetricsServiceResponse{PartialSuccess: &collector.ExportMetricsPartialSuccess{
		RejectedDataPoints: points, ErrorMessage: a.message,
	}}, nil
}

// reject takes the metric of that name out of r. It returns the number of its points, and the sum of its deltas.
func reject(r *collector.ExportMetricsServiceRequest, name string) (points, sum int64) {
	for _, resource := range r.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			var kept []*metrics.Metric
			for _, m := range scope.GetMetrics() {
				if name == "" || m.GetName() != name {
					kept = append(kept, m)
					continue
				}
				points += int64(len(m.GetSum().GetDataPoints()))
				sum += deltas(m.GetSum())
			}
			scope.Metrics = kept
		}
	}
	return points, sum
}

func deltas(s *metrics.Sum) (sum int64) {
	if s.GetAggregationTemporality() != metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA {
		return 0
	}
	for _, p := range s.GetDataPoints() {
		sum += p.GetAsInt()
	}
	return sum
}
