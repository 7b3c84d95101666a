package otelslitest_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/otelslitest"
)

// fake is a test that keeps its failures instead of failing.
type fake struct {
	testing.TB

	mu       sync.Mutex
	failures []string
	helped   bool
	cleanups []func()
	output   strings.Builder
}

func (f *fake) Helper()           { f.helped = true }
func (f *fake) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }
func (f *fake) Output() io.Writer { return f }

func (f *fake) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.output.Write(p)
}

func (f *fake) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

type labels struct{ Channel, Tier string }

var (
	gold = labels{"web", "gold"}
	free = labels{"web", "free"}
	odd  = labels{"app", "silver"}
)

// shop is a catalog whose SLI has one failure and one success, both under gold.
func shop(t *testing.T, options ...otelsli.Option) (*otelsli.Catalog, *otelsli.SLI[labels]) {
	t.Helper()
	c := otelslitest.NewCatalog(t)
	s, err := otelsli.New(otelsli.Spec{Name: "pay"}, []labels{gold, free}, append(options, otelsli.WithCatalog(c))...)
	if err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context(), gold, otelsli.Failed)
	s.Record(t.Context(), gold, otelsli.Success)
	return c, s
}

func TestAssertions(t *testing.T) {
	t.Parallel()
	const goldRow = `{channel="web",tier="gold"}`
	failed := otelsli.Counts{otelsli.Failed: 1}
	for _, tt := range []struct {
		name    string
		assert  func(testing.TB, *otelsli.Catalog, *otelsli.SLI[labels]) bool
		failure []string // parts of the one failure; none where the assertion holds
	}{
		{"outcome", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome(f, s, gold, otelsli.Failed, 1)
		}, nil},
		{"no outcome", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome(f, s, odd, otelsli.Failed, 0)
		}, nil},
		{"other number", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome(f, s, gold, otelsli.Failed, 2)
		}, []string{`SLI "pay", labels {Channel:web Tier:gold}: 1 failed, want 2`, "success", goldRow, "1 series without an event"}},
		{"other labels", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome(f, s, odd, otelsli.Failed, 1)
		}, []string{`labels {Channel:app Tier:silver}: 0 failed, want 1`, goldRow}},
		{"no such outcome", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome(f, s, gold, 4, 1)
		}, []string{"Outcome(4): want an outcome from Success to Ignored"}},
		{"nil SLI", func(f testing.TB, _ *otelsli.Catalog, _ *otelsli.SLI[labels]) bool {
			return otelslitest.AssertOutcome[labels](f, nil, gold, otelsli.Failed, 1)
		}, []string{`SLI ""`, "0 failed, want 1", "the SLI is nil"}},

		{"delta", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertDelta(f, s, gold, failed, func() { s.Record(t.Context(), gold, otelsli.Failed) })
		}, nil},
		{"delta of nothing", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertDelta(f, s, odd, otelsli.Counts{}, func() {})
		}, nil},
		{"delta of a new series", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertDelta(f, s, odd, failed, func() { s.Record(t.Context(), odd, otelsli.Failed) })
		}, nil},
		{"delta with others", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertDelta(f, s, gold, failed, func() {
				s.Record(t.Context(), gold, otelsli.Failed)
				s.Record(t.Context(), free, otelsli.Failed)
			})
		}, nil},
		{"other delta", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertDelta(f, s, gold, failed, func() {
				s.Record(t.Context(), gold, otelsli.Success)
				s.Record(t.Context(), gold, otelsli.Failed)
				s.Record(t.Context(), odd, otelsli.Failed)
			})
		}, []string{"counted 1 success, 1 failed, want 1 failed", goldRow, `{channel="app",tier="silver"} undeclared`}},

		{"initialized", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			return otelslitest.AssertInitialized(f, s, gold, free)
		}, nil},
		{"not initialized", func(f testing.TB, _ *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			s.Record(t.Context(), odd, otelsli.Success) // makes the series exist, but too late
			return otelslitest.AssertInitialized(f, s, gold, odd, labels{"x", "y"})
		}, []string{"not declared: {Channel:app Tier:silver}, {Channel:x Tier:y}\n", goldRow}},

		{"nothing undeclared", func(f testing.TB, c *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			s.With(odd) // without an event
			return otelslitest.AssertNoUndeclared(f, c) && otelslitest.AssertNoOverflow(f, c)
		}, nil},
		{"undeclared", func(f testing.TB, c *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			s.Record(t.Context(), odd, otelsli.Ignored)
			return otelslitest.AssertNoUndeclared(f, c)
		}, []string{`SLI "pay": 1 events whose labels were not declared`, `{channel="app",tier="silver"} undeclared`}},
		{"kept is no overflow", func(f testing.TB, c *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			s.Record(t.Context(), odd, otelsli.Ignored)
			return otelslitest.AssertNoOverflow(f, c)
		}, nil},
		{"overflow", func(f testing.TB, c *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			for range 2 {
				s.Record(t.Context(), odd, otelsli.Success)
				s.Record(t.Context(), labels{"app", "bronze"}, otelsli.Ignored)
			}
			return otelslitest.AssertNoOverflow(f, c)
		}, []string{`SLI "pay": 2 events in the overflow series`, `{channel="_overflow",tier="_overflow"} undeclared`}},
		{"overflow is undeclared", func(f testing.TB, c *otelsli.Catalog, s *otelsli.SLI[labels]) bool {
			s.Record(t.Context(), odd, otelsli.Success)
			s.Record(t.Context(), labels{"app", "bronze"}, otelsli.Success)
			return otelslitest.AssertNoUndeclared(f, c)
		}, []string{`SLI "pay": 2 events whose labels were not declared`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := shop(t, otelsli.WithUndeclaredLimit(1))
			f := new(fake)
			if got, want := tt.assert(f, c, s), len(tt.failure) == 0; got != want {
				t.Errorf("reported %v, want %v", got, want)
			}
			if !f.helped {
				t.Error("does not report the line of its caller")
			}
			want := min(len(tt.failure), 1)
			if len(f.failures) != want {
				t.Fatalf("%d failures, want %d: %q", len(f.failures), want, f.failures)
			}
			for _, part := range tt.failure {
				if !strings.Contains(f.failures[0], part) {
					t.Errorf("no %q in the failure:\n%s", part, f.failures[0])
				}
			}
		})
	}
}

// TestSideEffects: assertions make no series and nothing final.
func TestSideEffects(t *testing.T) {
	t.Parallel()
	c, s := shop(t)
	f := new(fake)
	otelslitest.Counts(s, odd)
	otelslitest.AssertOutcome(f, s, odd, otelsli.Failed, 1)
	otelslitest.AssertDelta(f, s, odd, otelsli.Counts{otelsli.Slow: 1}, func() {})
	otelslitest.AssertInitialized(f, s, odd)
	otelslitest.AssertNoUndeclared(f, c)
	otelslitest.AssertNoOverflow(f, c)
	n := 0
	for range c.Series() {
		n++
	}
	if n != 2 {
		t.Errorf("%d series, want the 2 that were declared", n)
	}
	if err := c.Configure(otelsli.WithPrefix("acme")); err != nil {
		t.Error(err)
	}
}

// TestSeveralSLIs: each SLI is a failure of its own, in the order of their declaration.
func TestSeveralSLIs(t *testing.T) {
	t.Parallel()
	c := otelslitest.NewCatalog(t)
	for _, name := range []string{"b", "c", "a"} {
		s, err := otelsli.New[labels](otelsli.Spec{Name: name}, nil, otelsli.WithCatalog(c))
		if err != nil {
			t.Fatal(err)
		}
		if name != "c" {
			s.Record(t.Context(), odd, otelsli.Success)
		}
	}
	f := new(fake)
	otelslitest.AssertNoUndeclared(f, c)
	if len(f.failures) != 2 || !strings.HasPrefix(f.failures[0], `SLI "b": 1 events`) || !strings.HasPrefix(f.failures[1], `SLI "a": 1 events`) {
		t.Errorf("failures: %q", f.failures)
	}
}

// TestLongTable: the table of an SLI with many series stays readable.
func TestLongTable(t *testing.T) {
	t.Parallel()
	c, s := shop(t)
	for i := range 50 {
		s.Record(t.Context(), labels{"app", fmt.Sprint(i)}, otelsli.Success)
	}
	f := new(fake)
	otelslitest.AssertNoUndeclared(f, c)
	lines := slices.Collect(strings.Lines(f.failures[0]))
	if len(lines) != 1+1+20+1+1 || lines[22] != "  and 31 series more\n" || lines[23] != "  1 series without an event" {
		t.Errorf("%d lines:\n%s", len(lines), f.failures[0])
	}
}

func TestNewCatalog(t *testing.T) {
	t.Parallel()
	f := new(fake)
	c := otelslitest.NewCatalog(f)
	s, err := otelsli.New[labels](otelsli.Spec{Name: "pay"}, nil, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	if c == otelslitest.NewCatalog(f) {
		t.Error("the second catalog is the first one")
	}
	s.Record(t.Context(), odd, otelsli.Success)
	logged := f.output.String()
	if !strings.Contains(logged, "sli=pay") || strings.Contains(logged, "time=") {
		t.Errorf("output %q, want the undeclared labels, without a time that differs by run", logged)
	}
	for _, cleanup := range f.cleanups {
		cleanup()
	}
	s.Record(t.Context(), gold, otelsli.Success)
	if f.output.String() != logged {
		t.Errorf("output after the test has ended: %q", f.output.String()[len(logged):])
	}
}
