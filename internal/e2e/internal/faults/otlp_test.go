package faults_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/otelsli/otelsli-go/internal/e2e/internal/faults"
)

// A backend keeps what it receives.
type backend struct {
	collector.UnimplementedMetricsServiceServer

	mu  sync.Mutex
	got []string // names of metrics
}

func (b *backend) Export(_ context.Context, r *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range r.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
		b.got = append(b.got, m.GetName())
	}
	return &collector.ExportMetricsServiceResponse{}, nil
}

func (b *backend) names() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.got, " ")
}

// startOTLP starts a receiver before a backend.
func startOTLP(t *testing.T) (*faults.OTLP, *backend) {
	t.Helper()
	b := &backend{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	collector.RegisterMetricsServiceServer(server, b)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return faults.NewOTLP(t, listener.Addr().String()), b
}

// twoDeltas are the metrics good and bad, with points of 2 and 3, and 5.
func twoDeltas() *collector.ExportMetricsServiceRequest {
	sum := func(name string, values ...int64) *metrics.Metric {
		s := &metrics.Sum{AggregationTemporality: metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA}
		for _, v := range values {
			s.DataPoints = append(s.DataPoints, &metrics.NumberDataPoint{Value: &metrics.NumberDataPoint_AsInt{AsInt: v}})
		}
		return &metrics.Metric{Name: name, Data: &metrics.Metric_Sum{Sum: s}}
	}
	return &collector.ExportMetricsServiceRequest{ResourceMetrics: []*metrics.ResourceMetrics{{
		ScopeMetrics: []*metrics.ScopeMetrics{{Metrics: []*metrics.Metric{sum("bad", 2, 3), sum("good", 5)}}},
	}}}
}

// post exports by HTTP and returns the response with its body read.
func post(t *testing.T, o *faults.OTLP, header http.Header) (*http.Response, []byte) {
	t.Helper()
	data, err := proto.Marshal(twoDeltas())
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+o.HTTP+"/v1/metrics", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := (&http.Client{Timeout: soon}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

// call exports by gRPC.
func call(t *testing.T, o *faults.OTLP) (*collector.ExportMetricsServiceResponse, error) {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+o.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return collector.NewMetricsServiceClient(conn).Export(t.Context(), twoDeltas())
}

func TestOTLPAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer faults.Answer
		status int
		code   codes.Code
	}{
		"take":         {faults.Take(), http.StatusOK, codes.OK},
		"unavailable":  {faults.Unavailable(), http.StatusServiceUnavailable, codes.Unavailable},
		"broken":       {faults.Broken(), http.StatusInternalServerError, codes.Internal},
		"too many":     {faults.TooMany(3 * time.Second), http.StatusTooManyRequests, codes.ResourceExhausted},
		"unauthorized": {faults.Unauthorized(), http.StatusUnauthorized, codes.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, b := startOTLP(t)
			o.Set(test.answer)
			response, _ := post(t, o, nil)
			_, err := call(t, o)
			if response.StatusCode != test.status || status.Code(err) != test.code || o.Requests() != 2 {
				t.Errorf("%s, %v, %d requests; want %d, %v, 2", response.Status, err, o.Requests(), test.status, test.code)
			}
			want := ""
			if test.code == codes.OK {
				want = "bad good bad good"
			}
			if got := b.names(); got != want {
				t.Errorf("the backend has %q, want %q", got, want)
			}
		})
	}
}

func TestOTLPSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	o, _ := startOTLP(t)
	o.Set(faults.TooMany(3 * time.Second))
	response, _ := post(t, o, nil)
	if got := response.Header.Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After: %q, want 3", got)
	}
	_, err := call(t, o)
	details := status.Convert(err).Details()
	if len(details) != 1 || details[0].(*errdetails.RetryInfo).GetRetryDelay().AsDuration() != 3*time.Second {
		t.Errorf("details: %v, want RetryInfo of 3 s", details)
	}
}

func TestOTLPTakesAPart(t *testing.T) {
	t.Parallel()
	o, b := startOTLP(t)
	o.Set(faults.Partial("bad"))
	_, body := post(t, o, nil)
	var byHTTP collector.ExportMetricsServiceResponse
	if err := proto.Unmarshal(body, &byHTTP); err != nil {
		t.Fatal(err)
	}
	byGRPC, err := call(t, o)
	if err != nil {
		t.Fatal(err)
	}
	for way, r := range map[string]*collector.ExportMetricsServiceResponse{"HTTP": &byHTTP, "gRPC": byGRPC} {
		if p := r.GetPartialSuccess(); p.GetRejectedDataPoints() != 2 || p.GetErrorMessage() == "" {
			t.Errorf("%s: %v, want 2 points rejected and why", way, p)
		}
	}
	if got := b.names(); strings.Count(got, "good") != 2 || strings.Contains(got, "bad") || o.Rejected() != 10 {
		t.Errorf("the backend has %q, %d rejected; want what is good, twice, and 10", got, o.Rejected())
	}
	o.Set(faults.Take())
	if r, err := call(t, o); err != nil || r.GetPartialSuccess() != nil || o.Rejected() != 10 {
		t.Errorf("after the fault: %v, %v, %d rejected", r, err, o.Rejected())
	}
}

func TestOTLPRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	o, _ := startOTLP(t)
	if response, _ := post(t, o, http.Header{"Content-Encoding": {"gzip"}}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("compressed: %s, want 400", response.Status)
	}
}
