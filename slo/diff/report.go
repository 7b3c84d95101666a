package diff

import (
	"slices"
)

// A Severity says how much a change affects.
type Severity string

// The severities, least severe first.
const (
	None   Severity = "none"   // what is counted and what alerts stay the same
	Notice Severity = "notice" // what is counted or what alerts changes; the history stays
	Break  Severity = "break"  // series end or restart: history is lost
)

var ranks = []Severity{None, Notice, Break}

// A Change is one difference between two catalogs, with its consequences.
type Change struct {
	SLI      string   `json:"sli,omitempty"`   // its new name; "": the catalog as a whole
	Field    string   `json:"field,omitempty"` // "": the SLI itself
	Old      string   `json:"old,omitempty"`
	New      string   `json:"new,omitempty"`
	Severity Severity `json:"severity"`
	Series   string   `json:"series"`           // what happens to the time series
	Rules    string   `json:"rules,omitempty"`  // what happens to records and alerts
	Advice   string   `json:"advice,omitempty"` // how to lose less
}

// An AlertChange is a burn-rate alert that is added, removed or changed.
type AlertChange struct {
	SLI    string `json:"sli"`
	SLO    string `json:"slo"`
	Tier   string `json:"tier"`
	Change string `json:"change"` // "added", "removed" or "changed"
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// A Report is all differences between two catalogs.
type Report struct {
	Changes []Change      `json:"changes"`
	Alerts  []AlertChange `json:"alerts"`
	Series  Delta         `json:"series"` // declared series of one process
	Rules   Delta         `json:"rules"`
}

// A Delta is a number before and after the change.
type Delta struct {
	Old int `json:"old"`
	New int `json:"new"`
}

// Worst returns the highest severity of the changes, or [None] if there are none.
func (r *Report) Worst() Severity {
	worst := None
	for _, c := range r.Changes {
		if slices.Index(ranks, c.Severity) > slices.Index(ranks, worst) {
			worst = c.Severity
		}
	}
	return worst
}
