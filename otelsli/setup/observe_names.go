package setup

// ScopeName is the name of the instrumentation scope of what this package says about itself.
const ScopeName = "github.com/otelsli/otelsli-go/otelsli/setup"

// Names of the metrics by which the pipelines report themselves. Each has the attribute
// [AttributePipeline]; where another one is named here, every value of it is there from the start, at
// 0. They leave by every pipeline, those that fail included once they work again.
const (
	MetricExports            = "otelsli.pipeline.exports"              // counter, by [AttributeResult]
	MetricExportDuration     = "otelsli.pipeline.export.duration"      // histogram, seconds
	MetricFailing            = "otelsli.pipeline.failures.consecutive" // gauge: failed exports since the last that arrived
	MetricLastSuccess        = "otelsli.pipeline.last_success"         // gauge, seconds since 1970; none before the first
	MetricPointsExported     = "otelsli.pipeline.points.exported"      // counter: data points that arrived
	MetricPointsDropped      = "otelsli.pipeline.points.dropped"       // counter, by [AttributeReason]
	MetricCollectionDuration = "otelsli.pipeline.collection.duration"  // histogram, seconds
	MetricCollectionFailures = "otelsli.pipeline.collection.failures"  // counter
	MetricScrapes            = "otelsli.pipeline.scrapes"              // counter, by [AttributeResult]
	MetricScrapeDuration     = "otelsli.pipeline.scrape.duration"      // histogram, seconds
)

// Attribute keys of these metrics.
const (
	AttributePipeline = "pipeline" // its name, such as "otlp"
	AttributeResult   = "result"   // a [slisdk.Result], or one of the scrapes' results
	AttributeReason   = "reason"   // [ReasonRejected] or [ReasonLost]
)

// Values of [AttributeReason].
const (
	ReasonRejected = "rejected" // by the receiver, in a partial success
	ReasonLost     = "lost"     // deltas of metrics that are no SLIs, these included, in an export that failed
)

// Values of [AttributeResult] of scrapes.
const (
	ScrapeDelivered = "delivered" // the response has been sent
	ScrapeAborted   = "aborted"   // the client did not read all of it, or not in time
	ScrapeRefused   = "refused"   // too many at the same time, or a wrong method
)

// Units, in UCUM.
const (
	unitSeconds = "s"
	unitExport  = "{export}"
	unitPoint   = "{point}"
	unitFailure = "{failure}"
	unitScrape  = "{scrape}"
)
