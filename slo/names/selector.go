package names

import (
	"slices"
	"strconv"
	"strings"
)

// A Selector is a PromQL vector selector: a metric name and matchers of its labels.
type Selector struct {
	Metric   string // name on the server
	Matchers []Matcher
}

// A Matcher is a condition on one label.
type Matcher struct {
	Label string
	Op    string // "=", "!=", "=~" or "!~"
	Value string // a literal value, or an RE2 expression, which is anchored
}

// Equal returns the matcher label="value".
func Equal(label, value string) Matcher { return Matcher{Label: label, Op: "=", Value: value} }

// Regexp returns the matcher label=~"expression".
func Regexp(label, expression string) Matcher {
	return Matcher{Label: label, Op: "=~", Value: expression}
}

// String returns the matcher in PromQL, with its value escaped.
func (m Matcher) String() string { return string(m.append(nil)) }

func (m Matcher) append(b []byte) []byte {
	if legacy(m.Label, "_") {
		b = append(b, m.Label...)
	} else {
		b = strconv.AppendQuote(b, m.Label)
	}
	return strconv.AppendQuote(append(b, m.Op...), m.Value)
}

// With returns a copy of the selector with more matchers.
func (s Selector) With(more ...Matcher) Selector {
	s.Matchers = slices.Concat(s.Matchers, more)
	return s
}

// String returns the selector in PromQL. The metric name is quoted if it has to be.
func (s Selector) String() string {
	quoted := !legacy(s.Metric, "_:")
	if !quoted && len(s.Matchers) == 0 {
		return s.Metric
	}
	var b []byte
	if quoted {
		b = strconv.AppendQuote(append(b, '{'), s.Metric)
	} else {
		b = append(append(b, s.Metric...), '{')
	}
	for i, m := range s.Matchers {
		if i > 0 || quoted {
			b = append(b, ',')
		}
		b = m.append(b)
	}
	return string(append(b, '}'))
}

// legacy reports whether PromQL accepts name without quotes: ASCII letters, digits and extra, not
// starting with a digit.
func legacy(name, extra string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune(extra, r)
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
