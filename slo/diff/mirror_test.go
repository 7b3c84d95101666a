package diff_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/diff"
)

// several declares SLIs of these names with equal objectives.
func several(t testing.TB, names ...string) *otelsli.Description {
	t.Helper()
	catalog := otelsli.NewCatalog()
	for _, name := range names {
		s := spec()
		s.Name = name
		if _, err := otelsli.New(s, []labels{{"web"}}, otelsli.WithCatalog(catalog)); err != nil {
			t.Fatal(err)
		}
	}
	return catalog.Describe()
}

func compare(t testing.TB, before, after *otelsli.Description) *diff.Report {
	t.Helper()
	r, err := diff.Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The way back has the same alerts, added in place of removed, and the numbers swapped.
func TestWayBack(t *testing.T) {
	t.Parallel()
	before, after := several(t, "a", "b"), several(t, "a", "c", "d")
	there, back := compare(t, before, after), compare(t, after, before)
	swap := map[string]string{"added": "removed", "removed": "added", "changed": "changed"}
	var mirrored []diff.AlertChange
	for _, a := range back.Alerts {
		a.Change, a.Old, a.New = swap[a.Change], a.New, a.Old
		mirrored = append(mirrored, a)
	}
	if diff := cmp.Diff(there.Alerts, mirrored); diff != "" {
		t.Errorf("(-there +back):\n%s", diff)
	}
	if there.Series != (diff.Delta{Old: back.Series.New, New: back.Series.Old}) || there.Rules != (diff.Delta{Old: back.Rules.New, New: back.Rules.Old}) {
		t.Errorf("%+v, %+v", there, back)
	}
}

// Each SLI that is gone is the old name of one new SLI at most.
func TestRenamesArePairs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, after, want string }{
		{"a b", "c d", "a>c b>d"},
		{"a", "b c", "a>b +c"},
		{"a b", "c", "a>c -b"},
		{"a b", "b c", "a>c"},
		{"a b", "a b", ""},
		{"a", "a b", "+b"},
	} {
		var got []string
		for _, c := range compare(t, several(t, strings.Fields(test.before)...), several(t, strings.Fields(test.after)...)).Changes {
			switch {
			case c.Field == "Name":
				got = append(got, c.Old+">"+c.New)
			case c.New == "added":
				got = append(got, "+"+c.SLI)
			case c.Old == "removed":
				got = append(got, "-"+c.SLI)
			}
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%q to %q: %q, want %q", test.before, test.after, text, test.want)
		}
	}
}

// A renamed SLI that changes in another way too is two changes; one whose kind differs is no rename.
func TestRenameIsCautious(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Name, s.Description = "order", "An order."
	r := compare(t, several(t, "place_order"), describe(t, nil, s, labels{"web"}, labels{"app"}))
	var fields []string
	for _, c := range r.Changes {
		fields = append(fields, c.Field)
	}
	if diff := cmp.Diff([]string{"Name", "series", "Description"}, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Kind, s.Threshold = otelsli.ErrorRate, 0
	for _, c := range compare(t, several(t, "place_order"), describe(t, nil, s, labels{"web"})).Changes {
		if c.Field == "Name" {
			t.Errorf("takes another kind for a rename: %+v", c)
		}
	}
}

// Every change says what becomes of the series, and every break what to do about it.
func TestChangesAreExplained(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Objective.Availability, s.Owner, s.FeatureCategory, s.Description = 0.99, "me", "shop", "An order."
	for _, after := range []*otelsli.Description{
		describe(t, nil, s, finer{"web", "gold"}),
		describe(t, otelsli.WithLayout(otelsli.Outcomes), s, labels{"web"}),
		several(t, "other"),
		nil,
	} {
		for _, c := range compare(t, several(t, "place_order"), after).Changes {
			if c.Series == "" || c.Severity == diff.Break && c.Advice == "" {
				t.Errorf("%+v", c)
			}
		}
	}
}

// The JSON has the names that are promised, and lists that are never null.
func TestJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(compare(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"changes":[],"alerts":[],"series":{"old":0,"new":0},"rules":{"old":0,"new":0}}`
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
	data, err = json.Marshal(compare(t, several(t, "a"), several(t, "b")))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"sli":"b"`, `"field":"Name"`, `"old":"a"`, `"new":"b"`, `"severity":"break"`, `"series":"the series`, `"advice":`, `"tier":"page-fast"`, `"change":"added"`} {
		if !strings.Contains(string(data), field) {
			t.Errorf("%s lacks %s", data, field)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	b.ReportAllocs()
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("operation%d", i)
	}
	before, after := several(b, names...), several(b, names[1:]...)
	for b.Loop() {
		compare(b, before, after)
	}
}
