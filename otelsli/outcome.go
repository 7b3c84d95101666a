package otelsli

import (
	"fmt"
	"strconv"
)

// An Outcome is the result of one event of an SLI. Every event has exactly one.
type Outcome uint8

const (
	// Success is an event that succeeded within its threshold, or succeeded without having one.
	Success Outcome = iota
	// Slow is an event that succeeded past its threshold. It counts as a success for the error
	// rate and as a miss for the apdex.
	Slow
	// Failed is an event that burns the error budget.
	Failed
	// Ignored is an event that counts neither way: the caller's fault, or a request that the caller
	// gave up on.
	Ignored

	outcomes = 4
)

var outcomeNames = [outcomes]string{"success", "slow", "failed", "ignored"}

// String returns the outcome as it appears in the attribute "outcome", such as "success".
func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

// MarshalText returns the text of [Outcome.String]. An invalid outcome is an error.
func (o Outcome) MarshalText() ([]byte, error) {
	if o >= outcomes {
		return nil, fmt.Errorf("otelsli: %v: want an outcome from Success to Ignored", o)
	}
	return []byte(outcomeNames[o]), nil
}

// UnmarshalText reads the text that [Outcome.String] returns.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("otelsli: outcome %q: want success, slow, failed or ignored", text)
}

// Counts holds the number of events of each [Outcome], indexed by it:
//
//	failures := counts[otelsli.Failed]
type Counts [outcomes]int64

// Sub returns the events in c that are not in base, outcome by outcome.
func (c Counts) Sub(base Counts) Counts {
	for i := range c {
		c[i] -= base[i]
	}
	return c
}

func (c Counts) add(other Counts) Counts {
	for i := range c {
		c[i] += other[i]
	}
	return c
}

// Total returns the number of events that count for the error rate: all except the ignored ones.
func (c Counts) Total() int64 { return c[Success] + c[Slow] + c[Failed] }

// SuccessRatio returns the share of the events in [Counts.Total] that did not fail, from 0 to 1; ok
// is false if there were no events.
func (c Counts) SuccessRatio() (ratio float64, ok bool) {
	if c.Total() == 0 {
		return 0, false
	}
	return float64(c[Success]+c[Slow]) / float64(c.Total()), true
}

// Apdex returns the share of the successes that finished within their threshold, from 0 to 1; ok is
// false if there were no successes.
func (c Counts) Apdex() (ratio float64, ok bool) {
	successes := c[Success] + c[Slow]
	if successes == 0 {
		return 0, false
	}
	return float64(c[Success]) / float64(successes), true
}
