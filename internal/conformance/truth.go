package conformance

import (
	"maps"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// truth is what happened, by job: the counts at the end of each step, of all pods together.
type truth struct {
	now map[string]otelsli.Counts
	t   []int64
	log []map[string]otelsli.Counts
}

func (x *truth) count(job string, o otelsli.Outcome) {
	if x.now == nil {
		x.now = make(map[string]otelsli.Counts)
	}
	c := x.now[job]
	c[o]++
	x.now[job] = c
}

func (x *truth) tick(ms int64) {
	x.t, x.log = append(x.t, ms), append(x.log, maps.Clone(x.now))
}

// in returns the events of a job in the window before a time.
func (x *truth) in(job string, end time.Time, window time.Duration) otelsli.Counts {
	return x.until(job, end).Sub(x.until(job, end.Add(-window)))
}

func (x *truth) until(job string, at time.Time) otelsli.Counts {
	i, exact := slices.BinarySearch(x.t, at.UnixMilli())
	if !exact {
		i--
	}
	if i < 0 {
		return otelsli.Counts{}
	}
	return x.log[i][job]
}

// good and bad events of an objective.
func judged(c otelsli.Counts, slo string) (events, errors int64) {
	if slo == otelsli.SLOApdex {
		return c[otelsli.Success] + c[otelsli.Slow], c[otelsli.Slow]
	}
	return c.Total(), c[otelsli.Failed]
}
