package otelsli_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestLayoutText(t *testing.T) {
	t.Parallel()
	for l, want := range map[otelsli.Layout]string{otelsli.Counters: "counters", otelsli.Outcomes: "outcomes"} {
		text, err := l.MarshalText()
		if err != nil || string(text) != want || l.String() != want {
			t.Errorf("%d: %q, %q, %v; want %q", l, l, text, err, want)
		}
		var back otelsli.Layout
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("UnmarshalText(%q) = %v, %v", text, back, err)
		}
	}
	if got := otelsli.Layout(2).String(); got != "Layout(2)" {
		t.Errorf("String of a layout that does not exist: %q", got)
	}
	if _, err := otelsli.Layout(2).MarshalText(); err == nil {
		t.Error("MarshalText accepts a layout that does not exist")
	}
	var l otelsli.Layout
	if err := l.UnmarshalText([]byte("cells")); err == nil || !strings.Contains(err.Error(), `"cells": want counters or outcomes`) {
		t.Errorf("UnmarshalText: %v", err)
	}
}

// record puts 1, 2, 3, 4 events into the cells of a series.
func record[L comparable](t testing.TB, s *otelsli.SLI[L], labels L) {
	for o := range otelsli.Outcome(4) {
		for range o + 1 {
			s.Record(t.Context(), labels, o)
		}
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	// Two series: only the first has a threshold.
	declareTwo := func(t *testing.T, kind otelsli.Kind, layout otelsli.Layout) map[string]int64 {
		c := quiet()
		if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
			t.Fatal(err)
		}
		var options []otelsli.Option
		if kind.Has(otelsli.Apdex) {
			options = append(options, otelsli.WithThreshold(func(l [1]string) time.Duration {
				return map[string]time.Duration{"with": time.Second, "without": -1}[l[0]]
			}))
		}
		s := declare(t, c, otelsli.Spec{Name: "pay", Kind: kind}, [][1]string{{"with"}, {"without"}},
			append(options, otelsli.WithLabelNames("t"))...)
		record(t, s, [1]string{"with"})
		record(t, s, [1]string{"without"})
		values := collected(t, c)
		maps.DeleteFunc(values, func(key string, _ int64) bool { return strings.HasPrefix(key, "sli.undeclared") })
		return values
	}
	for _, tt := range []struct {
		name   string
		kind   otelsli.Kind
		layout otelsli.Layout
		want   map[string]int64
	}{
		{"counters", otelsli.ErrorRate | otelsli.Apdex, otelsli.Counters, map[string]int64{
			"sli.pay.total{t=with}":               6,
			"sli.pay.error.total{t=with}":         3,
			"sli.pay.ignored.total{t=with}":       4,
			"sli.pay.apdex.total{t=with}":         3,
			"sli.pay.apdex.success.total{t=with}": 1,
			"sli.pay.slow.total{t=with}":          2,
			"sli.pay.total{t=without}":            6,
			"sli.pay.error.total{t=without}":      3,
			"sli.pay.ignored.total{t=without}":    4,
		}},
		{"counters of errors", otelsli.ErrorRate, otelsli.Counters, map[string]int64{
			"sli.pay.total{t=with}":            6,
			"sli.pay.error.total{t=with}":      3,
			"sli.pay.ignored.total{t=with}":    4,
			"sli.pay.total{t=without}":         6,
			"sli.pay.error.total{t=without}":   3,
			"sli.pay.ignored.total{t=without}": 4,
		}},
		{"counters of apdex", otelsli.Apdex, otelsli.Counters, map[string]int64{
			"sli.pay.apdex.total{t=with}":         3,
			"sli.pay.apdex.success.total{t=with}": 1,
			"sli.pay.slow.total{t=with}":          2,
		}},
		{"outcomes", otelsli.ErrorRate | otelsli.Apdex, otelsli.Outcomes, map[string]int64{
			"sli.events.total{outcome=success,sli=pay,t=with}":    1,
			"sli.events.total{outcome=slow,sli=pay,t=with}":       2,
			"sli.events.total{outcome=failed,sli=pay,t=with}":     3,
			"sli.events.total{outcome=ignored,sli=pay,t=with}":    4,
			"sli.events.total{outcome=success,sli=pay,t=without}": 3,
			"sli.events.total{outcome=failed,sli=pay,t=without}":  3,
			"sli.events.total{outcome=ignored,sli=pay,t=without}": 4,
		}},
		{"outcomes of errors", otelsli.ErrorRate, otelsli.Outcomes, map[string]int64{
			"sli.events.total{outcome=success,sli=pay,t=with}":    3,
			"sli.events.total{outcome=failed,sli=pay,t=with}":     3,
			"sli.events.total{outcome=ignored,sli=pay,t=with}":    4,
			"sli.events.total{outcome=success,sli=pay,t=without}": 3,
			"sli.events.total{outcome=failed,sli=pay,t=without}":  3,
			"sli.events.total{outcome=ignored,sli=pay,t=without}": 4,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, declareTwo(t, tt.kind, tt.layout)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestCounterMetadata(t *testing.T) {
	t.Parallel()
	c := quiet()
	declare(t, c, checkout(), []pair{webGold})
	for f := range c.Collect() {
		for _, counter := range f.Counters() {
			if counter.Unit != otelsli.UnitEvent || counter.Description == "" {
				t.Errorf("%s: unit %q, description %q", counter.Name, counter.Unit, counter.Description)
			}
		}
	}
	first := familyOf(t, c, "checkout").Counters()[0]
	if want := "A customer pays. Events that count for the error rate."; first.Description != want {
		t.Errorf("description %q, want %q", first.Description, want)
	}
}

// TestNameCollisions: names of SLIs that differ may still give the same Prometheus name.
func TestNameCollisions(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{
		{"foo", "foo_error"},
		{"foo", "foo_ignored"},
		{"foo", "foo_apdex"},
		{"foo", "foo_apdex_success"},
		{"foo", "foo_slow"},
	} {
		for _, order := range [][2]string{names, {names[1], names[0]}} {
			c := quiet()
			declare[struct{}](t, c, otelsli.Spec{Name: order[0]}, nil)
			s, err := otelsli.New[struct{}](otelsli.Spec{Name: order[1]}, nil, otelsli.WithCatalog(c))
			if s != nil || err == nil || !strings.Contains(err.Error(), "SLI \""+order[0]+"\"") || !strings.Contains(err.Error(), "sli_foo_") {
				t.Errorf("%s after %s: %v, want an error that names the other and the metric", order[1], order[0], err)
			}
			if got := slices.Collect(c.Collect()); len(got) != 2 {
				t.Errorf("%d families, want the first SLI and the undeclared events", len(got))
			}
		}
	}
	c := quiet()
	declare[struct{}](t, c, otelsli.Spec{Name: "foo"}, nil)
	declare[struct{}](t, c, otelsli.Spec{Name: "foo_bar"}, nil)
}
