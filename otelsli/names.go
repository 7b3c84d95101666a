package otelsli

// Names of everything that leaves the process. Exporters, rules and dashboards take them from here,
// so what is emitted and what is queried cannot drift apart.
//
// Every counter name ends in ".total". Thus no metric is the namespace of another, and the two
// underscore translations of OpenTelemetry names (with and without suffixes) give the same
// Prometheus name, such as sli_checkout_error_total.
const (
	// ScopeName is the name of the instrumentation scope of all SLI metrics.
	ScopeName = "github.com/otelsli/otelsli-go/otelsli"

	// Version is the version of the instrumentation scope.
	Version = "0.1.0"

	// DefaultPrefix is the first part of every metric name, unless [WithPrefix] sets another.
	DefaultPrefix = "sli"

	// OverflowValue is the value of every label of an SLI's overflow series, which counts the
	// events of undeclared combinations once the limit of the SLI is reached.
	OverflowValue = "_overflow"

	// EmptyValue replaces an empty label value, which Prometheus cannot tell from a missing one.
	EmptyValue = "_empty"

	// MaxLabelValueLength is the maximum length of a label value in bytes. A longer value is an
	// error in a declaration; in an undeclared combination it is cut at a rune boundary.
	MaxLabelValueLength = 256
)

// Attribute keys that the library sets itself. A label of an SLI cannot be named sli, outcome or
// slo, in either layout.
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
	SeriesKept      = "kept"     // undeclared combinations with their own series
	SeriesOverflow  = "overflow" // undeclared combinations that share the overflow series
)

// Units, in UCUM.
const (
	UnitEvent   = "{event}"
	UnitRatio   = "1"
	UnitSeconds = "s"
)

// Suffixes after "<prefix>.<name>." in the layout Counters.
const (
	suffixTotal        = "total"
	suffixError        = "error.total"
	suffixIgnored      = "ignored.total"
	suffixApdex        = "apdex.total"
	suffixApdexSuccess = "apdex.success.total"
	suffixSlow         = "slow.total"
)

// Suffixes after "<prefix>." of the metrics that all SLIs of a catalog share. Their first parts are
// reserved: no SLI can have one as its name.
const (
	suffixEvents          = "events.total"
	suffixUndeclared      = "undeclared.total"
	suffixObjectiveRatio  = "objective.ratio"
	suffixObjectiveWindow = "objective.window.seconds"
)

// ObjectiveRatioName returns the name of the gauge of the objectives, in a catalog with this
// prefix. Its attributes are [AttributeSLI] and [AttributeSLO].
func ObjectiveRatioName(prefix string) string { return prefix + "." + suffixObjectiveRatio }

// ObjectiveWindowName returns the name of the gauge of the objectives' windows, in seconds. It has
// the attributes of [ObjectiveRatioName].
func ObjectiveWindowName(prefix string) string { return prefix + "." + suffixObjectiveWindow }

// UndeclaredName returns the name of the counter of events with undeclared labels, by
// [AttributeSLI] and [AttributeSeries].
func UndeclaredName(prefix string) string { return prefix + "." + suffixUndeclared }
