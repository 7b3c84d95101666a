package diagnosis_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	colmetric "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup/internal/diagnosis"
)

// export makes one attempt, and returns its error.
func export(t *testing.T, limit time.Duration, options ...sliotlp.Option) error {
	t.Helper()
	e, err := sliotlp.New(t.Context(), append(options, sliotlp.WithoutRetry())...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	defer e.Shutdown(ctx)
	return e.Export(ctx, &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
		Name: "x", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Value: 1}}},
	}}}}})
}

func httpAnswers(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
}

func partly(w http.ResponseWriter, _ *http.Request) {
	body, _ := proto.Marshal(&colmetric.ExportMetricsServiceResponse{
		PartialSuccess: &colmetric.ExportMetricsPartialSuccess{RejectedDataPoints: 1, ErrorMessage: "too old"},
	})
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(body)
}

func newTLSServer(t *testing.T, change func(*tls.Config)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(answer(http.StatusOK, ""))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if change != nil {
		change(server.TLS)
	}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func trust(server *httptest.Server, name string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: name, RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

type grpcReceiver struct {
	colmetric.UnimplementedMetricsServiceServer
	err     error
	partial bool
}

func (r grpcReceiver) Export(context.Context, *colmetric.ExportMetricsServiceRequest) (*colmetric.ExportMetricsServiceResponse, error) {
	out := &colmetric.ExportMetricsServiceResponse{}
	if r.partial {
		out.PartialSuccess = &colmetric.ExportMetricsPartialSuccess{RejectedDataPoints: 1, ErrorMessage: "too old"}
	}
	return out, r.err
}

func grpcServer(t *testing.T, receiver colmetric.MetricsServiceServer, options ...grpc.ServerOption) string {
	t.Helper()
	l := listen(t)
	server := grpc.NewServer(options...)
	if receiver != nil {
		colmetric.RegisterMetricsServiceServer(server, receiver)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	return l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// silent accepts and says nothing; closing hangs up at once.
func silent(t *testing.T, hangUp bool) string {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if hangUp {
				_ = conn.Close()
				continue
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return l.Addr().String()
}

// refused is an address where nobody listens, and where no other test that lets the system choose a port
// ever will.
const refused = "127.0.0.1:1"

const soon = 300 * time.Millisecond

// Real connections, so that a change of words in a library shows.
func TestRealConnections(t *testing.T) {
	t.Parallel()
	overGRPC := sliotlp.WithProtocol(sliotlp.GRPC)
	secure := newTLSServer(t, nil)
	mutual := newTLSServer(t, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert })
	plainHTTP := httpAnswers(t, answer(http.StatusOK, ""))
	plainGRPC := grpcServer(t, grpcReceiver{})
	secureGRPC := grpcServer(t, grpcReceiver{}, grpc.Creds(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: secure.TLS.Certificates})))
	failing := func(code codes.Code) string {
		return "http://" + grpcServer(t, grpcReceiver{err: status.Error(code, "no")})
	}
	tests := []struct {
		name    string
		options []sliotlp.Option
		want    string // alternatives after |: a reset can be quicker than an answer
		advice  string // a part
	}{
		{"well", []sliotlp.Option{sliotlp.WithEndpoint(plainHTTP)}, "", ""},
		{"refused", []sliotlp.Option{sliotlp.WithEndpoint("http://" + refused)}, "refused", "4318"},
		{"silent", []sliotlp.Option{sliotlp.WithEndpoint("http://" + silent(t, false))}, "no answer in time", "firewalls"},
		{"hangs up", []sliotlp.Option{sliotlp.WithEndpoint("http://" + silent(t, true))}, "the receiver hung up", "protocol"},
		{"no such host", []sliotlp.Option{sliotlp.WithEndpoint("http://nowhere.invalid:1")}, "no such host", "misspelling"},
		{"400", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(400, "what?")))}, "HTTP 400 Bad Request", "OTLP"},
		{"401", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(401, "who?")))}, "HTTP 401 Unauthorized", "credentials"},
		{"404", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(404, "")))}, "HTTP 404 Not Found", "/v1/metrics"},
		{"500", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(500, "(oh)")))}, "HTTP 500 Internal Server Error", "its own log"},
		{"302", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(302, "")))}, "HTTP 302 Found", "redirects"},
		{"429", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(429, "slow down: tls: ")))}, "HTTP 429 Too Many Requests", "busy"},
		{"503", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(503, "")))}, "HTTP 503 Service Unavailable", "busy"},
		{"502", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(502, "<html>")))}, "HTTP 502 Bad Gateway", "a proxy"},
		{"504", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, answer(504, "")))}, "HTTP 504 Gateway Timeout", "a proxy"},
		{"partial", []sliotlp.Option{sliotlp.WithEndpoint(httpAnswers(t, partly))}, "rejected: too old (1 metric data points rejected)", "its own log"},
		{"TLS: authority", []sliotlp.Option{sliotlp.WithEndpoint(secure.URL)}, "TLS: certificate of an unknown authority", "OTEL_EXPORTER_OTLP_CERTIFICATE"},
		{"TLS: name", []sliotlp.Option{sliotlp.WithEndpoint(secure.URL), sliotlp.WithTLSConfig(trust(secure, "other.test"))}, "TLS: certificate of another name", "host"},
		{"TLS: client", []sliotlp.Option{sliotlp.WithEndpoint(mutual.URL), sliotlp.WithTLSConfig(trust(mutual, ""))}, "TLS: the receiver wants another client certificate", "CLIENT_KEY"},
		{"HTTP to TLS", []sliotlp.Option{sliotlp.WithEndpoint(strings.Replace(secure.URL, "https", "http", 1))}, "the receiver speaks TLS", "https://"},
		{"TLS to HTTP", []sliotlp.Option{sliotlp.WithEndpoint(strings.Replace(plainHTTP, "http", "https", 1))}, "the receiver does not speak TLS", "http://"},
		{"HTTP to gRPC", []sliotlp.Option{sliotlp.WithEndpoint("http://" + plainGRPC)}, "the receiver does not speak HTTP", "grpc"},

		{"gRPC well", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + plainGRPC)}, "", ""},
		{"gRPC refused", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + refused)}, "refused", "4317"},
		{"gRPC silent", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + silent(t, false))}, "no answer in time", "firewalls"},
		{"gRPC no such host", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://nowhere.invalid:1")}, "no such host", "misspelling"},
		{"gRPC authority", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("https://" + secureGRPC)}, "TLS: certificate of an unknown authority", "OTEL_EXPORTER_OTLP_CERTIFICATE"},
		{"gRPC name", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("https://" + secureGRPC), sliotlp.WithTLSConfig(trust(secure, "other.test"))}, "TLS: certificate of another name", "host"},
		{"gRPC TLS to plain", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("https://" + plainGRPC)}, "the receiver does not speak TLS", "http://"},
		{"gRPC plain to TLS", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + secureGRPC)}, "the receiver speaks TLS", "https://"},
		{"gRPC to HTTP", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint(plainHTTP)}, "the receiver does not speak gRPC as it is asked", "http/protobuf"},
		{"gRPC unauthenticated", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint(failing(codes.Unauthenticated))}, "gRPC Unauthenticated", "credentials"},
		{"gRPC permission", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint(failing(codes.PermissionDenied))}, "gRPC PermissionDenied", "credentials"},
		{"gRPC exhausted", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint(failing(codes.ResourceExhausted))}, "gRPC ResourceExhausted", "busy"},
		{"gRPC unavailable", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint(failing(codes.Unavailable))}, "gRPC Unavailable", "not ready"},
		{"gRPC without OTLP", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + grpcServer(t, nil))}, "gRPC Unimplemented", "none for OTLP"},
		{"gRPC partial", []sliotlp.Option{overGRPC, sliotlp.WithEndpoint("http://" + grpcServer(t, grpcReceiver{partial: true}))}, "rejected: too old (1 metric data points rejected)", "its own log"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			limit := 5 * time.Second
			if strings.HasPrefix(test.want, "no answer") {
				limit = soon
			}
			err := export(t, limit, test.options...)
			d := diagnosis.Of(err)
			if !slices.Contains(strings.Split(test.want, "|"), d.Result) || !strings.Contains(d.Advice, test.advice) {
				t.Errorf("%q, %q\nwant %q, …%s…\nof %v", d.Result, d.Advice, test.want, test.advice, err)
			}
		})
	}
}

func TestErrorsByType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{fmt.Errorf("listen: %w", os.NewSyscallError("bind", syscall.EADDRINUSE)), "the address is in use"},
		{fmt.Errorf("listen: %w", syscall.EACCES), "not allowed"},
		{fmt.Errorf("listen: %w", syscall.EADDRNOTAVAIL), "not an address of this machine"},
		{fmt.Errorf("dial: %w", syscall.EHOSTUNREACH), "no way there"},
		{context.Canceled, "cancelled"},
		{fmt.Errorf("wait: %w", context.DeadlineExceeded), "no answer in time"},
		{errors.New("x509: certificate has expired or is not yet valid: current time"), "TLS: certificate expired, or not valid yet"},
		{errors.New("remote error: tls: handshake failure"), "TLS: the handshake failed"},
		{errors.New("disk full"), "failed"},
	} {
		if got := diagnosis.Of(test.err).Result; got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}

func ExampleOf() {
	d := diagnosis.Of(&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)})
	fmt.Println(d.Result)
	// Output: refused
}
