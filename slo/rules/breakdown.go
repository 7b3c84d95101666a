package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
)

// byLabels records events and errors by the labels of the SLI, for dashboards.
func (g *generator) byLabels(s *scope, src source, labels []string) {
	fine := *s
	fine.by = slices.Concat(s.by, labels)
	fine.id += "-labels"
	var raw []Rule
	for _, w := range []time.Duration{s.base(), 12 * s.base()} {
		raw = append(raw,
			fine.rule(recordLabelEvents, w, fine.sum(src.increase(w))),
			fine.rule(recordLabelErrors, w, fine.orZero(fine.sum(increase(src.errors, w)), src)))
	}
	g.add(&fine, StageRaw, raw)
	if s.period > 0 {
		g.add(&fine, StagePeriod, []Rule{
			fine.rule(RecordLabelPeriodEvents, 0, fine.summed(recordLabelEvents, s.period)),
			fine.rule(RecordLabelPeriodErrors, 0, fine.summed(recordLabelErrors, s.period)),
		})
	}
}

// validate reports labels of an SLI that clash with the records' own labels.
func (g *generator) validate(p *problems.List, sli otelsli.SLIDescription) {
	if !g.breakdown {
		return
	}
	for _, label := range sli.Labels {
		if label == labelService || slices.Contains(g.groupBy, label) {
			p.Add(fmt.Sprintf("WithBreakdown: SLI %q: label", sli.Name), label, "another name: the records already have a label with this name")
		}
	}
}
