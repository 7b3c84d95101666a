package names

import (
	"slices"
	"strconv"
	"strings"
)

// A Selector is a PromQL vector selector: a metric and what its labels have to be.
type Selector struct {
	Metric   string // as the server has it
	Matchers []Matcher
}

// A Matcher is a condition on one label.
type Matcher struct {
	Label string
	Op    string // "=", "!=", "=~" or "!~"
	Value string // a value, or an RE2 expression that matches all of it
}

// Equal returns the matcher label="value".
func Equal(label, value string) Matcher { return Matcher{Label: label, Op: "=", Value: value} }

// Regexp returns the matcher label=~"expression".
func Regexp(label, expression string) Matcher {
	return Matcher{Label: label, Op: "=~", Value: expression}
}

// String gives the matcher in PromQL, its value escaped.
func (m Matcher) String() string {
	label := m.Label
	if !legacy(label, "_") {
		label = strconv.Quote(label)
	}
	return label + m.Op + strconv.Quote(m.Value)
}

// With returns the selector with more matchers; s itself does not change.
func (s Selector) With(more ...Matcher) Selector {
	s.Matchers = slices.Concat(s.Matchers, more)
	return s
}

// String gives the selector in PromQL. The name of the metric is quoted where it has to be.
func (s Selector) String() string {
	var parts []string
	quoted := !legacy(s.Metric, "_:")
	if quoted {
		parts = append(parts, strconv.Quote(s.Metric))
	}
	for _, m := range s.Matchers {
		parts = append(parts, m.String())
	}
	list := strings.Join(parts, ",")
	switch {
	case quoted:
		return "{" + list + "}"
	case list == "":
		return s.Metric
	}
	return s.Metric + "{" + list + "}"
}

// legacy reports whether PromQL reads name without quotes: ASCII letters, digits and extra, no
// digit first.
func legacy(name, extra string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune(extra, r)
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
