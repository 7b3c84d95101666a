// Package sliotlp makes OTLP exporters whose configuration is either right or refused: every setting is
// checked when the exporter is created, and none is taken from the environment.
//
//	exporter, err := sliotlp.New(ctx,
//		sliotlp.WithEndpoint("https://collector.example.com:4318"),
//		sliotlp.WithHeaders(map[string]string{"Authorization": "Bearer " + token}),
//		sliotlp.WithCompression(sliotlp.Gzip),
//	)
//
// The exporter is OpenTelemetry's own, for HTTP/protobuf or gRPC. It can be used in a pipeline of package
// slisdk or in a reader of the SDK.
//
// # What is checked
//
// OpenTelemetry's constructors log a setting that they cannot parse and fall back to a default, or they
// return an exporter that fails at every export. [New] returns all problems of all settings at once. Each
// names the option, its value and what would be right; none contains a header value or a password. New
// does not connect: an unreachable endpoint is not an error.
//
// The OTEL_EXPORTER_OTLP_* variables, which those constructors read themselves, have no effect:
// everything they could set is set explicitly. The constructors may still log a malformed one. Package
// otelsli/setup reads these variables, with the parsers of this package, and passes them on as options.
// Network variables such as HTTPS_PROXY apply.
//
// # Endpoints
//
//   - [WithEndpoint] is the base URL for all signals, like OTEL_EXPORTER_OTLP_ENDPOINT. For HTTP,
//     /v1/metrics is appended to its path.
//   - [WithMetricsEndpoint] is used as is, like OTEL_EXPORTER_OTLP_METRICS_ENDPOINT.
//
// The scheme selects TLS: https uses it, http does not.
//
// # Time and retries
//
// Both protocols retry with exponential backoff, or after the delay that the server asks for, until
// [Retry].MaxElapsed or the context of the export ends. HTTP retries the status codes 429, 502, 503 and
// 504, but not a refused connection, and [WithTimeout] bounds each attempt. gRPC retries the codes that
// OTLP names, such as UNAVAILABLE, which includes a refused connection, and WithTimeout bounds all
// attempts together. The pipeline bounds the whole export. HTTP redirects are not followed: they would
// turn the request into one without data, or carry the headers to another host.
//
// If the peer of a gRPC or HTTP/2 connection disappears silently, this is noticed 15 seconds after the
// last sign of life, and the connection is replaced. gRPC reconnects within [Retry].Max of the receiver's
// return.
//
// # Errors
//
// When time runs out, OpenTelemetry's exporters return "context deadline exceeded" and not the cause of
// the attempts before; they also hide the status of 429, 502, 503 and 504. An [ExportError] has the last
// cause, in one line without header values. If the receiver closes the connection to an http endpoint
// without an answer, the error says whether it speaks TLS; this takes a TLS handshake, at most one a
// minute.
//
// # When the receiver asks to wait
//
// Retry-After, and RetryInfo in gRPC, apply beyond the export that received them: until that time, but
// for no longer than [MaxWait], exports fail at once. Their data is in the next export: totals in any
// case, and deltas too in a pipeline of package slisdk. An export that has less time left than it is
// asked to wait fails without waiting. The last export, at the shutdown of package otelsli/setup, is
// always attempted.
//
// # Size
//
// An export of more than [WithMaxRequestSize], before compression, is split into several requests, sent
// one after the other. The default is what every gRPC server accepts, including OpenTelemetry's
// Collector: about 9,000 series of an SLI with six counters. If a receiver accepts less and says so (HTTP
// 413, or gRPC's RESOURCE_EXHAUSTED with "larger than max"), requests are halved, and later ones stay
// that small.
//
// The first request that fails ends the export, and the error names it. The export then counts as not
// delivered and is repeated as a whole: totals are unaffected, and deltas of the requests that succeeded
// arrive twice. Deltas are thus delivered at least once, not exactly once. No data point is copied.
//
// A data point that is larger than a whole request is left out, and the others are sent. The error is
// that of a partial success and names the metric.
//
// # Partial success
//
// If the receiver rejects some of the points, the export returns an error whose text contains "OTLP
// partial success: " for each such request. The other points have been accepted and must not be sent
// again. The same holds for a request with a success status whose response cannot be read: the error has
// the same text, and the reason.
//
// # Concurrency and cost
//
// An exporter is safe for concurrent use; its exports run one after the other. Each exporter has its own
// connections, which its Shutdown closes.
package sliotlp
