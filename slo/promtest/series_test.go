package promtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

// expand reads what sequence writes, as promtool does.
func expand(t *testing.T, text string) (values []int64) {
	t.Helper()
	for part := range strings.FieldsSeq(text) {
		base, times, _ := strings.Cut(part, "x")
		sign := strings.LastIndexAny(base, "+-")
		first, err1 := strconv.ParseInt(base[:sign], 10, 64)
		step, err2 := strconv.ParseInt(base[sign:], 10, 64)
		n, err3 := strconv.Atoi(times)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%q", part)
		}
		for i := range n + 1 {
			values = append(values, first+int64(i)*step)
		}
	}
	return values
}

func TestSequence(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]int64{
		"":            nil,
		"7+0x0":       {7},
		"0+5x3":       {0, 5, 10, 15},
		"0+0x2 1+0x1": {0, 0, 0, 1, 1},
		"9-3x2":       {9, 6, 3},
		"0+1x2 4+2x1": {0, 1, 2, 4, 6},
	} {
		got := sequence(values)
		if got != want {
			t.Errorf("%v is %q, want %q", values, got, want)
		}
	}
}

func FuzzSequence(f *testing.F) {
	f.Add([]byte{0, 5, 10, 15, 15, 15, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		var values []int64
		for _, b := range data {
			values = append(values, int64(b))
		}
		if got := expand(t, sequence(values)); !slices.Equal(got, values) {
			t.Errorf("%v is %q, which is %v", values, sequence(values), got)
		}
	})
}

// The series of a test are those that a catalog emits: the same names, labels and values.
func TestSeriesAreThoseOfACatalog(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		for _, kind := range []otelsli.Kind{otelsli.ErrorRate, otelsli.Apdex, otelsli.ErrorRate | otelsli.Apdex} {
			t.Run(fmt.Sprint(layout, kind), func(t *testing.T) {
				t.Parallel()
				want := emit(t, layout, kind)
				catalog, _ := declare(t, layout, kind)
				d := catalog.Describe()
				g := &generator{description: d, set: &rules.Set{}, job: "shop", namer: names.Of(d, names.NoTranslation)}
				in := simulate.Incident{{Lasts: time.Minute, Rate: 10, Failed: 0.2, Slow: 0.3, Ignored: 0.1}}
				got := make(map[string]int64)
				for _, s := range g.series(feed{timeline: simulate.NewTimeline(in, 0), scrape: time.Minute, lasts: time.Minute}) {
					if !strings.HasPrefix(s.Series, "up") {
						values := expand(t, s.Values)
						got[strings.Replace(s.Series, `,job="shop",instance="test:9464"`, "", 1)] = values[len(values)-1]
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func declare(t *testing.T, layout otelsli.Layout, kind otelsli.Kind) (*otelsli.Catalog, *otelsli.SLI[struct{}]) {
	t.Helper()
	catalog := otelsli.NewCatalog()
	if err := catalog.Configure(otelsli.WithLayout(layout)); err != nil {
		t.Fatal(err)
	}
	spec := otelsli.Spec{Name: "a", Kind: kind}
	if kind.Has(otelsli.Apdex) {
		spec.Threshold = time.Second
	}
	sli, err := otelsli.New(spec, []struct{}{{}}, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	return catalog, sli
}

// emit records 600 events, and returns what the catalog then shows.
func emit(t *testing.T, layout otelsli.Layout, kind otelsli.Kind) map[string]int64 {
	t.Helper()
	catalog, sli := declare(t, layout, kind)
	for outcome, n := range map[otelsli.Outcome]int{otelsli.Success: 240, otelsli.Slow: 180, otelsli.Failed: 120, otelsli.Ignored: 60} {
		for range n {
			sli.Record(t.Context(), struct{}{}, outcome)
		}
	}
	all := make(map[string]int64)
	for f := range catalog.Collect() {
		for p := range f.Points() {
			for i, c := range f.Counters() {
				value, ok := p.Value(i)
				if !ok || f.Name() == "undeclared" {
					continue
				}
				sel := names.Selector{Metric: c.Name}
				for _, label := range []string{"sli", "outcome"} {
					attributes := p.Attributes(i)
					if v, ok := attributes.Value(attribute.Key(label)); ok {
						sel = sel.With(names.Equal(label, v.AsString()))
					}
				}
				all[sel.String()] = value
			}
		}
	}
	return all
}
