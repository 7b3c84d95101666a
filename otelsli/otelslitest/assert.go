package otelslitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Counts returns the events that s has counted with labels; it is zero if no series has these
// labels.
func Counts[L comparable](s *otelsli.SLI[L], labels L) otelsli.Counts {
	b, _ := s.Lookup(labels)
	return b.Counts()
}

// AssertOutcome fails t unless s has counted exactly want events of this outcome with labels since
// it was declared. It reports whether the assertion holds.
func AssertOutcome[L comparable](t testing.TB, s *otelsli.SLI[L], labels L, o otelsli.Outcome, want int64) bool {
	t.Helper()
	if int(o) >= len(otelsli.Counts{}) {
		t.Errorf("%v: want an outcome from Success to Ignored", o)
		return false
	}
	if got := Counts(s, labels)[o]; got != want {
		t.Errorf("SLI %q, labels %+v: %d %v, want %d\n%s", s.Name(), labels, got, o, want, tableOf(s, nil))
		return false
	}
	return true
}

// AssertDelta fails t unless s counts exactly want with labels while f runs. It reports whether the
// assertion holds. Events with other labels are not a failure.
func AssertDelta[L comparable](t testing.TB, s *otelsli.SLI[L], labels L, want otelsli.Counts, f func()) bool {
	t.Helper()
	before := snapshot(s)
	f()
	b, _ := s.Lookup(labels)
	if got := b.Counts().Sub(before[b]); got != want {
		t.Errorf("SLI %q, labels %+v: counted %s, want %s\n%s", s.Name(), labels, text(got), text(want), tableOf(s, before))
		return false
	}
	return true
}

// AssertInitialized fails t unless all labels are declared in s, so that their series are exported
// at 0 before the first event. It reports whether the assertion holds.
func AssertInitialized[L comparable](t testing.TB, s *otelsli.SLI[L], labels ...L) bool {
	t.Helper()
	var missing []string
	for _, l := range labels {
		if b, _ := s.Lookup(l); !b.Declared() {
			missing = append(missing, fmt.Sprintf("%+v", l))
		}
	}
	if len(missing) > 0 {
		t.Errorf("SLI %q: not declared: %s\n%s", s.Name(), strings.Join(missing, ", "), tableOf(s, nil))
		return false
	}
	return true
}

// AssertNoUndeclared fails t if an SLI of c has counted events with undeclared labels, whether they
// got their own series or were folded into the overflow series. It reports whether the assertion
// holds.
func AssertNoUndeclared(t testing.TB, c *otelsli.Catalog) bool {
	t.Helper()
	return assertNone(t, c, "whose labels were not declared", func(b otelsli.Bound) bool { return !b.Declared() })
}

// AssertNoOverflow fails t if an SLI of c has folded events into its overflow series because it met
// too many undeclared label combinations. It reports whether the assertion holds.
func AssertNoOverflow(t testing.TB, c *otelsli.Catalog) bool {
	t.Helper()
	return assertNone(t, c, "in the overflow series", isOverflow)
}

// assertNone fails t for each SLI of c that has events in series that match.
func assertNone(t testing.TB, c *otelsli.Catalog, where string, match func(otelsli.Bound) bool) bool {
	t.Helper()
	events := make(map[string]int64)
	var names []string // in the order of the catalog
	for name, b := range c.Series() {
		if n := all(b.Counts()); n > 0 && match(b) {
			if events[name] == 0 {
				names = append(names, name)
			}
			events[name] += n
		}
	}
	for _, name := range names {
		t.Errorf("SLI %q: %d events %s\n%s", name, events[name], where, table(c, name, nil))
	}
	return len(names) == 0
}

// isOverflow recognises the overflow series by its labels, which no declaration can have.
func isOverflow(b otelsli.Bound) bool {
	n := 0
	for _, value := range b.Labels() {
		if value != otelsli.OverflowValue {
			return false
		}
		n++
	}
	return n > 0
}
