package lint

import (
	"fmt"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A Cost is the number of time series that a catalog creates on a server.
type Cost struct {
	Pods     int       `json:"pods"`
	SLIs     []SLICost `json:"slis"`     // in the order of the description
	Series   int       `json:"series"`   // of all processes
	Recorded int       `json:"recorded"` // recording rules
	Rules    int       `json:"rules"`    // all rules
	Alerts   int       `json:"alerts"`   // alerting rules
}

// An SLICost is the part of a [Cost] that one SLI causes.
type SLICost struct {
	SLI          string `json:"sli"`
	Combinations int    `json:"combinations"` // declared label combinations
	PerPod       int    `json:"per_pod"`      // series of one process
	Series       int    `json:"series"`       // of all processes
}

// Costs counts the series that the given number of processes, at least one, export for a catalog, and
// the rules of a set. Rules are counted once, not per process; a nil set adds none. Undeclared label
// combinations are not counted.
func Costs(d *otelsli.Description, set *rules.Set, pods int) Cost {
	c := Cost{Pods: max(pods, 1)}
	for _, sli := range d.SLIs {
		one := SLICost{SLI: sli.Name, Combinations: len(sli.Series), PerPod: perPod(d.Layout, sli)}
		one.Series = one.PerPod * c.Pods
		c.Series += one.Series
		c.SLIs = append(c.SLIs, one)
	}
	if set == nil {
		return c
	}
	for _, g := range set.Groups {
		for _, r := range g.Rules {
			c.Rules++
			if r.Record != "" {
				c.Recorded++
			} else {
				c.Alerts++
			}
		}
	}
	return c
}

// perPod counts the series of an SLI in one process: its counters and its objectives.
func perPod(layout otelsli.Layout, sli otelsli.SLIDescription) int {
	events, latency := 3, 3 // total, error, ignored; apdex, apdex success, slow
	if layout == otelsli.Outcomes {
		events, latency = 3, 1 // success, failed, ignored; slow
	}
	if !sli.Kind.Has(otelsli.ErrorRate) && layout == otelsli.Counters {
		events = 0
	}
	n := 0
	for _, s := range sli.Series {
		n += events
		if s.Threshold > 0 {
			n += latency
		}
	}
	return n + objectives(sli)
}

// objectives counts the gauges that export the objectives of an SLI: a ratio and a window for each.
func objectives(sli otelsli.SLIDescription) int {
	if sli.Objective == nil {
		return 0
	}
	n := 0
	for _, target := range []float64{sli.Objective.Availability, sli.Objective.Apdex} {
		if target > 0 {
			n += 2
		}
	}
	return n
}

func (l *linter) cost(c Cost) {
	for _, one := range c.SLIs {
		if one.Series > l.perSLI {
			l.findings = append(l.findings, Finding{
				Check: checkSeries, Severity: Warning, SLI: one.SLI, Field: "labels",
				Message: fmt.Sprintf("%d series: %d label combinations, %d series in each of %d processes", one.Series, one.Combinations, one.PerPod, c.Pods),
				Fix:     fmt.Sprintf("fewer label values, or the layout Outcomes; the limit is %d series", l.perSLI),
			})
		}
	}
	if c.Series > l.all {
		l.add(Warning, checkSeries, "", fmt.Sprintf("%d series in %d processes", c.Series, c.Pods),
			fmt.Sprintf("fewer labels, or the layout Outcomes; the limit is %d series", l.all))
	}
}
