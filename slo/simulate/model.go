package simulate

import (
	"time"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// Properties of the rules; see slo/rules.
const (
	baseRecords = 5             // evaluations whose base window contains a given event
	rawLimit    = 6 * time.Hour // the longest window that is computed from the counters
)

// A counter is the value of one counter at each evaluation.
type counter struct {
	shows []int64
	sums  []int64 // running sums of the counts in the base window
}

func (c *counter) add(value int64) {
	c.shows = append(c.shows, value)
	i := len(c.shows) - 1
	sum := c.counted(i)
	if i > 0 {
		sum += c.sums[i-1]
	}
	c.sums = append(c.sums, sum)
}

func (c *counter) counted(i int) int64 { return c.shows[i] - c.shows[max(0, i-baseRecords)] }

// increase returns the value at evaluation i of the record over n intervals.
func (c *counter) increase(i, n int, raw bool) float64 {
	from := max(0, i-n)
	if raw {
		return float64(c.shows[i] - c.shows[from])
	}
	repaid := (baseRecords - 1) / 2 * c.counted(i)
	return float64(c.sums[i]-c.sums[from]+repaid) / baseRecords
}

// A model is the records of one objective at each evaluation.
type model struct {
	step        time.Duration // between evaluations
	before      int           // evaluations before the incident
	events, bad counter
}

func newModel(t Timeline, o rules.Objective, interval, lasts time.Duration) *model {
	m := &model{step: interval, before: int(t.before / interval)}
	for at := -time.Duration(m.before) * interval; at <= lasts; at += interval {
		events, bad := judged(t.At(at), o.SLO)
		m.events.add(events)
		m.bad.add(bad)
	}
	return m
}

func (m *model) evaluations() int { return len(m.events.shows) }

// at returns the time of an evaluation, relative to the start of the incident.
func (m *model) at(i int) time.Duration { return time.Duration(i-m.before) * m.step }

// increases returns the number of events and of bad events in a window.
func (m *model) increases(i int, window time.Duration) (events, bad float64) {
	n, raw := int(window/m.step), window <= rawLimit
	return m.events.increase(i, n, raw), m.bad.increase(i, n, raw)
}

// burn returns the burn rate over a window; it is 0 without events.
func (m *model) burn(i int, window time.Duration, budget float64) float64 {
	events, bad := m.increases(i, window)
	if events <= 0 {
		return 0
	}
	return bad / events / budget
}
