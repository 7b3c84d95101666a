package otelsli_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func firstName(t *testing.T, c *otelsli.Catalog) string {
	t.Helper()
	return slices.Collect(c.Collect())[0].Counters()[0].Name
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"":           "sli.checkout.total",
		"gitlab_sli": "gitlab_sli.checkout.total",
		"acme.sli":   "acme.sli.checkout.total",
	} {
		c := quiet()
		declare(t, c, checkout(), []pair{webGold})
		if err := c.Configure(otelsli.WithPrefix(prefix), nil); err != nil {
			t.Errorf("prefix %q: %v", prefix, err)
		}
		if got := firstName(t, c); got != want {
			t.Errorf("prefix %q: %s, want %s", prefix, got, want)
		}
	}
}

func TestZeroCatalog(t *testing.T) {
	t.Parallel()
	c := new(otelsli.Catalog)
	if got := slices.Collect(c.Collect()); len(got) != 0 {
		t.Errorf("%d families in an empty catalog", len(got))
	}
	declare(t, c, otelsli.Spec{Name: "pay"}, []pair{webGold})
	if got := firstName(t, c); got != "sli.pay.total" {
		t.Error(got)
	}
}

func TestConfigureInvalid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 101)
	for prefix, want := range map[string]string{
		"SLI": "lower case", "1a": "lower case", "a-b": "lower case", "a..b": "lower case", "a_": "lower case",
		"my_total": "lower case", "a\n": "lower case", "a\xff": "lower case", long: "at most 100",
	} {
		c := quiet()
		err := c.Configure(otelsli.WithPrefix(prefix), otelsli.WithLayout(9))
		if es := fieldErrors(err); len(es) != 2 || es[0].Field != "catalog: WithPrefix" || !strings.Contains(es[0].Want, want) {
			t.Errorf("prefix %q: %v, want %s", prefix, err, want)
		}
		wantProblem(t, err, "catalog: WithLayout", "Layout(9)", "Counters or Outcomes")
		if d := c.Describe(); d.Prefix != "sli" || d.Layout != otelsli.Counters {
			t.Errorf("prefix %q: the catalog has changed in spite of the error: %+v", prefix, d)
		}
	}
}

func TestFrozen(t *testing.T) {
	t.Parallel()
	c := quiet()
	if err := c.Configure(otelsli.WithPrefix("acme")); err != nil {
		t.Fatal(err)
	}
	c.Describe() // freezes nothing
	if err := c.Configure(otelsli.WithPrefix("gitlab_sli"), otelsli.WithLayout(otelsli.Outcomes)); err != nil {
		t.Fatal(err)
	}
	c.Collect()
	for name, option := range map[string]otelsli.CatalogOption{
		"prefix": otelsli.WithPrefix("sli"),
		"layout": otelsli.WithLayout(otelsli.Counters),
	} {
		if err := c.Configure(option); !errors.Is(err, otelsli.ErrFrozen) {
			t.Errorf("%s: error %v, want ErrFrozen", name, err)
		}
	}
	for name, option := range map[string]otelsli.CatalogOption{
		"same prefix": otelsli.WithPrefix("gitlab_sli"),
		"same layout": otelsli.WithLayout(otelsli.Outcomes),
		"logger":      otelsli.WithLogger(slog.Default()),
	} {
		if err := c.Configure(option); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFrozenByDefaults(t *testing.T) {
	t.Parallel()
	c := new(otelsli.Catalog)
	c.Collect()
	if err := c.Configure(otelsli.WithPrefix(otelsli.DefaultPrefix)); err != nil {
		t.Errorf("setting what holds: %v", err)
	}
	if err := c.Configure(otelsli.WithPrefix("other")); !errors.Is(err, otelsli.ErrFrozen) {
		t.Errorf("error %v, want ErrFrozen", err)
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold, webFree})
	declare[struct{}](t, c, otelsli.Spec{Name: "backup"}, nil)
	record(t, s, webFree)
	s.Record(t.Context(), pair{"", "x"}, otelsli.Failed)
	var got []string
	for name, b := range c.Series() {
		for label, value := range b.Labels() {
			name += fmt.Sprintf(" %s=%s", label, value)
		}
		got = append(got, fmt.Sprint(name, " ", b.Counts(), " ", b.Declared()))
	}
	want := []string{
		"checkout channel=web tier=gold [0 0 0 0] true",
		"checkout channel=web tier=free [1 2 3 4] true",
		"checkout channel=_empty tier=x [0 0 1 0] false",
		"backup [0 0 0 0] true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for range c.Series() {
		break
	}
	for range s.With(webGold).Labels() {
		break
	}
	for range (otelsli.Bound{}).Labels() {
		t.Error("a zero Bound has labels")
	}
	if err := c.Configure(otelsli.WithPrefix("other")); err != nil {
		t.Errorf("Series has made the prefix final: %v", err)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	c := quiet()
	release, err := c.Claim("setup.Start")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Claim("Register")
	if !errors.Is(err, otelsli.ErrClaimed) || !strings.Contains(err.Error(), "by setup.Start") || !strings.Contains(err.Error(), "Register") {
		t.Errorf("error %v, want ErrClaimed with both names", err)
	}
	release()
	release2, err := c.Claim("")
	if err != nil {
		t.Fatalf("claim after release: %v", err)
	}
	release() // does not release the second claim
	if _, err := c.Claim("third"); !errors.Is(err, otelsli.ErrClaimed) {
		t.Errorf("error %v, want ErrClaimed", err)
	}
	release2()
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	type key struct{ pipeline string }
	c := quiet()
	made := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got := c.Attachment(key{"otlp"}, func() any { made++; return new(int) })
			if got != c.Attachment(key{"otlp"}, func() any { return new(int) }) {
				t.Error("the attachment is another one the second time")
			}
		})
	}
	wg.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	if c.Attachment(key{"otlp"}, nil) == c.Attachment(key{"graphite"}, func() any { return new(int) }) {
		t.Error("two keys have one attachment")
	}
}

// TestLoggerMayUseTheCatalog: no lock is held while the logger of the caller runs.
func TestLoggerMayUseTheCatalog(t *testing.T) {
	t.Parallel()
	c := quiet()
	var s *otelsli.SLI[pair]
	h := handlerFunc(func() {
		c.Describe()
		collected(t, c)
		if err := s.Declare(webFree); err != nil {
			t.Error(err)
		}
	})
	if err := c.Configure(otelsli.WithLogger(slog.New(h))); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		spec := checkout()
		spec.Objective = otelsli.Objective{Availability: 0.5} // logged
		s = declare(t, c, spec, []pair{webGold}, otelsli.WithUndeclaredLimit(1))
		s.Record(t.Context(), appGold, otelsli.Success)                                 // logged as kept
		s.Record(t.Context(), pair{strings.Repeat("app", 10), "free"}, otelsli.Success) // logged as folded
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("deadlock")
	}
}

func TestDefaultLogger(t *testing.T) { //nolint:paralleltest // changes a global
	before := slog.Default()
	defer slog.SetDefault(before)
	log := new(lines)
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	c := otelsli.NewCatalog()
	s := declare[pair](t, c, checkout(), nil)
	s.Record(t.Context(), webGold, otelsli.Success)
	if got := log.with("otelsli:", "sli=checkout"); len(got) != 1 {
		t.Errorf("log of slog.Default(): %q", got)
	}
	if err := c.Configure(otelsli.WithLogger(nil)); err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context(), webFree, otelsli.Success)
	if got := log.with("otelsli:"); len(got) != 2 {
		t.Errorf("log with a nil logger: %q", got)
	}
}
