package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A Phase is a stretch of time in which a service behaves uniformly.
type Phase struct {
	Lasts                 time.Duration
	Rate                  float64 // events per second, of all outcomes
	Failed, Slow, Ignored float64 // shares of the events, 0 to 1; the rest succeeds
}

// An Incident is a sequence of phases.
type Incident []Phase

// Lasts returns the total duration of all phases.
func (in Incident) Lasts() time.Duration {
	var all time.Duration
	for _, p := range in {
		all += p.Lasts
	}
	return all
}

// String returns a text that [Parse] reads as the same incident.
func (in Incident) String() string {
	texts := make([]string, len(in))
	for i, p := range in {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", then ")
}

// String returns the phase in the form that [Parse] reads.
func (p Phase) String() string {
	if p.Rate == 0 {
		return "no traffic for " + rules.Duration(p.Lasts)
	}
	var shares []string
	for _, s := range []struct {
		share float64
		what  string
	}{{p.Failed, "failures"}, {p.Slow, "slow"}, {p.Ignored, "ignored"}} {
		if s.share > 0 {
			shares = append(shares, percent(s.share)+" "+s.what)
		}
	}
	what := strings.Join(shares, " and ")
	if what == "" {
		what = "healthy"
	}
	return fmt.Sprintf("%s for %s at %s rps", what, rules.Duration(p.Lasts), strconv.FormatFloat(p.Rate, 'g', -1, 64))
}

func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 12, 64) + "%"
}

// Limits of a simulation: anything beyond them is a mistake or takes too much memory.
const (
	maxLasts = 100 * 24 * time.Hour
	maxRate  = 1e9
)

// share returns the share of the events that end with an outcome.
func (p Phase) share(o otelsli.Outcome) float64 {
	switch o {
	case otelsli.Failed:
		return p.Failed
	case otelsli.Slow:
		return p.Slow
	case otelsli.Ignored:
		return p.Ignored
	case otelsli.Success:
	}
	return max(0, 1-p.Failed-p.Slow-p.Ignored)
}

func (in Incident) validate(p *problems) {
	if len(in) == 0 {
		p.add("incident", "empty", "at least one phase, such as \"2%% failures for 3h at 50 rps\"")
	}
	for i, phase := range in {
		phase.validate(p, fmt.Sprintf("incident: phase %d: ", i+1))
	}
	if p.err() == nil && in.Lasts() > maxLasts { // phases that are too long themselves are already reported
		p.add("incident: duration", rules.Duration(in.Lasts()), "at most %s", rules.Duration(maxLasts))
	}
}

func (p Phase) validate(ps *problems, field string) {
	if p.Lasts <= 0 || p.Lasts > maxLasts || p.Lasts%time.Millisecond != 0 {
		ps.add(field+"duration", rules.Duration(p.Lasts), "whole milliseconds, above 0, at most %s", rules.Duration(maxLasts))
	}
	if !(p.Rate >= 0 && p.Rate <= maxRate) {
		ps.add(field+"rate", strconv.FormatFloat(p.Rate, 'g', 6, 64), "0 to %g events per second", maxRate)
	}
	for _, share := range []float64{p.Failed, p.Slow, p.Ignored} {
		if !(share >= 0 && share <= 1) {
			ps.add(field+"share", percent(share), "0%% to 100%%")
			return
		}
	}
	const noise = 1e-9 // rounding errors of the sum
	if sum := p.Failed + p.Slow + p.Ignored; sum > 1+noise {
		ps.add(field+"shares", percent(sum)+" together", "at most 100%%")
	}
}
