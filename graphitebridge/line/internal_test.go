package line

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestCharsets tries every character in every part of a line.
func TestCharsets(t *testing.T) {
	t.Parallel()
	for f, set := range partsOf {
		for part, in := range map[string]charset{"name": set.name, "node": set.node, "key": set.key, "value": set.value} {
			for r := rune(0); r <= unicode.MaxRune; r++ {
				if !in(r) {
					continue
				}
				switch {
				case unicode.IsSpace(r), unicode.IsControl(r), r == utf8.RuneError, r == ';', !unicode.IsPrint(r):
					t.Errorf("%v: %s holds %q", Format(f), part, r)
				case part == "key" && strings.ContainsRune("=!^", r):
					t.Errorf("%v: a key holds %q", Format(f), r)
				case part == "node" && r == '.':
					t.Errorf("%v: a node holds a dot", Format(f))
				case Format(f) == Graphite && part != "name" && r == '.', Format(f) != GraphiteTagged && r > '~':
					t.Errorf("%v: %s holds %q", Format(f), part, r)
				}
			}
			for _, r := range "azAZ09_-" {
				if !in(r) {
					t.Errorf("%v: %s does not hold %q", Format(f), part, r)
				}
			}
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{charset(inNode).clean("a.b/c d\xffé"), "a_b_c_d__"},
		{charset(inPut).clean("a.b/c d"), "a.b/c_d"},
		{charset(inTagValue).clean("é;\u2028\u200b\u00a0\t=!~"), "é_____=!~"},
		{charset(inTagKey).clean("a=b!c^d"), "a_b_c_d"},
		{partsOf[Graphite].cleanName("..a...b."), "a.b"},
		{partsOf[OpenTSDB].cleanName("a b..c"), "a_b.c"},
		{partsOf[Graphite].cleanName("..."), ""},
		{partsOf[GraphiteTagged].cleanValue("~~x"), "_~x"},
		{partsOf[OpenTSDB].cleanValue("~x"), "_x"},
		{partsOf[OpenTSDB].cleanValue(""), ""},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestSplitTemplate(t *testing.T) {
	t.Parallel()
	text := func(s string) segment { return segment{text: s} }
	place := func(s string) segment { return segment{s, true} }
	for _, c := range []struct {
		text string
		want template // nil: an error
	}{
		{"", template{}},
		{"a.b", template{text("a.b")}},
		{"{name}", template{place("name")}},
		{"a{name}b{suffix}c", template{text("a"), place("name"), text("b"), place("suffix"), text("c")}},
		{"{name}{suffix}", template{place("name"), place("suffix")}},
		{"{}", template{place("")}},
		{"{", nil},
		{"}", nil},
		{"a}b", nil},
		{"{a{b}", nil},
		{"{a}}", nil},
		{"{{a}}", nil},
	} {
		got, want := splitTemplate(c.text)
		if (want != "") != (c.want == nil) || c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%q became %v, %q", c.text, got, want)
		}
	}
}

// FuzzTemplate expands whatever is accepted: the result holds what its placeholders stand for.
func FuzzTemplate(f *testing.F) {
	f.Add("{prefix}.{name}{suffix}")
	f.Add("a{service.name}-{name}/{suffix}")
	f.Add("{name{suffix}")
	f.Fuzz(func(t *testing.T, text string) {
		for format := range Format(formats) {
			parsed, err := parseTemplate(text, format)
			if err != nil {
				continue
			}
			got := parsed.expand(func(p string) string { return "<" + p + ">" })
			if !strings.Contains(got, "<name>") || !strings.Contains(got, "<suffix>") || strings.ContainsAny(got, "{} \n\t") && !strings.ContainsAny(strings.ReplaceAll(text, "}", "{"), " \n\t") {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}

func TestUpper(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		index, scale int32
		want         float64
	}{
		{0, 0, 2},
		{-1, 0, 1},
		{-2, 0, 0.5},
		{9, 0, 1024},
		{0, -1, 4},
		{1, -1, 16},
		{-1, -1, 1},
		{0, 1, math.Sqrt2},
		{1, 1, 2},
		{-2, 1, math.Sqrt2 / 2},
		{3, 2, 2},
		{1022, 0, math.Ldexp(1, 1023)},
		{1023, 0, math.Inf(1)},
		{-1075, 0, 5e-324},
		{-1080, 0, 0},
		{5, -10, math.Inf(1)},
		{-5, -10, 0},
	} {
		if got := upper(c.index, c.scale); math.Abs(got-c.want) > 1e-15*c.want && got != c.want {
			t.Errorf("bucket %d at scale %d ends at %v, want %v", c.index, c.scale, got, c.want)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	if got := (span{-3, 5}).shift(1); got != (span{-2, 3}) {
		t.Errorf("coarser: %v", got)
	}
	if got := (span{}).union(span{4, 6}); got != (span{4, 6}) {
		t.Errorf("with an empty one: %v", got)
	}
	if got := (span{4, 6}).union(span{}); got != (span{4, 6}) {
		t.Errorf("with an empty one: %v", got)
	}
	if got := (span{4, 6}).union(span{-1, 1}); got != (span{-1, 6}) || got.width() != 7 {
		t.Errorf("joined: %v", got)
	}
	if got := spanOf(&metricdata.ExponentialBucket{Offset: 3, Counts: []uint64{0, 0, 1, 0, 2, 0}}); got != (span{5, 8}) {
		t.Errorf("of counts: %v", got)
	}
	if got := spanOf(&metricdata.ExponentialBucket{Offset: 3, Counts: []uint64{0, 0}}); !got.empty() || got != (span{}) {
		t.Errorf("of no counts: %v", got)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	a := ranges{scale: 2, positive: span{0, 8}, zero: 0.5}
	for _, c := range []struct {
		name    string
		b, want ranges
	}{
		{"nothing new", ranges{scale: 2, positive: span{1, 3}}, a},
		{"finer data", ranges{scale: 4, positive: span{0, 33}}, ranges{scale: 2, positive: span{0, 9}, zero: 0.5}},
		{"coarser data", ranges{scale: 0, positive: span{-1, 2}, negative: span{3, 4}, zero: 1}, ranges{scale: 0, positive: span{-1, 2}, negative: span{3, 4}, zero: 1}},
		{"too wide", ranges{scale: 2, positive: span{4090, 4096}}, ranges{scale: 0, positive: span{0, 1024}, zero: 0.5}},
	} {
		if got := a.with(c.b); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	widest := ranges{scale: 20, positive: span{math.MinInt32 / 4, math.MaxInt32 / 4}, negative: span{math.MinInt32 / 4, math.MaxInt32 / 4}}
	if got := a.with(widest); got.positive.width()+got.negative.width() > maxEdges && got.scale > minScale {
		t.Errorf("the widest: %+v", got)
	}
}

func TestEdgesAreInOrder(t *testing.T) {
	t.Parallel()
	for _, r := range []ranges{
		{},
		{scale: 0, positive: span{-3, 3}, negative: span{-2, 2}},
		{scale: 3, positive: span{-9, 9}, zero: 0.6},
		{scale: -10, positive: span{-2, 2}, negative: span{-2, 2}},
		{scale: 0, positive: span{1000, 1080}},
		{scale: 0, positive: span{-1080, -1060}},
	} {
		e := newExponential(r)
		if !validBounds(e.bounds) || len(e.bounds) != len(e.edges) || !slices.Contains(e.bounds, r.zero) {
			t.Errorf("%+v: bounds %v", r, e.bounds)
		}
	}
}

func TestUnusedKey(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{"a": true, "a_2": true, "b": true}
	for key, want := range map[string]string{"a": "a_3", "b": "b_2", "c": "c"} {
		if got := unused(key, taken); got != want {
			t.Errorf("%q became %q, want %q", key, got, want)
		}
	}
}

func TestTagsOfARenderer(t *testing.T) {
	t.Parallel()
	r := renderer{format: GraphiteTagged, empty: "none"}
	got := r.tags(
		[]Tag{{"own", "1"}, {"own", "twice"}},
		[]Tag{{"own", "2"}, {"name", "3"}, {"le", ""}, {"", "4"}, {"x", "~"}},
		[]string{"le"})
	want := []Tag{{"own", "1"}, {"exported_own", "2"}, {"exported_name", "3"}, {"exported_le", "none"}, {"_", "4"}, {"x", "_"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	series := func(kind Kind, fixed int) *Series {
		return &Series{origin: &Origin{metric: &metric{key: metricKey{kind: kind, scope: "s"}}}, fixed: fixed}
	}
	for _, c := range []struct {
		series  *Series
		rules   []Rule
		differs []bool
	}{
		{series(Gauge, 1), []Rule{Last}, []bool{false}},
		{series(Counter, 1), []Rule{Add}, []bool{true}},
		{series(UpDownCounter, 1), []Rule{Add}, []bool{false}},
		{series(Histogram, 2), []Rule{Add, Add, Add, Add}, []bool{true, true, true, true}},
		{series(Histogram, 4), []Rule{Add, Add, Min, Max, Add}, []bool{true, true, false, false, true}},
		{series(Summary, 2), []Rule{Last, Last, Last}, []bool{false, false, false}},
	} {
		for i := range c.rules {
			if r, d := c.series.Rule(i), c.series.Differs(i); r != c.rules[i] || d != c.differs[i] {
				t.Errorf("kind %d, value %d: rule %v, differs %v", c.series.Kind(), i, r, d)
			}
		}
		if c.series.Scope() != "s" {
			t.Errorf("scope %q", c.series.Scope())
		}
	}
}

func TestCarry(t *testing.T) {
	t.Parallel()
	histogram := func(bounds ...float64) *Series {
		return &Series{
			origin: &Origin{metric: &metric{key: metricKey{kind: Histogram}}},
			bounds: bounds, fixed: 2, names: make([]Name, 2+len(bounds)+1),
		}
	}
	ints := func(values ...int64) []Number {
		var list []Number
		for _, v := range values {
			list = append(list, Int(v))
		}
		return list
	}
	for _, c := range []struct {
		name         string
		from, to     *Series
		values, want []Number
	}{
		{"equal", histogram(0, 1), histogram(0, 1), ints(5, 9, 1, 4, 5), ints(5, 9, 1, 4, 5)},
		{"above", histogram(0, 1), histogram(0, 1, 2, 4), ints(5, 9, 1, 5, 5), ints(5, 9, 1, 5, 5, 5, 5)},
		{"below", histogram(0, 4), histogram(-1, 0, 2, 4), ints(5, 9, 1, 5, 5), ints(5, 9, 0, 1, 1, 5, 5)},
		{"coarser", histogram(0, 1, 2, 4, 8), histogram(0, 1, 4, 16), ints(9, 9, 1, 2, 3, 4, 9, 9), ints(9, 9, 1, 2, 4, 9, 9)},
	} {
		if got := c.to.Carry(c.from, c.values); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestValidBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bounds []float64
		want   bool
	}{
		{nil, true},
		{[]float64{-1, 0, 1}, true},
		{[]float64{1, 1}, false},
		{[]float64{2, 1}, false},
		{[]float64{math.Inf(-1), 0}, false},
		{[]float64{0, math.Inf(1)}, false},
		{[]float64{math.NaN()}, false},
	} {
		if validBounds(c.bounds) != c.want {
			t.Errorf("%v: want %v", c.bounds, c.want)
		}
	}
	if !sameBounds([]float64{1}, []float64{1}) || sameBounds([]float64{1}, nil) || sameBounds([]float64{1}, []float64{2}) {
		t.Error("sameBounds")
	}
}

// TestPutNameOfUnusualTags: keys that are equal, or become so, and keys that are empty.
func TestPutNameOfUnusualTags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fixed, others []Tag
		want          string
	}{
		"fixed ones are equal":  {[]Tag{{"a", "1"}, {"a", "2"}}, nil, "put m  a=1"},
		"and others follow":     {[]Tag{{"b", "1"}, {"b", "2"}}, []Tag{{"z", "3"}, {"a", "4"}}, "put m  b=1 a=4 z=3"},
		"fixed ones become so":  {[]Tag{{"a b", "1"}, {"a=b", "2"}}, []Tag{{"a_b", "3"}}, "put m  a_b=1 exported_a_b=3"},
		"a fixed one is empty":  {[]Tag{{"", "1"}}, []Tag{{"", "2"}}, "put m  _=1 exported__=2"},
		"others become equal":   {nil, []Tag{{"b", "0"}, {"a b", "1"}, {"a=b", "2"}}, "put m  a_b=1 a_b_2=2 b=0"},
		"there are none at all": {nil, nil, "put m "},
	} {
		got, reason, ok := PutName("m", test.fixed, test.others, 0)
		if !ok || got.String() != test.want {
			t.Errorf("%s: %q (%v), want %q", name, got, reason, test.want)
		}
	}
}
