package otelsli_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestDeclaredAtZero(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold, webFree, webGold})
	for _, l := range []pair{webGold, webFree} {
		wantCounts(t, s, l, otelsli.Counts{})
		if b, _ := s.Lookup(l); !b.Declared() {
			t.Errorf("%v is not declared", l)
		}
	}
	if n := points(t, c, "checkout"); n != 2 {
		t.Errorf("%d series for two combinations, one of them given twice", n)
	}
}

func TestDeclareLater(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	s.Record(t.Context(), webGold, otelsli.Failed)
	collected(t, c)
	if err := s.Declare(webGold, appGold); err != nil {
		t.Fatal(err)
	}
	if err := s.Declare(); err != nil {
		t.Error(err)
	}
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
	if v, ok := collected(t, c)["sli.checkout.error.total{channel=app,tier=gold}"]; !ok || v != 0 {
		t.Errorf("%d, %v: want the series of a later declaration at 0", v, ok)
	}
}

// TestDeclareAgain: two versions of a library in one program share an SLI.
func TestDeclareAgain(t *testing.T) {
	t.Parallel()
	c := quiet()
	first := declare(t, c, checkout(), []pair{webGold})
	second := declare(t, c, checkout(), []pair{webGold, appGold})
	if first != second {
		t.Error("the same declaration made another SLI")
	}
	wantCounts(t, first, appGold, otelsli.Counts{})

	// Another type of the same shape, as of another version.
	type labels struct{ Channel, Tier string }
	other := declare(t, c, checkout(), []labels{{"web", "gold"}, {"app", "free"}})
	array := declare(t, c, checkout(), [][2]string{{"web", "gold"}}, otelsli.WithLabelNames("channel", "tier"))
	other.Record(t.Context(), labels{"web", "gold"}, otelsli.Failed)
	array.Record(t.Context(), [2]string{"web", "gold"}, otelsli.Failed)
	wantCounts(t, first, webGold, otelsli.Counts{otelsli.Failed: 2})
	wantCounts(t, first, pair{"app", "free"}, otelsli.Counts{})
	if again := declare(t, c, checkout(), []labels{}); again != other {
		t.Error("the same type made another SLI")
	}
	if n := len(c.Describe().SLIs); n != 1 {
		t.Errorf("%d SLIs, want 1", n)
	}
}

func TestDeclareAnotherShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		declare            func(*otelsli.Catalog) error
		field, value, want string
	}{
		{"threshold", func(c *otelsli.Catalog) error {
			spec := checkout()
			spec.Threshold = time.Second
			_, err := otelsli.New(spec, []pair{webGold}, otelsli.WithCatalog(c))
			return err
		}, "Threshold", "1s", "300ms, as before"},
		{"owner", func(c *otelsli.Catalog) error {
			spec := checkout()
			spec.Owner = "team-pay"
			_, err := otelsli.New(spec, []pair{webGold}, otelsli.WithCatalog(c))
			return err
		}, "Owner", `"team-pay"`, ", as before"},
		{"labels", func(c *otelsli.Catalog) error {
			_, err := otelsli.New(checkout(), []struct{ Tier, Channel string }{{"a", "b"}}, otelsli.WithCatalog(c))
			return err
		}, "labels", "[tier channel]", "[channel tier], as before"},
		{"thresholds by series", func(c *otelsli.Catalog) error {
			_, err := otelsli.New(checkout(), []pair{webGold}, otelsli.WithCatalog(c),
				otelsli.WithThreshold(func(pair) time.Duration { return 0 }))
			return err
		}, "WithThreshold", "true", "false, as before"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := quiet()
			declare(t, c, checkout(), []pair{appGold})
			wantProblem(t, tt.declare(c), `SLI "checkout", declared before: `+tt.field, tt.value, tt.want)
			if points(t, c, "checkout") != 1 {
				t.Error("the failed declaration added series")
			}
		})
	}
}

func TestDeclareWithAnotherDescription(t *testing.T) {
	t.Parallel()
	c := quiet()
	first := declare(t, c, checkout(), []pair{appGold})
	spec := checkout()
	spec.Description = "Money moves."
	if again := declare(t, c, spec, []pair{webGold}); again != first {
		t.Error("another description made another SLI")
	}
	if got := c.Describe().SLIs[0]; got.Description != checkout().Description || len(got.Series) != 2 {
		t.Errorf("description %q, %d series: want the text of the first and the series of both", got.Description, len(got.Series))
	}
}

func TestMustNewPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if _, ok := recover().(error); !ok {
			t.Error("MustNew did not panic with the error of New")
		}
	}()
	otelsli.MustNew[struct{}](otelsli.Spec{}, nil, otelsli.WithCatalog(quiet()))
}

func TestNilSLI(t *testing.T) {
	t.Parallel()
	var s *otelsli.SLI[pair]
	var zero otelsli.Bound
	ctx, errBroken := t.Context(), errors.New("broken")

	s.Record(ctx, webGold, otelsli.Failed)
	s.Observe(ctx, webGold, time.Second, errBroken)
	s.Start(ctx, webGold).End(nil)
	s.Start(ctx, webGold).EndAs(otelsli.Failed)
	zero.Record(ctx, otelsli.Failed)
	zero.Observe(ctx, time.Second, errBroken)
	zero.Start(ctx).End(&errBroken)
	new(otelsli.Timer).End(nil)
	if err := s.Declare(webGold); err != nil {
		t.Error(err)
	}
	if s.Name() != "" || s.Catalog() != nil || s.With(webGold) != zero {
		t.Error("a nil SLI has a name, a catalog or a series")
	}
	if _, ok := s.Lookup(webGold); ok || zero.Declared() || zero.Threshold() != 0 || zero.Counts() != (otelsli.Counts{}) {
		t.Error("a nil SLI or a zero Bound has state")
	}
	for _, do := range []func(context.Context, func(context.Context) error) error{
		zero.Do,
		func(ctx context.Context, f func(context.Context) error) error { return s.Do(ctx, webGold, f) },
	} {
		called := false
		err := do(ctx, func(got context.Context) error {
			called = got == ctx
			return errBroken
		})
		if !called || !errors.Is(err, errBroken) {
			t.Errorf("Do: called %v, error %v", called, err)
		}
	}
}

func TestSLINameAndCatalog(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	if s.Name() != "checkout" || s.Catalog() != c {
		t.Errorf("Name() = %q, Catalog() = %p, want %p", s.Name(), s.Catalog(), c)
	}
	if placeOrder.Catalog() != otelsli.Default() {
		t.Error("an SLI without the option WithCatalog is not in the default catalog")
	}
}

func TestLookupCreatesNothing(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold, {otelsli.EmptyValue, "x"}})
	if _, ok := s.Lookup(appGold); ok {
		t.Error("found labels that have no series")
	}
	if b, ok := s.Lookup(pair{"", "x"}); !ok || !b.Declared() {
		t.Error("did not find the series that an empty value is counted in")
	}
	if n := points(t, c, "checkout"); n != 2 {
		t.Errorf("Lookup made series: %d", n)
	}
	s.Record(t.Context(), appGold, otelsli.Success)
	if b, ok := s.Lookup(appGold); !ok || b.Declared() || b.Counts().Total() != 1 {
		t.Error("an undeclared series is not found, or found as declared")
	}
}

func TestRecordWrongOutcomes(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), otelsli.Spec{Name: "pay"}, []pair{webGold})
	s.Record(t.Context(), webGold, otelsli.Slow)
	s.With(webGold).Record(t.Context(), otelsli.Outcome(99))
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Success: 1, otelsli.Failed: 1})
}

// TestConcurrentDeclarations declares the same SLI from many goroutines, with overlapping
// combinations: one SLI, every combination once.
func TestConcurrentDeclarations(t *testing.T) {
	t.Parallel()
	c := quiet()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(g)))
			for range 50 {
				name := fmt.Sprintf("sli%d", rng.IntN(5))
				s, err := otelsli.New(otelsli.Spec{Name: name}, [][1]string{{fmt.Sprint(rng.IntN(20))}},
					otelsli.WithCatalog(c), otelsli.WithLabelNames("n"))
				if err != nil {
					t.Error(err)
					return
				}
				s.Record(t.Context(), [1]string{fmt.Sprint(rng.IntN(20))}, otelsli.Success)
				collected(t, c) // fails where a series comes twice
			}
		})
	}
	wg.Wait()
	var total int64
	for key, v := range collected(t, c) {
		if strings.HasSuffix(strings.SplitN(key, "{", 2)[0], ".total") && strings.Count(key, ".") == 2 && !strings.HasPrefix(key, "sli.undeclared") {
			total += v
		}
	}
	if total != 8*50 {
		t.Errorf("%d events, want %d", total, 8*50)
	}
}
