package dashboard

import (
	"fmt"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
)

// A judgement is one way in which events of an SLI are bad.
type judgement struct {
	events, bad names.Count
	word        string // such as "slow"
	plural      string // such as "Slow events"
}

// judgements returns the ways in which events of the SLI can be bad, by its kind.
func (s source) judgements() []judgement {
	var all []judgement
	if s.sli.Kind.Has(otelsli.ErrorRate) {
		all = append(all, judgement{names.Total, names.Failed, "failed", "Failures"})
	}
	if s.sli.Kind.Has(otelsli.Apdex) {
		all = append(all, judgement{names.Judged, names.Slow, "slow", "Slow events"})
	}
	return all
}

// traffic shows the events of the SLI.
func (s source) traffic(b *board) {
	b.row("traffic", "Traffic")
	b.add(s.state(), 4, 8)
	main := ranged(s.rate("", s.main()), "all")
	targets := []target{main}
	for _, j := range s.judgements() {
		targets = append(targets, withExemplars(ranged(s.rate("", j.bad), j.word)))
	}
	ignores := s.sli.Kind.Has(otelsli.ErrorRate)
	if ignores {
		targets = append(targets, ranged(s.rate("", names.Ignored), "ignored"))
	}
	events := newView("traffic/events", "Events", unitPerSec,
		`Events per second; "all" excludes ignored events. The dots are exemplars: traces of events that failed or were slow.`, targets...)
	b.add(events.chart(), 10, 8)
	b.add(s.shares(ignores).chart(), 10, 8)
}

// state distinguishes an idle service from one without data.
func (s source) state() *panel {
	v := newView("traffic/state", "State", "none",
		"Active: there are events. Idle: the counters exist but do not increase. No data: there are no counters.",
		instant(s.rate("", s.main())+" > bool 0"))
	p := v.stat()
	p.FieldConfig.Defaults.NoValue = "no data"
	p.FieldConfig.Defaults.Mappings = []mapping{{"value", map[string]valueText{
		"0": {"idle", "blue", 0}, "1": {"active", "green", 1},
	}}}
	return p
}

// shares are ratios of events. They have no value without events.
func (s source) shares(ignores bool) view {
	var targets []target
	for _, j := range s.judgements() {
		targets = append(targets, ranged(s.share("", j.bad, j.events), j.word))
	}
	if ignores {
		ignored, total := s.rate("", names.Ignored), s.rate("", names.Total)
		targets = append(targets, ranged(fmt.Sprintf("%s / (%s + %s > 0)", ignored, total, ignored), "ignored"))
	}
	return newView("traffic/shares", "Shares of bad and ignored events", unitShare,
		"Slow events are a share of those that succeeded and whose latency is judged. A gap means that there were no events.", targets...)
}

// byLabels shows, for each label of the SLI, the traffic and the bad events by value.
func (s source) byLabels(b *board) {
	for _, label := range s.sli.Labels {
		b.row("by/"+label, "By "+label)
		legend := "{{" + label + "}}"
		judgements := s.judgements()
		width := uint32(gridWidth / (1 + len(judgements)))
		events := newView("by/"+label+"/events", "Events by "+label, unitPerSec, "Events per second, by the label "+label+".",
			ranged(s.rate(label, s.main()), legend))
		b.add(events.chart(), width, 8)
		for _, j := range judgements {
			bad := newView("by/"+label+"/"+j.word, "Share of "+strings.ToLower(j.plural)+" by "+label, unitShare,
				j.plural+" as a share of the events, by the label "+label+". A gap means that there were no events.",
				withExemplars(ranged(s.share(label, j.bad, j.events), legend)))
			b.add(bad.chart(), width, 8)
		}
	}
}

// worst is the number of entries in lists of the worst.
const worst = 10

// offenders lists the label combinations with the most bad events in the time range, or the instances
// if the SLI has no labels.
func (s source) offenders(b *board) {
	b.row("offenders", "Worst offenders in the time range")
	by := strings.Join(s.sli.Labels, ", ")
	if by == "" {
		by = labelInstance
	}
	judgements := s.judgements()
	for _, j := range judgements {
		bad, events := s.over("increase", "$__range", by, j.bad), s.over("increase", "$__range", by, j.events)
		top := fmt.Sprintf("topk(%d, %s > 0)", worst, bad)
		v := newView("offenders/"+j.word, "Most "+strings.ToLower(j.plural), unitEvents,
			fmt.Sprintf("The %d with the most %s, by %s. Over a long time range, this query is expensive.", worst, strings.ToLower(j.plural), by))
		p := v.table(j.plural, true, nil,
			column{j.plural, unitEvents, top},
			column{"Events", unitEvents, fmt.Sprintf("%s and %s", events, top)},
			column{"Share", unitShare, fmt.Sprintf("%s / (%s > 0) and %s", bad, events, top)})
		b.add(p, uint32(gridWidth/len(judgements)), 9)
	}
}
