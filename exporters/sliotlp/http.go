package sliotlp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// newHTTP sets everything that an environment variable could change, including TLS: a certificate
// in the environment would make a plain http endpoint an error.
func (p plan) newHTTP(ctx context.Context) (sdkmetric.Exporter, error) {
	transport := p.transport()
	compression := otlpmetrichttp.NoCompression
	if p.compression == Gzip {
		compression = otlpmetrichttp.GzipCompression
	}
	e, err := otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithEndpointURL(p.url.String()),
		otlpmetrichttp.WithHeaders(p.headers),
		otlpmetrichttp.WithTLSClientConfig(nil),
		otlpmetrichttp.WithHTTPClient(&http.Client{
			Transport:     witness{transport},
			Timeout:       p.timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
		otlpmetrichttp.WithTimeout(p.timeout),
		otlpmetrichttp.WithMaxRequestSize(p.maxRequest),
		otlpmetrichttp.WithCompression(compression),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{
			Enabled:         !p.noRetry,
			InitialInterval: p.retry.Initial,
			MaxInterval:     p.retry.Max,
			MaxElapsedTime:  p.retry.MaxElapsed,
		}),
		otlpmetrichttp.WithTemporalitySelector(p.temporalitySelector()),
		otlpmetrichttp.WithAggregationSelector(p.aggregationSelector()),
	)
	if err != nil {
		return nil, fmt.Errorf("sliotlp: make the HTTP exporter: %w", err)
	}
	return p.exporter(e, func() error { transport.CloseIdleConnections(); return nil }), nil
}

// transport returns a transport like that of OpenTelemetry's exporter, but not shared, so that it
// can be closed.
func (p plan) transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       p.tls,
		ForceAttemptHTTP2:     true,
		HTTP2:                 http2Alive(),
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
