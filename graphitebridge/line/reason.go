package line

import "fmt"

// A Reason is why something was not sent.
type Reason uint8

const (
	// NotFinite is a value that is NaN or infinite.
	NotFinite Reason = iota
	// TooLong is a line, or a node of a path, that is longer than the receiver takes.
	TooLong
	// TooManyTags is a series with more tags than the receiver takes.
	TooManyTags
	// Collision is a series whose name, once made safe, is that of another one.
	Collision
	// SeriesCap is a series beyond [Config].MaxSeries.
	SeriesCap
	// Unnamed is a metric whose name has no character that the receiver takes.
	Unnamed
	// Unknown is data of a type that this package does not know, or a histogram that contradicts
	// itself.
	Unknown
	// Bounds is the delta of a histogram whose bounds change so often that too many are waiting.
	Bounds

	// Reasons is the number of reasons.
	Reasons = 8

	accepted Reason = Reasons
)

var reasonNames = [Reasons]string{
	"not_finite", "too_long", "too_many_tags", "collision", "series_cap", "unnamed", "unknown", "bounds",
}

// String gives the reason as it appears in metrics, such as "too_long".
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
