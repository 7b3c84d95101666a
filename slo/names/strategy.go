package names

import (
	"fmt"
	"slices"
	"strings"
)

// A Strategy is the translation of OpenTelemetry metric names that a receiver applies. Its zero
// value is that of Prometheus, and of every scrape.
type Strategy uint8

const (
	// UnderscoreEscapingWithSuffixes writes underscores and appends unit and type: Prometheus.
	UnderscoreEscapingWithSuffixes Strategy = iota
	// UnderscoreEscapingWithoutSuffixes writes underscores and appends nothing: Mimir.
	UnderscoreEscapingWithoutSuffixes
	// NoUTF8EscapingWithSuffixes keeps the dots and appends unit and type.
	NoUTF8EscapingWithSuffixes
	// NoTranslation keeps the names as they are.
	NoTranslation
)

var strategyNames = []string{
	"UnderscoreEscapingWithSuffixes",
	"UnderscoreEscapingWithoutSuffixes",
	"NoUTF8EscapingWithSuffixes",
	"NoTranslation",
}

// Strategies returns all strategies.
func Strategies() []Strategy {
	return []Strategy{UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation}
}

// Valid reports whether s is one of the [Strategies].
func (s Strategy) Valid() bool { return int(s) < len(strategyNames) }

// String gives the name that the OpenTelemetry specification and Prometheus have for s.
func (s Strategy) String() string {
	if s.Valid() {
		return strategyNames[s]
	}
	return fmt.Sprintf("Strategy(%d)", uint8(s))
}

// MarshalText is the inverse of [Strategy.UnmarshalText].
func (s Strategy) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("names: %v: want one of %s", s, strings.Join(strategyNames, ", "))
	}
	return []byte(strategyNames[s]), nil
}

// UnmarshalText reads the text that [Strategy.String] gives.
func (s *Strategy) UnmarshalText(text []byte) error {
	i := slices.Index(strategyNames, string(text))
	if i < 0 {
		return fmt.Errorf("names: strategy %.60q: want one of %s", text, strings.Join(strategyNames, ", "))
	}
	*s = Strategy(i)
	return nil
}

// UTF8 reports whether names keep characters that PromQL reads only in quotes.
func (s Strategy) UTF8() bool { return s == NoUTF8EscapingWithSuffixes || s == NoTranslation }

// typeSuffixes are the last parts of our names that a translator with suffixes recognises: it
// takes them off and appends them again, with an underscore.
var typeSuffixes = []string{"total", "ratio"}

// Metric returns what the metric of a catalog with this OpenTelemetry name is called. It holds for
// the metrics of this library alone, whose names end in their type or their unit.
func (s Strategy) Metric(name string) string {
	switch s {
	case NoTranslation:
		return name
	case NoUTF8EscapingWithSuffixes:
		for _, suffix := range typeSuffixes {
			if base, ok := strings.CutSuffix(name, "."+suffix); ok {
				return base + "_" + suffix
			}
		}
		return name
	default:
		return strings.ReplaceAll(name, ".", "_")
	}
}
