package otelsli

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Kind is the set of ratios that an SLI provides.
type Kind uint8

const (
	// ErrorRate is the share of events that failed.
	ErrorRate Kind = 1 << iota
	// Apdex is the share of successful events that finished within their threshold.
	Apdex
)

var kindNames = []struct {
	kind Kind
	name string
}{{ErrorRate, "error_rate"}, {Apdex, "apdex"}}

// Has reports whether k contains all of other.
func (k Kind) Has(other Kind) bool { return k&other == other }

// String returns the names of the kinds, joined by "+", such as "error_rate+apdex".
func (k Kind) String() string {
	if k == 0 || k&^(ErrorRate|Apdex) != 0 {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return strings.Join(k.names(), "+")
}

func (k Kind) names() []string {
	var names []string
	for _, n := range kindNames {
		if k.Has(n.kind) {
			names = append(names, n.name)
		}
	}
	return names
}

// MarshalJSON writes the names of the kinds as an array, such as ["error_rate","apdex"].
func (k Kind) MarshalJSON() ([]byte, error) { return json.Marshal(k.names()) }

// UnmarshalJSON reads what [Kind.MarshalJSON] writes.
func (k *Kind) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return fmt.Errorf("otelsli: kinds: %w", err)
	}
	*k = 0
next:
	for _, name := range names {
		for _, n := range kindNames {
			if n.name == name {
				*k |= n.kind
				continue next
			}
		}
		return fmt.Errorf("otelsli: kind %q: want error_rate or apdex", name)
	}
	return nil
}
