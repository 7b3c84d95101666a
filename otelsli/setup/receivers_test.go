package setup_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/exporters/sliprom"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// doors are options for every way out of the process, each to a receiver that takes everything.
type door struct {
	name   string
	option func() setup.Option
}

func doors(t testing.TB) []door {
	t.Helper()
	otlpHTTP, otlpGRPC, graphite := receiveHTTP(t), receiveGRPC(t), receiveGraphite(t)
	return []door{
		{"otlp/grpc", func() setup.Option {
			return setup.WithOTLP(sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("http://"+otlpGRPC))
		}},
		{"otlp/http", func() setup.Option { return setup.WithOTLP(sliotlp.WithEndpoint(otlpHTTP)) }},
		{"prometheus", func() setup.Option { return setup.WithPrometheus("127.0.0.1:0", sliprom.WithHold(0)) }},
		{"graphite", func() setup.Option {
			return setup.WithGraphite(graphitebridge.Config{Servers: []string{"tcp://" + graphite}})
		}},
		{"console", func() setup.Option { return setup.WithConsole(io.Discard) }},
	}
}

func receiveHTTP(t testing.TB) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL
}

type grpcReceiver struct {
	collector.UnimplementedMetricsServiceServer
}

func (grpcReceiver) Export(context.Context, *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	return &collector.ExportMetricsServiceResponse{}, nil
}

func receiveGRPC(t testing.TB) (address string) {
	t.Helper()
	l := listen(t)
	server := grpc.NewServer()
	collector.RegisterMetricsServiceServer(server, grpcReceiver{})
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Stop(); <-served })
	return l.Addr().String()
}

// receiveGraphite reads every connection to its end, as a receiver does.
func receiveGraphite(t testing.TB) (address string) {
	t.Helper()
	l := listen(t)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func(conn net.Conn) {
				defer conn.Close()
				_, _ = io.Copy(io.Discard, conn)
			}(conn)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-served })
	return l.Addr().String()
}
