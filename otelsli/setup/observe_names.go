package setup

// ScopeName is the instrumentation scope of the metrics about the pipelines.
const ScopeName = "github.com/otelsli/otelsli-go/otelsli/setup"

// Names of the metrics that the pipelines report about themselves. Each has the attribute
// [AttributePipeline]. Where a second attribute is named below, each of its values is exported from
// the start, at 0. Every pipeline exports these metrics, including one that failed, once it works
// again.
const (
	MetricExports            = "otelsli.pipeline.exports"              // counter, by [AttributeResult]
	MetricExportDuration     = "otelsli.pipeline.export.duration"      // histogram, seconds
	MetricFailing            = "otelsli.pipeline.failures.consecutive" // gauge: failed exports since the last one that arrived
	MetricLastSuccess        = "otelsli.pipeline.last_success"         // gauge, Unix seconds; absent before the first
	MetricPointsExported     = "otelsli.pipeline.points.exported"      // counter: data points that arrived
	MetricPointsDropped      = "otelsli.pipeline.points.dropped"       // counter, by [AttributeReason]
	MetricCollectionDuration = "otelsli.pipeline.collection.duration"  // histogram, seconds
	MetricCollectionFailures = "otelsli.pipeline.collection.failures"  // counter
	MetricScrapes            = "otelsli.pipeline.scrapes"              // counter, by [AttributeResult]
	MetricScrapeDuration     = "otelsli.pipeline.scrape.duration"      // histogram, seconds
)

// Attribute keys of these metrics.
const (
	AttributePipeline = "pipeline" // the name of the pipeline, such as "otlp"
	AttributeResult   = "result"   // a [slisdk.Result], or one of the scrapes' results
	AttributeReason   = "reason"   // [ReasonRejected] or [ReasonLost]
)

// Values of [AttributeReason].
const (
	ReasonRejected = "rejected" // by the receiver, in a partial success
	ReasonLost     = "lost"     // deltas of non-SLI metrics, these included, in an export that failed
)

// Values of [AttributeResult] of scrapes.
const (
	ScrapeDelivered = "delivered" // the response has been sent
	ScrapeAborted   = "aborted"   // the client did not read all of it, or not in time
	ScrapeRefused   = "refused"   // too many at once, or a wrong method
)

// Units, in UCUM.
const (
	unitSeconds = "s"
	unitExport  = "{export}"
	unitPoint   = "{point}"
	unitFailure = "{failure}"
	unitScrape  = "{scrape}"
)
