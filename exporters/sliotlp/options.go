package sliotlp

import (
	"crypto/tls"
	"maps"
	"time"
)

const (
	// DefaultHTTPEndpoint is the endpoint of [HTTPProtobuf] that the specification has for a
	// collector beside the application.
	DefaultHTTPEndpoint = "http://localhost:4318"

	// DefaultGRPCEndpoint is the endpoint of [GRPC].
	DefaultGRPCEndpoint = "http://localhost:4317"

	// DefaultTimeout is the timeout that the specification has.
	DefaultTimeout = 10 * time.Second

	// DefaultMaxRequestSize is what every gRPC server takes that has not been set otherwise, in bytes.
	DefaultMaxRequestSize = 4 << 20

	// MinMaxRequestSize is the least that [WithMaxRequestSize] takes, in bytes.
	MinMaxRequestSize = 16 << 10
)

// defaultRetry is that of OpenTelemetry's exporters.
var defaultRetry = Retry{Initial: 5 * time.Second, Max: 30 * time.Second, MaxElapsed: time.Minute}

// An Option configures an exporter.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	protocol        Protocol
	endpoint        *string // nil: the default one
	metricsEndpoint *string // nil: made from endpoint
	headers         map[string]string
	tls             *tls.Config
	files           tlsFiles
	compression     Compression
	temporality     Temporality
	histograms      HistogramAggregation
	timeout         time.Duration
	retry           Retry
	noRetry         bool
	maxRequest      int
}

func newConfig(options []Option) config {
	c := config{timeout: DefaultTimeout, maxRequest: DefaultMaxRequestSize}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// WithProtocol sets the transport. Default: [HTTPProtobuf].
func WithProtocol(p Protocol) Option {
	return optionFunc(func(c *config) { c.protocol = p })
}

// WithEndpoint sets the base URL of the receiver, such as "https://collector.example.com:4318". For
// HTTP, /v1/metrics is appended to its path, unless it ends in that; for gRPC it has no path.
// Default: [DefaultHTTPEndpoint] or [DefaultGRPCEndpoint].
func WithEndpoint(url string) Option {
	return optionFunc(func(c *config) { c.endpoint = &url })
}

// WithMetricsEndpoint sets the URL that metrics are sent to, as it is: without a path it is the
// root. It goes before [WithEndpoint]. Default: made from that one.
func WithMetricsEndpoint(url string) Option {
	return optionFunc(func(c *config) { c.metricsEndpoint = &url })
}

// WithHeaders sets the headers, or the metadata of gRPC, that are sent with each export, such as an
// API key. The values are plain text, printable ASCII. Default and nil: none.
func WithHeaders(headers map[string]string) Option {
	headers = maps.Clone(headers)
	return optionFunc(func(c *config) { c.headers = headers })
}

// WithTLSConfig sets how TLS is done; the endpoint must be https. Default and nil: the roots of the
// system, no client certificate.
func WithTLSConfig(cfg *tls.Config) Option {
	return optionFunc(func(c *config) { c.tls = cfg.Clone() })
}

// WithTLSFiles sets PEM files for TLS, read by [New]: the certificate authorities of the receiver,
// and the certificate and key to show to it. An empty name is none: the roots of the system, no
// client certificate. The endpoint must be https. It cannot be used together with
// [WithTLSConfig]. Default: none.
func WithTLSFiles(ca, cert, key string) Option {
	return optionFunc(func(c *config) { c.files = tlsFiles{ca: ca, cert: cert, key: key} })
}

// WithCompression sets how exports are compressed. Default: [NoCompression].
func WithCompression(compression Compression) Option {
	return optionFunc(func(c *config) { c.compression = compression })
}

// WithTemporality sets the preference for deltas or totals. Default: [Cumulative].
func WithTemporality(t Temporality) Option {
	return optionFunc(func(c *config) { c.temporality = t })
}

// WithHistogramAggregation sets what histograms are exported as. Default: [ExplicitBuckets].
func WithHistogramAggregation(h HistogramAggregation) Option {
	return optionFunc(func(c *config) { c.histograms = h })
}

// WithTimeout bounds an attempt of HTTP, and all attempts of gRPC to send one request together.
// Default: [DefaultTimeout]. Zero and less are an error.
func WithTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.timeout = d })
}

// A Retry says how exports that failed for a passing cause are tried again: after Initial, then
// after growing delays of up to Max, each varied at random, until MaxElapsed is over. Fields that
// are zero are 5 s, 30 s and 1 min; negative ones are an error.
type Retry struct{ Initial, Max, MaxElapsed time.Duration }

// WithRetry sets how exports are tried again. Default: the zero [Retry].
func WithRetry(r Retry) Option {
	return optionFunc(func(c *config) { c.retry, c.noRetry = r, false })
}

// WithoutRetry makes every export a single attempt. Default: exports are tried again.
func WithoutRetry() Option {
	return optionFunc(func(c *config) { c.noRetry = true })
}

// WithMaxRequestSize sets how large a request may be, in bytes before compression. An export that is
// larger leaves in several requests: see the package's documentation. Default:
// [DefaultMaxRequestSize]. Less than [MinMaxRequestSize] is an error.
func WithMaxRequestSize(bytes int) Option {
	return optionFunc(func(c *config) { c.maxRequest = bytes })
}
