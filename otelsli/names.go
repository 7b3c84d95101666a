package otelsli

// The names of everything that leaves the process. Exporters, rules and dashboards take them from
// here, so that what is emitted and what is queried cannot drift apart.
//
// Every counter name ends in ".total": no metric is then the namespace of another, and the two
// underscore translations of OpenTelemetry names (with and without suffixes) give the same
// Prometheus name, such as sli_checkout_error_total.
const (
	// ScopeName is the name of the instrumentation scope of every SLI metric.
	ScopeName = "github.com/otelsli/otelsli-go/otelsli"

	// Version is the version of the instrumentation scope.
	Version = "0.1.0"

	// DefaultPrefix is the first part of every metric name of a catalog that sets no other.
	DefaultPrefix = "sli"

	// OverflowValue is the value of every label of the series that takes the events of undeclared
	// combinations once the limit of an SLI is reached.
	OverflowValue = "_overflow"

	// EmptyValue stands for an empty label value, which Prometheus could not tell from a missing one.
	EmptyValue = "_empty"

	// MaxLabelValueLength is the longest label value, in bytes. A longer one is an error in a
	// declaration and is cut, at a rune boundary, in an undeclared combination.
	MaxLabelValueLength = 256
)

// Attribute keys that the library sets itself. A label of an SLI cannot be named sli, outcome or
// slo, whatever the layout.
const (
	AttributeSLI     = "sli"     // the SLI's name (layout Outcomes, objectives, undeclared events)
	AttributeOutcome = "outcome" // the [Outcome] (layout Outcomes)
	AttributeSLO     = "slo"     // [SLOAvailability] or [SLOApdex] (objectives)
	AttributeSeries  = "series"  // [SeriesKept] or [SeriesOverflow] (undeclared events)
)

// Values of [AttributeSLO] and [AttributeSeries].
const (
	SLOAvailability = "availability"
	SLOApdex        = "apdex"
	SeriesKept      = "kept"     // undeclared combinations that became series of their own
	SeriesOverflow  = "overflow" // undeclared combinations that share the overflow series
)

// Units, in UCUM.
const (
	UnitEvent   = "{event}"
	UnitRatio   = "1"
	UnitSeconds = "s"
)

// What follows "<prefix>.<name>." in the layout Counters.
const (
	suffixTotal        = "total"
	suffixError        = "error.total"
	suffixIgnored      = "ignored.total"
	suffixApdex        = "apdex.total"
	suffixApdexSuccess = "apdex.success.total"
	suffixSlow         = "slow.total"
)

// What follows "<prefix>." for metrics that serve all SLIs of a catalog. The first parts are
// reserved: no SLI can be named so.
const (
	suffixEvents          = "events.total"
	suffixUndeclared      = "undeclared.total"
	suffixObjectiveRatio  = "objective.ratio"
	suffixObjectiveWindow = "objective.window.seconds"
)

// ObjectiveRatioName returns the name of the gauge of the objectives of a catalog with this prefix,
// whose attributes are [AttributeSLI] and [AttributeSLO].
func ObjectiveRatioName(prefix string) string { return prefix + "." + suffixObjectiveRatio }

// ObjectiveWindowName returns the name of the gauge of the windows of the objectives, in seconds,
// with the attributes of [ObjectiveRatioName].
func ObjectiveWindowName(prefix string) string { return prefix + "." + suffixObjectiveWindow }

// UndeclaredName returns the name of the counter of events with undeclared labels, by
// [AttributeSLI] and [AttributeSeries].
func UndeclaredName(prefix string) string { return prefix + "." + suffixUndeclared }
