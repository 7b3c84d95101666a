package names

import (
	"fmt"
	"slices"
	"strings"
)

// A Strategy is the translation that a receiver applies to OpenTelemetry metric names. The zero value
// is the default of Prometheus, and that of every scrape.
type Strategy uint8

const (
	// UnderscoreEscapingWithSuffixes replaces dots by underscores and appends unit and type:
	// Prometheus.
	UnderscoreEscapingWithSuffixes Strategy = iota
	// UnderscoreEscapingWithoutSuffixes replaces dots by underscores and appends nothing: Mimir.
	UnderscoreEscapingWithoutSuffixes
	// NoUTF8EscapingWithSuffixes keeps the dots and appends unit and type.
	NoUTF8EscapingWithSuffixes
	// NoTranslation keeps the names unchanged.
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

// String returns the name of s in the OpenTelemetry specification and in Prometheus.
func (s Strategy) String() string {
	if s.Valid() {
		return strategyNames[s]
	}
	return fmt.Sprintf("Strategy(%d)", uint8(s))
}

// MarshalText returns the name of s. It fails if s is not one of the [Strategies].
func (s Strategy) MarshalText() ([]byte, error) {
	if !s.Valid() {
		return nil, fmt.Errorf("names: %v: want one of %s", s, strings.Join(strategyNames, ", "))
	}
	return []byte(strategyNames[s]), nil
}

// UnmarshalText sets s to the strategy with the name text. Any other text is an error.
func (s *Strategy) UnmarshalText(text []byte) error {
	i := slices.Index(strategyNames, string(text))
	if i < 0 {
		return fmt.Errorf("names: strategy %.60q: want one of %s", text, strings.Join(strategyNames, ", "))
	}
	*s = Strategy(i)
	return nil
}

// UTF8 reports whether names keep characters that PromQL accepts only in quotes.
func (s Strategy) UTF8() bool { return s == NoUTF8EscapingWithSuffixes || s == NoTranslation }

// typeSuffixes are the last parts of our names that a translation with suffixes recognises: it removes
// them and appends them again with an underscore.
var typeSuffixes = []string{"total", "ratio"}

// Metric returns the translated name of a catalog's metric with this OpenTelemetry name. It is correct
// only for metrics of this library, whose names end in their type or unit.
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
