package sliotlp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Protocol is the transport of OTLP.
type Protocol uint8

const (
	// HTTPProtobuf is OTLP over HTTP with binary protobuf; its port is 4318. It is the default.
	HTTPProtobuf Protocol = iota
	// GRPC is OTLP over gRPC; its port is 4317.
	GRPC
)

// A Compression is the compression of exports.
type Compression uint8

const (
	// NoCompression is the default.
	NoCompression Compression = iota
	// Gzip compresses every export.
	Gzip
)

// A Temporality is a preference for deltas or totals, by instrument kind.
type Temporality uint8

const (
	// Cumulative exports totals since the start. It is the default.
	Cumulative Temporality = iota
	// Delta exports changes since the last export, except for up-down counters, which stay cumulative.
	Delta
	// LowMemory exports deltas where this saves the SDK from keeping totals: for synchronous counters,
	// and SLIs with them, and for histograms.
	LowMemory
)

// A HistogramAggregation is the form in which the application's histograms are exported.
type HistogramAggregation uint8

const (
	// ExplicitBuckets has fixed bucket boundaries. It is the default.
	ExplicitBuckets HistogramAggregation = iota
	// ExponentialBuckets has up to 160 buckets that adapt to the values.
	ExponentialBuckets
)

var (
	protocolNames    = []string{"http/protobuf", "grpc"}
	compressionNames = []string{"none", "gzip"}
	temporalityNames = []string{"cumulative", "delta", "lowmemory"}
	histogramNames   = []string{"explicit_bucket_histogram", "base2_exponential_bucket_histogram"}
)

// String returns "http/protobuf" or "grpc".
func (p Protocol) String() string { return nameOf("Protocol", protocolNames, p) }

// MarshalText is the inverse of [ParseProtocol].
func (p Protocol) MarshalText() ([]byte, error) { return marshal("protocol", protocolNames, p) }

// UnmarshalText accepts what [ParseProtocol] does.
func (p *Protocol) UnmarshalText(text []byte) error { return unmarshal(p, ParseProtocol, text) }

// String returns "none" or "gzip".
func (c Compression) String() string { return nameOf("Compression", compressionNames, c) }

// MarshalText is the inverse of [ParseCompression].
func (c Compression) MarshalText() ([]byte, error) {
	return marshal("compression", compressionNames, c)
}

// UnmarshalText accepts what [ParseCompression] does.
func (c *Compression) UnmarshalText(text []byte) error { return unmarshal(c, ParseCompression, text) }

// String returns "cumulative", "delta" or "lowmemory".
func (t Temporality) String() string { return nameOf("Temporality", temporalityNames, t) }

// MarshalText is the inverse of [ParseTemporality].
func (t Temporality) MarshalText() ([]byte, error) {
	return marshal("temporality", temporalityNames, t)
}

// UnmarshalText accepts what [ParseTemporality] does.
func (t *Temporality) UnmarshalText(text []byte) error { return unmarshal(t, ParseTemporality, text) }

// String returns "explicit_bucket_histogram" or "base2_exponential_bucket_histogram".
func (h HistogramAggregation) String() string {
	return nameOf("HistogramAggregation", histogramNames, h)
}

// MarshalText is the inverse of [ParseHistogramAggregation].
func (h HistogramAggregation) MarshalText() ([]byte, error) {
	return marshal("histogram aggregation", histogramNames, h)
}

// UnmarshalText accepts what [ParseHistogramAggregation] does.
func (h *HistogramAggregation) UnmarshalText(text []byte) error {
	return unmarshal(h, ParseHistogramAggregation, text)
}

// ParseProtocol parses a value of OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" or "grpc",
// case-insensitively. The error is an [otelsli.FieldError].
func ParseProtocol(text string) (Protocol, error) {
	p, err := parse[Protocol]("protocol", protocolNames, text)
	if err != nil && strings.EqualFold(strings.TrimSpace(text), "http/json") {
		err = &otelsli.FieldError{Field: "protocol", Value: `"http/json"`, Want: "http/protobuf, which every receiver of http/json takes too"}
	}
	return p, err
}

// ParseCompression parses a value of OTEL_EXPORTER_OTLP_COMPRESSION: "none" or "gzip",
// case-insensitively. The error is an [otelsli.FieldError].
func ParseCompression(text string) (Compression, error) {
	return parse[Compression]("compression", compressionNames, text)
}

// ParseTemporality parses a value of OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE:
// "cumulative", "delta" or "lowmemory", case-insensitively. The error is an [otelsli.FieldError].
func ParseTemporality(text string) (Temporality, error) {
	return parse[Temporality]("temporality", temporalityNames, text)
}

// ParseHistogramAggregation parses a value of
// OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "explicit_bucket_histogram" or
// "base2_exponential_bucket_histogram", case-insensitively. The error is an [otelsli.FieldError].
func ParseHistogramAggregation(text string) (HistogramAggregation, error) {
	return parse[HistogramAggregation]("histogram aggregation", histogramNames, text)
}

func parse[T ~uint8](what string, names []string, text string) (T, error) {
	i := slices.Index(names, strings.ToLower(strings.TrimSpace(text)))
	if i < 0 {
		return 0, &otelsli.FieldError{Field: what, Value: fmt.Sprintf("%.120q", text), Want: oneOf(names)}
	}
	return T(i), nil
}

func nameOf[T ~uint8](typ string, names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", typ, uint8(v))
}

func marshal[T ~uint8](what string, names []string, v T) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, &otelsli.FieldError{Field: what, Value: fmt.Sprint(uint8(v)), Want: oneOf(names)}
	}
	return []byte(names[v]), nil
}

func unmarshal[T any](v *T, parse func(string) (T, error), text []byte) error {
	parsed, err := parse(string(text))
	if err == nil {
		*v = parsed
	}
	return err
}

// oneOf joins names, as in "a, b or c".
func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
