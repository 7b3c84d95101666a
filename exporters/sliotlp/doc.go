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
// # What a failure says
//
// OpenTelemetry's exporters return "context deadline exceeded" where the time is over, and not what
// the attempts before came to; and they keep the status of 429, 502, 503 and 504 to themselves. An
// [ExportError] has the last cause, in one line without the values of headers. Where an http endpoint
// was hung up on, it says whether the receiver speaks TLS: that is tried, by one handshake a minute.
//
// # When the receiver asks to wait
//
// Retry-After, and RetryInfo of gRPC, are heeded beyond the export that got them: until then, but for
// [MaxWait] at most, exports fail at once. What they had is in the next one: totals anyway, and the
// deltas of a pipeline of package slisdk too. An export that has no time to wait as long as it is asked
// to fails without waiting. The last export, at the shutdown of package otelsli/setup, is made
// regardless.
//
// # Size
//
// An export of more than [WithMaxRequestSize], before compression, leaves in several requests, one
// after the other. The default is what every gRPC server takes, OpenTelemetry's Collector too: some 9,000
// series of an SLI with six counters. Where a receiver takes less and says so (HTTP 413, or gRPC's
// RESOURCE_EXHAUSTED with "larger than max"), requests are halved and stay so.
//
// The first request that fails ends the export, whose error names it. The export then counts as not
// delivered, and is repeated as a whole: totals are none the worse, and deltas of the requests before
// arrive twice. They are delivered at least once, not exactly once. No data point is copied.
//
// A data point that is larger than a whole request is left out, and the others leave. The error is that
// of a partial success and names its metric.
//
// # Partial success
//
// Where the receiver rejected a part of the points, the export returns an error whose text has
// "OTLP partial success: ", for each request that has one. The rest has been accepted and must not be
// sent again. So has a request with a status of success whose answer cannot be read: the error has the
// same text, and why.
//
// # Concurrency and cost
//
// An exporter may be used by several goroutines; its exports are made one after the other. Each has
// connections of its own, which its Shutdown closes.
package sliotlp
