package otelsli_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestCollectOrder(t *testing.T) {
	t.Parallel()
	c := quiet()
	names := func() []string {
		var names []string
		for f := range c.Collect() {
			names = append(names, f.Name())
		}
		return names
	}
	declare(t, c, otelsli.Spec{Name: "b"}, []pair{webGold})
	declare[pair](t, c, otelsli.Spec{Name: "a"}, nil)
	if diff := cmp.Diff([]string{"b", "a", "undeclared"}, names()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	declare(t, c, otelsli.Spec{Name: "c"}, []pair{webGold})
	if diff := cmp.Diff([]string{"b", "a", "c", "undeclared"}, names()); diff != "" {
		t.Errorf("after a later declaration (-want +got)\n%s", diff)
	}
	if n := points(t, c, "a"); n != 0 {
		t.Errorf("%d series of an SLI that has declared none", n)
	}
}

// TestFamiliesAreStable: an exporter keeps what it prepared for a family.
func TestFamiliesAreStable(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	first := slices.Collect(c.Collect())
	declare(t, c, otelsli.Spec{Name: "later"}, []pair{webGold})
	s.Record(t.Context(), appGold, otelsli.Failed)
	second := slices.Collect(c.Collect())
	if first[0] != second[0] || first[1] != second[2] {
		t.Error("families are others in a later collection")
	}
	indexes := make(map[string]int)
	for p := range first[0].Points() {
		set := p.Attributes(0)
		v, _ := set.Value("channel")
		indexes[v.AsString()] = p.Index
	}
	if diff := cmp.Diff(map[string]int{"web": 0, "app": 1}, indexes); diff != "" {
		t.Errorf("indexes (-want +got)\n%s", diff)
	}
}

func TestCollectStops(t *testing.T) {
	t.Parallel()
	c := quiet()
	declare(t, c, otelsli.Spec{Name: "a"}, []pair{webGold, webFree})
	declare(t, c, otelsli.Spec{Name: "b"}, []pair{webGold, webFree})
	for range c.Collect() {
		break
	}
	for f := range c.Collect() {
		n := 0
		for range f.Points() {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%s: no first point", f.Name())
		}
	}
}

func TestPointStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		begin := time.Now()
		s := declare(t, c, checkout(), []pair{webGold})
		time.Sleep(time.Minute)
		s.Record(t.Context(), appGold, otelsli.Success)
		time.Sleep(time.Minute)
		var got []time.Duration
		for f := range c.Collect() {
			for p := range f.Points() {
				got = append(got, p.Start.Sub(begin))
			}
		}
		want := []time.Duration{0, time.Minute, 0, 0} // declared, kept; the undeclared events of the SLI
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("start times after the begin (-want +got)\n%s", diff)
		}
	})
}

func TestObjectives(t *testing.T) {
	t.Parallel()
	c := quiet()
	if err := c.Configure(otelsli.WithPrefix("acme")); err != nil {
		t.Fatal(err)
	}
	declare(t, c, checkout(), []pair{webGold})
	declare(t, c, otelsli.Spec{Name: "none"}, []pair{webGold})
	got := make(map[string]float64)
	for f := range c.Collect() {
		for _, g := range f.Objectives() {
			got[seriesKey(g.Name, g.Attributes)+" "+g.Unit] = g.Value
			if g.Description == "" {
				t.Errorf("%s has no description", g.Name)
			}
		}
	}
	want := map[string]float64{
		"acme.objective.ratio{sli=checkout,slo=availability} 1":          0.999,
		"acme.objective.window.seconds{sli=checkout,slo=availability} s": 30 * 24 * 3600,
		"acme.objective.ratio{sli=checkout,slo=apdex} 1":                 0.99,
		"acme.objective.window.seconds{sli=checkout,slo=apdex} s":        30 * 24 * 3600,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for key := range collected(t, c) {
		if strings.Contains(key, "0.99") || strings.Contains(key, "slo=") {
			t.Errorf("%s: an objective is part of a counter", key)
		}
	}
}

func TestUndeclaredFamily(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(1))
	declare(t, c, otelsli.Spec{Name: "quiet"}, []pair{webGold})
	record(t, s, webGold) // declared
	record(t, s, appGold) // kept: 10 events
	s.Record(t.Context(), webFree, otelsli.Ignored)
	got := collected(t, c)
	for key := range got {
		if !strings.HasPrefix(key, "sli.undeclared") {
			delete(got, key)
		}
	}
	want := map[string]int64{
		"sli.undeclared.total{series=kept,sli=checkout}":     10,
		"sli.undeclared.total{series=overflow,sli=checkout}": 1,
		"sli.undeclared.total{series=kept,sli=quiet}":        0,
		"sli.undeclared.total{series=overflow,sli=quiet}":    0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
