package promtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

// maxScrape is the longest time between two samples.
const maxScrape = 15 * time.Second

// scrape is the time between two samples: at least four per evaluation.
func (g *generator) scrape() time.Duration { return min(maxScrape, g.interval()/4) }

// A Series is one input series of a test, in the notation of promtool.
type Series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// A feed is the input of a test: a timeline, and the times at which series end.
type feed struct {
	timeline simulate.Timeline
	scrape   time.Duration
	before   time.Duration // before the incident
	lasts    time.Duration // the whole test
	gone     time.Duration // when the series end; 0: they do not
	down     time.Duration // when the process ends; 0: it does not
}

// samples is the number of scrapes up to a time.
func (f feed) samples(until time.Duration) int { return int(until/f.scrape) + 1 }

// values writes the value of a counter at each scrape, and a staleness marker where it ends.
func (f feed) values(shows func(otelsli.Counts) int64) string {
	n := f.samples(f.lasts)
	if f.gone > 0 {
		n = f.samples(f.gone)
	}
	values := make([]int64, n)
	for i := range values {
		values[i] = shows(f.timeline.At(time.Duration(i)*f.scrape - f.before))
	}
	text := sequence(values)
	if f.gone > 0 {
		text += " stale"
	}
	return text
}

// up writes the series up of the process.
func (f feed) up() string {
	if f.down == 0 {
		return sequence(slices.Repeat([]int64{1}, f.samples(f.lasts)))
	}
	return sequence(slices.Repeat([]int64{1}, f.samples(f.down))) + " stale"
}

// sequence writes values as runs with equal steps, such as "0+5x240".
func sequence(values []int64) string {
	var parts []string
	for i := 0; i < len(values); {
		n := 0 // steps after the first value
		step := int64(0)
		if i+1 < len(values) {
			step = values[i+1] - values[i]
		}
		for i+n+1 < len(values) && values[i+n+1]-values[i+n] == step {
			n++
		}
		parts = append(parts, fmt.Sprintf("%d%+dx%d", values[i], step, n))
		i += n + 1
	}
	return strings.Join(parts, " ")
}

// outcomes returns the outcomes that a count includes in a layout. If latency is not judged, slow events
// are successes.
func outcomes(layout otelsli.Layout, kind otelsli.Kind, c names.Count) []otelsli.Outcome {
	if layout == otelsli.Outcomes && !kind.Has(otelsli.Apdex) && c == names.Satisfied {
		c = names.Judged
	}
	switch c {
	case names.Failed:
		return []otelsli.Outcome{otelsli.Failed}
	case names.Ignored:
		return []otelsli.Outcome{otelsli.Ignored}
	case names.Judged:
		return []otelsli.Outcome{otelsli.Success, otelsli.Slow}
	case names.Satisfied:
		return []otelsli.Outcome{otelsli.Success}
	case names.Slow:
		return []otelsli.Outcome{otelsli.Slow}
	case names.Total:
	}
	return []otelsli.Outcome{otelsli.Success, otelsli.Slow, otelsli.Failed}
}

func sum(cells []otelsli.Outcome) func(otelsli.Counts) int64 {
	return func(c otelsli.Counts) (all int64) {
		for _, o := range cells {
			all += c[o]
		}
		return all
	}
}

// emitted returns the counters that an SLI has in a layout.
func emitted(layout otelsli.Layout, kind otelsli.Kind) []names.Count {
	rate := []names.Count{names.Total, names.Failed, names.Ignored}
	if layout == otelsli.Outcomes {
		rate = []names.Count{names.Satisfied, names.Failed, names.Ignored}
	}
	apdex := []names.Count{names.Judged, names.Satisfied, names.Slow}
	switch {
	case layout == otelsli.Outcomes && kind.Has(otelsli.Apdex):
		return append(rate, names.Slow)
	case !kind.Has(otelsli.Apdex):
		return rate
	case !kind.Has(otelsli.ErrorRate):
		return apdex
	}
	return append(rate, apdex...)
}

// targets returns the target labels, other than job, that the rules require. Only those matched by "=" are
// included, since a value that matches a regular expression is not known here.
func (g *generator) targets() (all []names.Matcher) {
	for _, m := range g.set.Targets {
		if m.Label != "job" && m.Op == "=" {
			all = append(all, m)
		}
	}
	return all
}

// series returns all series of one process with these SLIs.
func (g *generator) series(f feed) []Series {
	process := append([]names.Matcher{names.Equal("job", g.job), names.Equal("instance", "test:9464")}, g.targets()...)
	all := []Series{{names.Selector{Metric: "up"}.With(process...).String(), f.up()}}
	for _, sli := range g.description.SLIs {
		for _, c := range emitted(g.description.Layout, sli.Kind) {
			sel := g.namer.Counter(sli.Name, c).With(process...)
			all = append(all, Series{sel.String(), f.values(sum(outcomes(g.description.Layout, sli.Kind, c)))})
		}
	}
	return all
}

// spread formats a time in the notation of promtool.
func spread(d time.Duration) string { return rules.Duration(d) }
