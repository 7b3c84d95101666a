package graphitebridge

// Names of the bridge's own metrics. Each has the attribute [AttributeExporter].
const (
	// ScopeName is the name of their instrumentation scope.
	ScopeName = "github.com/otelsli/otelsli-go/graphitebridge"

	MetricLinesSent         = "otelsli.graphite.lines.sent"         // counter: handed to the kernel, including repeats
	MetricLinesAcknowledged = "otelsli.graphite.lines.acknowledged" // counter: as defined by the [Mode]
	MetricLinesResent       = "otelsli.graphite.lines.resent"       // counter: the sent lines that were repeats
	MetricLinesDropped      = "otelsli.graphite.lines.dropped"      // counter, by [AttributeReason]
	MetricPointsMerged      = "otelsli.graphite.points.merged"      // counter: sums added to another sum of the same name
	MetricBytesSent         = "otelsli.graphite.bytes.sent"         // counter
	MetricBytesAcknowledged = "otelsli.graphite.bytes.acknowledged" // counter
	MetricBytesResent       = "otelsli.graphite.bytes.resent"       // counter
	MetricSeriesBuffered    = "otelsli.graphite.series.buffered"    // gauge: lines waiting for acknowledgement
	MetricOldestAge         = "otelsli.graphite.oldest.age"         // gauge, seconds: how long the oldest of them has waited, except for the window of [Stream]
	MetricConnects          = "otelsli.graphite.connects"           // counter
	MetricFailures          = "otelsli.graphite.failures"           // counter, by [AttributeKind]
	MetricReplies           = "otelsli.graphite.replies"            // counter: lines sent back by the receiver
	MetricLastSuccess       = "otelsli.graphite.last_success"       // gauge, Unix time in seconds; absent before the first

	AttributeExporter = "exporter" // [Config].Name
	AttributeReason   = "reason"   // a [line.Reason]
	AttributeKind     = "kind"     // dial, dns, tls, write, read, reset, timeout or not_acknowledged
)

// Parts of the lines for error-budget agents.
const (
	metricErrorBudget = "error-budget.counters"

	tagService      = "service"
	tagResponseType = "response_type"
	tagMethodName   = "method_name"
	tagInstance     = "instance"
)

// Values of the tag response_type. The success rate is success / (success + failure).
const (
	ResponseSuccess        = "success"
	ResponseFailure        = "failure"
	ResponseIgnoredFailure = "ignored_failure"
)
