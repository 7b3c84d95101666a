package sliotlp

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
)

// newGRPC makes the connection itself, so that the environment cannot change endpoint, TLS or
// compression, and sets everything else explicitly.
func (p plan) newGRPC(ctx context.Context) (sdkmetric.Exporter, error) {
	conn, err := grpc.NewClient(p.dialTarget(), p.dialOptions()...)
	if err != nil {
		return nil, fmt.Errorf("sliotlp: make the gRPC connection: %w", err)
	}
	e, err := otlpmetricgrpc.New(ctx,
		otlpmetricgrpc.WithGRPCConn(conn),
		otlpmetricgrpc.WithHeaders(p.headers),
		otlpmetricgrpc.WithTimeout(p.timeout),
		otlpmetricgrpc.WithMaxRequestSize(p.maxRequest),
		otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig{
			Enabled:         !p.noRetry,
			InitialInterval: p.retry.Initial,
			MaxInterval:     p.retry.Max,
			MaxElapsedTime:  p.retry.MaxElapsed,
		}),
		otlpmetricgrpc.WithTemporalitySelector(p.temporalitySelector()),
		otlpmetricgrpc.WithAggregationSelector(p.aggregationSelector()),
	)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("sliotlp: make the gRPC exporter: %w", err)
	}
	return p.exporter(e, conn.Close), nil
}

// dialTarget returns the target with an explicit resolver: otherwise a host could be taken for the
// name of one.
func (p plan) dialTarget() string {
	if p.url.Port() == "" { // https: others are refused without a port
		return "dns:///" + p.url.Host + ":443"
	}
	return "dns:///" + p.url.Host
}

func (p plan) dialOptions() []grpc.DialOption {
	transport := insecure.NewCredentials()
	if p.url.Scheme == "https" {
		transport = credentials.NewTLS(p.tls)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		keepAlive(),
		p.reconnect(),
		grpc.WithUnaryInterceptor(witnessGRPC),
		grpc.WithUserAgent("OTel Go OTLP over gRPC metrics exporter/" + otlpmetricgrpc.Version()),
	}
	if p.compression == Gzip {
		options = append(options, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	}
	return options
}
