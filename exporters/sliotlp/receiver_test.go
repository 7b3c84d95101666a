package sliotlp

import (
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/proto"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

// A receiver is an OTLP receiver of either protocol.
type receiver struct {
	collector.UnimplementedMetricsServiceServer
	url string

	// answer decides what request number n, from 0, is answered. Nil takes everything.
	answer func(n int) (*collector.ExportMetricsServiceResponse, error)
	status func(w http.ResponseWriter, n int) bool // of HTTP; reports whether it has answered

	mu       sync.Mutex
	requests []request
}

type request struct {
	path       string
	header     http.Header // or metadata
	compressed bool
	body       *collector.ExportMetricsServiceRequest
}

func (r *receiver) take(req request) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, req)
	return len(r.requests) - 1
}

func (r *receiver) got() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

func (r *receiver) respond(n int) (*collector.ExportMetricsServiceResponse, error) {
	if r.answer == nil {
		return &collector.ExportMetricsServiceResponse{}, nil
	}
	return r.answer(n)
}

// Export is the service of gRPC.
func (r *receiver) Export(ctx context.Context, body *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	header := make(http.Header)
	for k, v := range md {
		header[http.CanonicalHeaderKey(k)] = v
	}
	payload, _ := ctx.Value(payloadKey{}).(*stats.InPayload)
	return r.respond(r.take(request{header: header, body: body, compressed: payload != nil && payload.CompressedLength < payload.Length}))
}

// payloadKey is where the size of a request is kept, which shows whether it came compressed.
type payloadKey struct{}

type payloads struct{ stats.Handler }

func (payloads) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, payloadKey{}, new(stats.InPayload))
}

func (payloads) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if in, ok := s.(*stats.InPayload); ok {
		*ctx.Value(payloadKey{}).(*stats.InPayload) = *in
	}
}

func (payloads) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (payloads) HandleConn(context.Context, stats.ConnStats)                       {}

// ServeHTTP is that of HTTP.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	compressed := req.Header.Get("Content-Encoding") == "gzip"
	if compressed {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	data, _ := io.ReadAll(body)
	var export collector.ExportMetricsServiceRequest
	if err := proto.Unmarshal(data, &export); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n := r.take(request{path: req.URL.Path, header: req.Header, compressed: compressed, body: &export})
	if r.status != nil && r.status(w, n) {
		return
	}
	response, _ := r.respond(n)
	data, _ = proto.Marshal(response)
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(data)
}

// listen serves one protocol on the loopback, with TLS if it is given, until the test ends.
func listen(t testing.TB, p Protocol, cfg *tls.Config) *receiver {
	t.Helper()
	r := &receiver{}
	if p == HTTPProtobuf {
		server := httptest.NewUnstartedServer(r)
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		if server.TLS = cfg; cfg != nil {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		r.url = server.URL
		return r
	}
	r.url = serveGRPC(t, r, cfg)
	return r
}

func serveGRPC(t testing.TB, r *receiver, cfg *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	options, scheme := []grpc.ServerOption{grpc.StatsHandler(payloads{})}, "http://"
	if cfg != nil {
		options, scheme = append(options, grpc.Creds(credentials.NewTLS(cfg))), "https://"
	}
	server := grpc.NewServer(options...)
	collector.RegisterMetricsServiceServer(server, r)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return scheme + listener.Addr().String()
}

// newTestExporter makes an exporter that is shut down when the test ends.
func newTestExporter(t testing.TB, options ...Option) sdkmetric.Exporter {
	t.Helper()
	e, err := New(context.Background(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Shutdown(context.Background()) })
	return e
}

// someMetrics is an export with one counter.
func someMetrics(temporality metricdata.Temporality) *metricdata.ResourceMetrics {
	now := time.Now()
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.name", "shop")),
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
			Name:        "sli.order.total",
			Description: strings.Repeat("long enough to be worth compressing ", 20),
			Data: metricdata.Sum[int64]{IsMonotonic: true, Temporality: temporality, DataPoints: []metricdata.DataPoint[int64]{
				{Value: 42, StartTime: now.Add(-time.Minute), Time: now},
			}},
		}}}},
	}
}

// An authority signs certificates for the loopback.
type authority struct {
	t    testing.TB
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	a.key = newKey(t)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test authority"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// write writes a PEM file and returns its name.
func (a *authority) write(name, typ string, der []byte) string {
	a.t.Helper()
	name = filepath.Join(a.dir, name)
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return name
}

func (a *authority) file() string { return a.write("ca.pem", "CERTIFICATE", a.cert.Raw) }

// issue writes a certificate for the loopback and its key.
func (a *authority) issue(name string) (cert, key string) {
	a.t.Helper()
	k := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &k.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+"-key.pem", "PRIVATE KEY", keyDER)
}

// server is the TLS of a receiver, which asks for a client certificate if mutual.
func (a *authority) server(mutual bool) *tls.Config {
	a.t.Helper()
	pair, err := tls.LoadX509KeyPair(a.issue("server"))
	if err != nil {
		a.t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}}
	if mutual {
		cfg.ClientCAs, cfg.ClientAuth = a.pool, tls.RequireAndVerifyClientCert
	}
	return cfg
}

// client is the TLS of an exporter that trusts the authority.
func (a *authority) client() *tls.Config { return &tls.Config{RootCAs: a.pool} }
