package otelsli_test

import (
	"context"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

type (
	one   struct{ A string }
	three struct {
		A, B string
		N    int
	}
)

// TestAllocations: nothing on the way of an event allocates, as long as its labels are known.
func TestAllocations(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	if raceEnabled || testing.CoverMode() != "" {
		t.Skip("the race detector allocates, and functions that count their coverage are not inlined")
	}
	ctx := context.Background()
	c := quiet()
	first := declare(t, c, otelsli.Spec{Name: "one"}, []one{{"a"}})
	second := declare(t, c, otelsli.Spec{Name: "two", Threshold: time.Second}, []pair{webGold})
	third := declare(t, c, otelsli.Spec{Name: "three"}, []three{{"a", "b", 1}})
	array := declare(t, c, otelsli.Spec{Name: "array"}, [][2]string{{"a", "b"}}, otelsli.WithLabelNames("a", "b"))
	classified := declare(t, c, otelsli.Spec{Name: "classified"}, []one{{"a"}},
		otelsli.WithClassifier(func(context.Context, otelsli.Event) otelsli.Outcome { return otelsli.Failed }))
	kept := declare[pair](t, c, otelsli.Spec{Name: "kept"}, nil)
	bound := second.With(webGold)
	ignored := otelsli.Ignore(errBroken)
	work := func(context.Context) error { return nil }

	for name, f := range map[string]func(){
		"Record, 1 label":     func() { first.Record(ctx, one{"a"}, otelsli.Success) },
		"Record, 2 labels":    func() { second.Record(ctx, webGold, otelsli.Failed) },
		"Record, 3 labels":    func() { third.Record(ctx, three{"a", "b", 1}, otelsli.Slow) },
		"Record, array":       func() { array.Record(ctx, [2]string{"a", "b"}, otelsli.Ignored) },
		"Record, kept":        func() { kept.Record(ctx, webGold, otelsli.Success) },
		"Observe":             func() { second.Observe(ctx, webGold, time.Minute, nil) },
		"Observe, error":      func() { second.Observe(ctx, webGold, time.Second, errBroken) },
		"Observe, ignored":    func() { second.Observe(ctx, webGold, time.Second, ignored) },
		"Observe, classifier": func() { classified.Observe(ctx, one{"a"}, time.Second, errBroken) },
		"Start and End":       func() { place(ctx, second) },
		"Do":                  func() { second.Do(ctx, webGold, work) },
		"With":                func() { second.With(webGold).Record(ctx, otelsli.Success) },
		"Lookup":              func() { second.Lookup(webGold) },
		"Bound.Record":        func() { bound.Record(ctx, otelsli.Success) },
		"Bound.Observe":       func() { bound.Observe(ctx, time.Second, nil) },
		"Bound.Start and End": func() { placeBound(ctx, bound) },
		"Bound.Do":            func() { bound.Do(ctx, work) },
		"Bound.Counts":        func() { bound.Counts() },
	} {
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

//go:noinline
func place(ctx context.Context, s *otelsli.SLI[pair]) (err error) {
	defer s.Start(ctx, webGold).End(&err)
	return nil
}

//go:noinline
func placeBound(ctx context.Context, b otelsli.Bound) (err error) {
	defer b.Start(ctx).End(&err)
	return nil
}

// TestAllocationsOfCollect: reading a catalog allocates by family, not by series.
func TestAllocationsOfCollect(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	c := quiet()
	declare(t, c, checkout(), manyPairs(1000))
	var sum int64
	got := testing.AllocsPerRun(10, func() {
		for f := range c.Collect() {
			for p := range f.Points() {
				for i := range f.Counters() {
					v, _ := p.Value(i)
					set := p.Attributes(i)
					sum += v + int64(set.Len())
				}
			}
		}
	})
	if got > 20 {
		t.Errorf("%v allocations for 1000 series, want at most 20", got)
	}
}

// manyPairs returns n combinations of labels.
func manyPairs(n int) []pair {
	all := make([]pair, n)
	for i := range all {
		all[i] = pair{"channel" + string(rune('a'+i%26)), "tier" + time.Duration(i).String()}
	}
	return all
}
