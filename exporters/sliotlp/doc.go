// Package sliotlp makes OTLP exporters that are right or refused: every setting is checked when the
// exporter is made, and none is taken from the environment.
//
//	exporter, err := sliotlp.New(ctx,
//		sliotlp.WithEndpoint("https://collector.example.com:4318"),
//		sliotlp.WithHeaders(map[string]string{"Authorization": "Bearer " + token}),
//		sliotlp.WithCompression(sliotlp.Gzip),
//	)
//
// The exporter is OpenTelemetry's own, for HTTP/protobuf or gRPC, and goes into a pipeline of
// package slisdk or a reader of the SDK.
//
// # What is checked
//
// OpenTelemetry's constructors log a setting that they cannot read and go on with a default, or
// fail at every export. [New] returns all problems of all settings at once, each with the option,
// its value and what would be right; no header value and no password is in any of them. It does not
// connect to anything: an endpoint that does not answer is no error.
//
// The OTEL_EXPORTER_OTLP_* variables, which those constructors read by themselves, change nothing:
// everything that they could set is set explicitly. A malformed one may still be logged by them.
// Package otelsli/setup reads these variables, with the parsers of this package, and passes them on
// as options. The variables of the network, such as HTTPS_PROXY, are heeded.
//
// # Which endpoint
//
//   - [WithEndpoint] is the base URL of all signals, as OTEL_EXPORTER_OTLP_ENDPOINT is. For HTTP,
//     /v1/metrics is appended to its path.
//   - [WithMetricsEndpoint] is used as it is, as OTEL_EXPORTER_OTLP_METRICS_ENDPOINT.
//
// The scheme decides on TLS: https has it, http has not.
//
// # Time and retries
//
// Both protocols retry, with exponential backoff and the delay that the server asks for, until
// [Retry].MaxElapsed or the context of the export ends. HTTP retries the status codes 429, 502, 503
// and 504 but not a refused connection, and [WithTimeout] bounds each attempt. gRPC retries the
// codes that OTLP names, such as UNAVAILABLE, which a refused connection is too, and WithTimeout
// bounds all attempts together. The pipeline bounds the whole. HTTP redirects are not followed:
// they would turn the request into one without data, or take the headers to another host.
//
// A connection of gRPC or HTTP/2 whose other side is gone without a word is noticed 15 seconds after
// the last sign of life, and replaced. gRPC connects anew within [Retry].Max of the receiver's return.
//
// # Size
//
// A collection is one request, of some 80 bytes for each counter of each series before compression.
// Receivers have limits: gRPC servers, OpenTelemetry's Collector too, take 4 MiB unless they are set
// to more, which is about 9,000 series of an SLI with six counters; compression does not change
// that. More than 64 MiB are refused on this side.
//
// # Partial success
//
// Where the receiver rejected a part of the points, the export returns an error whose text has
// "OTLP partial success: ". The rest has been accepted and must not be sent again.
//
// # Concurrency and cost
//
// An exporter may be used by several goroutines; its exports are made one after the other. Each has
// connections of its own, which its Shutdown closes.
package sliotlp
