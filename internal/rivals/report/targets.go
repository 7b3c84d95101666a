package report

import (
	"fmt"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// A Key names a row.
type Key struct {
	Case  string `json:"case"`
	Rival string `json:"rival"`
}

// A Target bounds what one row costs by what another does.
type Target struct {
	Of    Key     `json:"of"`
	To    Key     `json:"to"`    // unused for allocations
	Limit float64 `json:"limit"` // of the ratio, or of the number of allocations

	PerSeries   bool `json:"per_series,omitempty"`  // the costs of one series are compared
	Allocations bool `json:"allocations,omitempty"` // those of an operation are bounded
}

// A Verdict is a target and what was measured.
type Verdict struct {
	Target
	Is  float64 `json:"is"`
	Met bool    `json:"met"`
}

// contended is by how much the costs of goroutines that contend for a cache line differ by chance, where
// their machine code is the same.
const contended = 1.15

// Targets are what the project holds itself to.
func Targets() []Target {
	targets := []Target{
		against("event/bound/1 on one", work.Ours, work.Limit, 1.3),
		against("event/bound/1 on one", work.Ours, work.ClientGolang, 1),
		against("event/bound/1 on one", work.Ours, work.OTel, 1./15),
		against("event/bound/1 on one", work.Ours, work.OTel3, 1./40),
		against("event/bound/2 on one", work.Ours, work.Limit, contended),
		against("event/bound/8 on one", work.Ours, work.Limit, contended),
		growth("event/bound/2 on own", "event/bound/1 on one", work.Ours),
		against("event/labels/1 on 1", work.Ours, work.ClientGolang, 0.4),
		against("event/labels/1 on 1024", work.Ours, work.ClientGolang, 0.4),
		against("http/request", work.Ours, work.OTelHTTP, 0.15),
		against("http/request", work.OursMiddleware, work.OTelHTTP, 0.15),
		against("http/request", work.OursOTelHTTP, work.OTelHTTP, 1.05),
		against("scrape/text/10000", work.Ours, work.ClientGolang, 0.2),
		against("scrape/text/10000", work.Ours, work.OTelExporter, 0.05),
		against("scrape/text/10000", work.Ours, work.VictoriaMetrics, 1.3),
		against("collect/10000", work.Ours, work.OTelObservable, 0.15),
		against("memory/10000", work.Ours, work.ClientGolang, 1),
		against("memory/10000", work.OursScraped, work.ClientGolang, 1),
		growth("scrape/text/100000", "scrape/text/1000", work.Ours),
		growth("collect/100000", "collect/1000", work.Ours),
		growth("memory/100000", "memory/1000", work.Ours),
		growth("memory/100000", "memory/1000", work.OursScraped),
	}
	for _, name := range []string{
		"event/bound/1 on one", "event/labels/1 on 1", "event/labels/1 on 1024",
		"event/mixed", "event/span", "event/timed",
	} {
		targets = append(targets, Target{Of: Key{name, work.Ours}, Allocations: true})
	}
	return targets
}

// against bounds a rival by another one of the same case.
func against(name, of, to string, limit float64) Target {
	return Target{Of: Key{name, of}, To: Key{name, to}, Limit: limit}
}

// linear is how much more a series, or an operation, may cost where there are many.
const linear = 1.3

// growth bounds a rival by itself in another case.
func growth(name, small, rival string) Target {
	return Target{Of: Key{name, rival}, To: Key{small, rival}, Limit: linear, PerSeries: true}
}

// judge returns the verdicts of the targets whose rows there are.
func judge(targets []Target, rows map[Key]measure.Result) []Verdict {
	var all []Verdict
	for _, t := range targets {
		of, measured := rows[t.Of]
		to, known := rows[t.To]
		if !measured || !known && !t.Allocations {
			continue
		}
		v := Verdict{Target: t, Is: of.Ratio(to)}
		switch {
		case t.Allocations:
			v.Is = float64(int(of.Allocs + 0.5)) // the runtime allocates now and then
		case t.PerSeries:
			v.Is = of.PerSeries() / to.PerSeries()
		}
		v.Met = v.Is <= t.Limit
		all = append(all, v)
	}
	return all
}

// Row is the row at which the target is shown: that of whom it is compared with, if it is in the
// same case.
func (t Target) Row() Key {
	if t.Of.Case == t.To.Case {
		return t.To
	}
	return t.Of
}

// String says what is bounded, such as "otelsli ≤ 0.4 of it".
func (t Target) String() string {
	switch {
	case t.Allocations && t.Limit == 0:
		return "no allocation"
	case t.Allocations:
		return fmt.Sprintf("≤ %g allocations", t.Limit)
	case t.Of.Case == t.To.Case:
		return fmt.Sprintf("%s ≤ %s of it", t.Of.Rival, number(t.Limit))
	case t.PerSeries && t.Of.Case != "":
		return fmt.Sprintf("≤ %s of %s", number(t.Limit), t.To.Case)
	}
	return fmt.Sprintf("≤ %s of %s, %s", number(t.Limit), t.To.Rival, t.To.Case)
}
