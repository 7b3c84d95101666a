package otelsli

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A Spec declares what "good" means for one operation. Only the name is required.
type Spec struct {
	// Name identifies the SLI within its catalog and is part of its metric names: lower snake case,
	// such as "place_order", without a part "total".
	Name string

	// Description says in one sentence what an event is. It becomes the description of the metrics.
	Description string

	// FeatureCategory is the part of the product that the operation belongs to. It is metadata
	// for alerts and dashboards, never a label of a counter.
	FeatureCategory string

	// Owner is the team that alerts go to. It is metadata, like FeatureCategory.
	Owner string

	// Kind is the set of ratios that the SLI provides. Zero means [ErrorRate], plus [Apdex] if
	// there is a threshold.
	Kind Kind

	// Threshold is the longest duration of a satisfactory event; a longer success is [Slow]. Zero
	// means that latency is not judged, unless [WithThreshold] sets thresholds per series.
	Threshold time.Duration

	// Objective is the target of the SLI. The zero value declares none.
	Objective Objective
}

// An Objective is the target share of good events over a window. It is never an attribute of a
// counter, so changing it does not fork a series.
type Objective struct {
	// Availability is the share of events that must not fail, such as 0.999; zero means none.
	Availability float64

	// Apdex is the share of successful events that must finish within their threshold, such as
	// 0.99; zero means none.
	Apdex float64

	// Window is the period that both apply to; zero means [DefaultWindow].
	Window time.Duration
}

const (
	// DefaultWindow is the window of an [Objective] that sets none: 30 days.
	DefaultWindow = 30 * 24 * time.Hour

	// MinWindow is the shortest window that an [Objective] may have.
	MinWindow = 24 * time.Hour
)

// fastestBurn is the burn rate of the fastest standard alert, 2 % of a 30-day budget in an hour:
// "The Site Reliability Workbook", chapter 5, table 5-8.
const fastestBurn = 14.4

var (
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	prefixPattern = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`)
	reservedNames = map[string]bool{"events": true, "undeclared": true, "objective": true}
)

// withDefaults replaces zero values by the defaults they stand for.
func (s Spec) withDefaults(thresholds bool) Spec {
	if s.Kind == 0 {
		s.Kind = ErrorRate
		if s.Threshold != 0 || thresholds {
			s.Kind |= Apdex
		}
	}
	if s.Objective != (Objective{}) && s.Objective.Window == 0 {
		s.Objective.Window = DefaultWindow
	}
	return s
}

// validate reports the problems of a spec whose defaults are resolved.
func (s Spec) validate(p *problems, thresholds bool) {
	if want := wrongName(s.Name); want != "" {
		p.add("Name", s.Name, "%s", want)
	}
	for _, text := range []struct{ field, value string }{
		{"Description", s.Description}, {"FeatureCategory", s.FeatureCategory}, {"Owner", s.Owner},
	} {
		if !utf8.ValidString(text.value) { // OTLP would reject the whole export
			p.add(text.field, text.value, "valid UTF-8")
		}
	}
	if s.Kind == 0 || s.Kind&^(ErrorRate|Apdex) != 0 {
		p.add("Kind", s.Kind, "ErrorRate, Apdex or both")
		s.Kind = 0
		s = s.withDefaults(thresholds) // to avoid follow-up errors
	}
	switch {
	case s.Threshold < 0:
		p.add("Threshold", s.Threshold, "a positive duration, or 0 where latency is not judged")
	case s.Threshold == 0 && s.Kind.Has(Apdex) && !thresholds:
		p.add("Threshold", s.Threshold, "a positive duration or the option WithThreshold, for the kind is %v", s.Kind)
	case s.Threshold > 0 && !s.Kind.Has(Apdex):
		p.add("Threshold", s.Threshold, "0, for the kind is %v", s.Kind)
	}
	if thresholds && !s.Kind.Has(Apdex) {
		p.add("WithThreshold", "a function", "none, for the kind is %v", s.Kind)
	}
	s.Objective.validate(p, s.Kind)
}

func (o Objective) validate(p *problems, kind Kind) {
	if o == (Objective{}) {
		return
	}
	ratio := func(field string, value float64, needs Kind) {
		switch {
		case value == 0:
		case !(value > 0 && value < 1): // rejects NaN too
			p.add("Objective."+field, value, "a ratio between 0 and 1, such as 0.999, or 0 for none")
		case !kind.Has(needs):
			p.add("Objective."+field, value, "0, for the kind is %v", kind)
		}
	}
	ratio("Availability", o.Availability, ErrorRate)
	ratio("Apdex", o.Apdex, Apdex)
	if o.Availability == 0 && o.Apdex == 0 {
		p.add("Objective", fmt.Sprintf("a window of %v alone", o.Window), "Availability, Apdex or both")
	}
	if o.Window < MinWindow {
		p.add("Objective.Window", o.Window, "at least %v, or 0 for 30 days", MinWindow)
	}
}

// unreachable names the objectives so low that even a full outage burns their budget more slowly
// than the fastest standard alert requires.
func (o Objective) unreachable() []string {
	var slos []string
	for _, slo := range []struct {
		name  string
		value float64
	}{{SLOAvailability, o.Availability}, {SLOApdex, o.Apdex}} {
		if slo.value != 0 && fastestBurn*(1-slo.value) >= 1 {
			slos = append(slos, slo.name)
		}
	}
	return slos
}

// wrongName returns what an SLI name should be instead, or "" if name is valid.
func wrongName(name string) string {
	switch {
	case !namePattern.MatchString(name):
		return `lower snake case such as "place_order"`
	case len(name) > 100:
		return "at most 100 characters"
	case hasPart(name, "total"):
		return `a name without the part "total", which Prometheus translators drop`
	case reservedNames[name]:
		return "another name: this one is used for metrics of the catalog itself"
	}
	return ""
}

// wrongPrefix returns what a catalog prefix should be instead, or "" if prefix is valid.
func wrongPrefix(prefix string) string {
	switch {
	case !prefixPattern.MatchString(prefix) || hasPart(prefix, "total"):
		return `lower case words joined by "_" or ".", none of them "total", such as "gitlab_sli"`
	case len(prefix) > 100:
		return "at most 100 characters"
	}
	return ""
}

func hasPart(name, part string) bool {
	for p := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '_' || r == '.' }) {
		if p == part {
			return true
		}
	}
	return false
}
