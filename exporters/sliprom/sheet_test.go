package sliprom

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Sheets of different ages share their labels.
func TestSheetsOfDifferentAges(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		s := newShop(t, otelsli.WithLayout(layout))
		e := open(t, s.catalog)
		var scrapes []*scrape
		for i := range 20 {
			scrapes = append(scrapes, e.newScrape())
			s.place.Record(t.Context(), orderLabels{"new", fmt.Sprint(i)}, otelsli.Failed)
			for age := range scrapes {
				if (age+i)%3 == 0 { // some sheets fall behind, and catch up later
					scrapes[age].collect(asLines, true, time.Second)
				}
			}
		}
		var first string
		for age, scrape := range scrapes {
			scrape.collect(asLines, true, time.Second)
			out, want := newResponse(0), variant{format: expfmt.FmtText, kind: expfmt.TypeTextPlain}
			scrape.render(out, &want)
			if age == 0 {
				first = string(out.body)
			}
			if string(out.body) != first {
				t.Fatalf("%v, age %d: %s", layout, age, cmp.Diff(first, string(out.body)))
			}
		}
		if !strings.Contains(first, `tier="19"`) {
			t.Error("the last series is missing")
		}
	}
}

// A collection that began before a series was born does not show it, though another one has brought
// its labels meanwhile.
func TestSheetThatIsBehind(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := open(t, s.catalog)
	s.sell(t)
	ahead, behind := newSheet(e.schema), newSheet(e.schema)
	ahead.update(s.catalog, &view{all: true}, false)
	for f := range s.catalog.Collect() {
		part := behind.begin(f)
		for p := range f.Points() {
			behind.grow(f, part, &p)
			part.set(&p, true)
			break // the first point is all that it has seen
		}
	}
	behind.ripen()
	text := func(s *sheet) string {
		var b []byte
		for _, c := range s.columns {
			b = c.append(b, lineStyle{})
		}
		return string(b)
	}
	if got := text(behind); strings.Count(got, "\nsli_place_order_total{") != 1 {
		t.Errorf("got:\n%s", got)
	}
	behind.update(s.catalog, &view{all: true}, false)
	if diff := cmp.Diff(text(ahead), text(behind)); diff != "" {
		t.Errorf("it has not caught up (-ahead +behind):\n%s", diff)
	}
}

func TestLabelText(t *testing.T) {
	t.Parallel()
	for layout, want := range map[otelsli.Layout]int{otelsli.Counters: 1, otelsli.Outcomes: 4} {
		s := newShop(t, otelsli.WithLayout(layout))
		e := open(t, s.catalog)
		for f := range s.catalog.Collect() {
			if f.Name() != "place_order" {
				continue
			}
			for p := range f.Points() {
				text := e.schema.labelText(f, &p)
				if text.perPoint != want || text.points() != p.Index+1 || len(text.ends) != want*(p.Index+1) {
					t.Errorf("%v: %d texts for each of %d points, %d ends", layout, text.perPoint, text.points(), len(text.ends))
				}
				for i := range f.Counters() {
					if got, want := string(text.of(p.Index, i)), string(appendLabels(nil, p.Attributes(i)))+" "; got != want {
						t.Errorf("%v: counter %d of point %d: %q, want %q", layout, i, p.Index, got, want)
					}
				}
			}
		}
	}
}
