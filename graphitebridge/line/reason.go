package line

import "fmt"

// A Reason is the reason why something was not sent.
type Reason uint8

const (
	// NotFinite means that a value is NaN or infinite.
	NotFinite Reason = iota
	// TooLong means that a line, or a node of a path, is longer than the receiver accepts.
	TooLong
	// TooManyTags means that a series has more tags than the receiver accepts.
	TooManyTags
	// Collision means that the name of a series, once made safe, equals that of another one.
	Collision
	// SeriesCap means that a series exceeds [Config].MaxSeries.
	SeriesCap
	// Unnamed means that a metric name has no character that the receiver accepts.
	Unnamed
	// Unknown means that data has a type that this package does not know, or that a histogram
	// contradicts itself.
	Unknown
	// Bounds means that a delta of a histogram was dropped because its bounds change so often that too
	// many deltas are waiting.
	Bounds

	// Reasons is the number of reasons.
	Reasons = 8

	accepted Reason = Reasons
)

var reasonNames = [Reasons]string{
	"not_finite", "too_long", "too_many_tags", "collision", "series_cap", "unnamed", "unknown", "bounds",
}

// String returns the reason as it appears in metrics, such as "too_long".
func (r Reason) String() string {
	if r < Reasons {
		return reasonNames[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Drops counts lines by [Reason], which is the index.
type Drops [Reasons]uint64

// Total returns the sum.
func (d *Drops) Total() uint64 {
	var sum uint64
	for _, n := range d {
		sum += n
	}
	return sum
}
