package simulate

import (
	"math"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// A Timeline gives the counters of a service before, during and after an incident.
type Timeline struct {
	before time.Duration // of healthy traffic
	phases Incident      // including the healthy ones before and after
}

// NewTimeline returns the counters of a service that was healthy for the duration before, had the
// incident, and is healthy after it. The traffic before and after it is that of the first and of the
// last phase that has any, respectively.
func NewTimeline(in Incident, before time.Duration) Timeline {
	first, last := 0.0, 0.0
	for _, p := range in {
		if first == 0 {
			first = p.Rate
		}
		if p.Rate > 0 {
			last = p.Rate
		}
	}
	phases := append(Incident{{Lasts: before, Rate: first}}, in...)
	return Timeline{before: before, phases: append(phases, Phase{Lasts: math.MaxInt64 / 4, Rate: last})}
}

// At returns the counters at a time relative to the start of the incident; times before it are negative.
// Events are whole and evenly spaced.
func (t Timeline) At(at time.Duration) otelsli.Counts {
	left := at + t.before
	var sums [4]float64
	for _, p := range t.phases {
		if left <= 0 {
			break
		}
		events := p.Rate * min(left, p.Lasts).Seconds()
		for o := range sums {
			sums[o] += events * p.share(otelsli.Outcome(o))
		}
		left -= p.Lasts
	}
	const noise = 1e-6 // rounding errors of the sum, which must not lower a whole number
	var counts otelsli.Counts
	for o, sum := range sums {
		counts[o] = int64(math.Floor(sum + noise))
	}
	return counts
}

// judged returns the events that an objective counts, and the bad ones among them.
func judged(c otelsli.Counts, slo string) (events, bad int64) {
	if slo == otelsli.SLOApdex {
		return c[otelsli.Success] + c[otelsli.Slow], c[otelsli.Slow]
	}
	return c[otelsli.Success] + c[otelsli.Slow] + c[otelsli.Failed], c[otelsli.Failed]
}
