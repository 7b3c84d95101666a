package sliotlp

import (
	"crypto/tls"
	"maps"
	"time"
)

const (
	// DefaultHTTPEndpoint is the endpoint of [HTTPProtobuf] that the specification gives for a
	// collector on the same host.
	DefaultHTTPEndpoint = "http://localhost:4318"

	// DefaultGRPCEndpoint is the endpoint of [GRPC].
	DefaultGRPCEndpoint = "http://localhost:4317"

	// DefaultTimeout is the timeout from the specification.
	DefaultTimeout = 10 * time.Second

	// DefaultMaxRequestSize is what every gRPC server accepts unless configured otherwise, in bytes.
	DefaultMaxRequestSize = 4 << 20

	// MinMaxRequestSize is the minimum for [WithMaxRequestSize], in bytes.
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
	metricsEndpoint *string // nil: derived from endpoint
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
// HTTP, /v1/metrics is appended to its path unless the path already ends in it; for gRPC it must
// have no path. Default: [DefaultHTTPEndpoint] or [DefaultGRPCEndpoint].
func WithEndpoint(url string) Option {
	return optionFunc(func(c *config) { c.endpoint = &url })
}

// WithMetricsEndpoint sets the URL that metrics are sent to, as is: without a path, it is the root.
// It takes precedence over [WithEndpoint]. Default: derived from WithEndpoint.
func WithMetricsEndpoint(url string) Option {
	return optionFunc(func(c *config) { c.metricsEndpoint = &url })
}

// WithHeaders sets the headers (in gRPC, the metadata) sent with each export, such as an API key.
// The values are plain text, printable ASCII. Default (and nil): none.
func WithHeaders(headers map[string]string) Option {
	headers = maps.Clone(headers)
	return optionFunc(func(c *config) { c.headers = headers })
}

// WithTLSConfig sets the TLS configuration; the endpoint must be https. Default (and nil): the
// system's roots, no client certificate.
func WithTLSConfig(cfg *tls.Config) Option {
	return optionFunc(func(c *config) { c.tls = cfg.Clone() })
}

// WithTLSFiles sets PEM files for TLS, read by [New]: the certificate authorities that the receiver
// is verified against, and the client certificate and its key. An empty name means none: the
// system's roots, no client certificate. The endpoint must be https. It cannot be combined with
// [WithTLSConfig]. Default: none.
func WithTLSFiles(ca, cert, key string) Option {
	return optionFunc(func(c *config) { c.files = tlsFiles{ca: ca, cert: cert, key: key} })
}

// WithCompression sets the compression of exports. Default: [NoCompression].
func WithCompression(compression Compression) Option {
	return optionFunc(func(c *config) { c.compression = compression })
}

// WithTemporality sets the preference for deltas or totals. Default: [Cumulative].
func WithTemporality(t Temporality) Option {
	return optionFunc(func(c *config) { c.temporality = t })
}

// WithHistogramAggregation sets the form in which histograms are exported. Default:
// [ExplicitBuckets].
func WithHistogramAggregation(h HistogramAggregation) Option {
	return optionFunc(func(c *config) { c.histograms = h })
}

// WithTimeout bounds each attempt over HTTP, and all attempts to send one request together over
// gRPC. Default: [DefaultTimeout]. Zero or less is an error.
func WithTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.timeout = d })
}

// A Retry configures how exports that failed temporarily are retried: after Initial, then after
// growing, randomised delays of up to Max, until MaxElapsed has passed. Fields that are zero default
// to 5 s, 30 s and 1 min; negative ones are an error.
type Retry struct{ Initial, Max, MaxElapsed time.Duration }

// WithRetry configures retries. Default: the zero [Retry].
func WithRetry(r Retry) Option {
	return optionFunc(func(c *config) { c.retry, c.noRetry = r, false })
}

// WithoutRetry makes every export a single attempt. Default: exports are retried.
func WithoutRetry() Option {
	return optionFunc(func(c *config) { c.noRetry = true })
}

// WithMaxRequestSize sets the maximum size of a request, in bytes before compression. A larger
// export is split into several requests: see the package documentation. Default:
// [DefaultMaxRequestSize]. Less than [MinMaxRequestSize] is an error.
func WithMaxRequestSize(bytes int) Option {
	return optionFunc(func(c *config) { c.maxRequest = bytes })
}
