package otelsli_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

type (
	level   int
	toggle  bool
	region  string
	anyKind struct {
		Text     string
		Region   region
		OK       bool
		Flag     toggle
		Int      int
		I8       int8
		U64      uint64
		Level    level
		HTTPCode uint16
		Tagged   string `sli:"other_name"`
	}
)

func (l level) String() string  { return [...]string{"low", "high"}[l] } // panics beyond
func (f toggle) String() string { return map[toggle]string{true: "on", false: "off"}[f] }

// String of a string kind is not used: its value is the label.
func (r region) String() string { return "region " + string(r) }

func TestLabelKinds(t *testing.T) {
	t.Parallel()
	c := quiet()
	declare(t, c, otelsli.Spec{Name: "pay"}, []anyKind{{
		Text: `say "hi"` + "\n", Region: "eu", OK: true, Flag: true, Int: -1, I8: -128, U64: 1<<64 - 1, Level: 1, HTTPCode: 200, Tagged: "x",
	}})
	want := []map[string]string{{
		"text": "say \"hi\"\n", "region": "eu", "ok": "true", "flag": "on", "int": "-1", "i8": "-128",
		"u64": "18446744073709551615", "level": "high", "http_code": "200", "other_name": "x",
	}}
	var got []map[string]string
	for p := range familyOf(t, c, "pay").Points() {
		labels := make(map[string]string)
		set := p.Attributes(0)
		for _, kv := range set.ToSlice() {
			labels[string(kv.Key)] = kv.Value.AsString()
		}
		got = append(got, labels)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLabelTypesInvalid(t *testing.T) {
	t.Parallel()
	type Embedded struct{ A string }
	spec := otelsli.Spec{Name: "pay"}
	for _, tt := range []struct {
		name               string
		err                error
		field, value, want string
	}{
		{"not a struct", newNothing[string](t, spec, nil), "labels", "string", "a struct, or an array of strings"},
		{"array of integers", newNothing[[2]int](t, spec, nil), "labels", "[2]int", "a struct, or an array of strings"},
		{"float", newNothing[struct{ A float64 }](t, spec, nil), "labels.A", "float64", "a string, bool or integer"},
		{"pointer", newNothing[struct{ A *string }](t, spec, nil), "labels.A", "*string", "a string, bool or integer"},
		{"interface", newNothing[struct{ A any }](t, spec, nil), "labels.A", "interface {}", "a string, bool or integer"},
		{"nested", newNothing[struct{ A pair }](t, spec, nil), "labels.A", "otelsli_test.pair", "a string, bool or integer"},
		{"embedded", newNothing[struct{ Embedded }](t, spec, nil), "labels.Embedded", `"an embedded otelsli_test.Embedded"`, "a named field"},
		{"unexported", newNothing[struct{ a string }](t, spec, nil), "labels.a", `"unexported"`, "an exported field"},
		{"blank", newNothing[struct{ _ string }](t, spec, nil), "labels._", `"unexported"`, "an exported field"},
		{"empty tag", newNothing[struct {
			A string `sli:""`
		}](t, spec, nil), "label", `""`, "letters, digits"},
		{"dotted tag", newNothing[struct {
			A string `sli:"http.route"`
		}](t, spec, nil), "label", `"http.route"`, "letters, digits"},
		{"twice", newNothing[struct {
			FeedID string
			B      string `sli:"feed_id"`
		}](t, spec, nil), "label", `"feed_id"`, "every label name once"},
		{"no names", newNothing[[2]string](t, spec, nil), "labels", `"[2]string with 0 names"`, "WithLabelNames with 2 names"},
		{"too many names", newNothing(t, spec, [][1]string{{"x"}}, otelsli.WithLabelNames("a", "b")), "labels", `"[1]string with 2 names"`, "WithLabelNames with 1 names"},
		{"names of a struct", newNothing(t, spec, []pair{webGold}, otelsli.WithLabelNames("a", "b")), "WithLabelNames", "otelsli_test.pair", "labels of the type [2]string"},
		{"bad name", newNothing[[1]string](t, spec, nil, otelsli.WithLabelNames("a\"\n")), "label", `"a\"\n"`, "letters, digits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, tt.err, `SLI "pay": `+tt.field, tt.value, tt.want)
		})
	}
}

func TestLabelNames(t *testing.T) {
	t.Parallel()
	const format, set = "letters, digits", "set by Prometheus"
	for name, want := range map[string]string{
		"le": set, "quantile": set, "job": set, "instance": set, "sli": set, "slo": set, "outcome": set,
		"exported_job": set, "otel_scope_name": set,
		"__name__": format, "_x": format, "x_": format, "a__b": format, "1a": format, "": format, "a-b": format, "für": format,
		"a\xff": format, strings.Repeat("\n", 10_000): format,
	} {
		err := newNothing[[1]string](t, otelsli.Spec{Name: "pay"}, nil, otelsli.WithLabelNames(name))
		if es := fieldErrors(err); len(es) != 1 || !strings.Contains(es[0].Want, want) || !strings.HasSuffix(es[0].Field, ": label") {
			t.Errorf("label %.40q: %.300v; want %q", name, err, want)
		}
	}
	for _, name := range []string{"a", "A1", "series", "exported", "otel", "job_name", "camelCase"} {
		declare(t, quiet(), otelsli.Spec{Name: "pay"}, [][1]string{{"x"}}, otelsli.WithLabelNames(name))
	}
}

func TestLabelNamesOfScrapers(t *testing.T) {
	t.Parallel()
	c, log := logged(t)
	declare(t, c, otelsli.Spec{Name: "pay"}, []struct{ Service, Route, Env string }{{"a", "b", "c"}})
	if got := log.with("sli=pay", `labels="[service env]"`); len(got) != 1 {
		t.Errorf("want one warning about service and env, log: %q", got)
	}
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"A": "a", "Channel": "channel", "FeedID": "feed_id", "HTTPMethod": "http_method", "URL": "url",
		"OAuth2Scope": "o_auth2_scope", "Status_Code": "status_code", "StatusCode2": "status_code2", "MyURLPath": "my_url_path",
	} {
		if got := otelsli.SnakeCase(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestDeclaredValuesInvalid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 129)
	for _, tt := range []struct{ name, value, wantValue, want string }{
		{"empty", "", `""`, "a value"},
		{"invalid UTF-8", "a\xffb", `"a\xffb"`, "valid UTF-8"},
		{"long", long, `"` + strings.Repeat("ä", 120) + `"`, "at most 256 bytes, not 258"},
		{"10 kB", strings.Repeat("\"", 10_000), `"` + strings.Repeat(`\"`, 120) + `"`, "at most 256 bytes, not 10000"},
		{"overflow", otelsli.OverflowValue, `"_overflow"`, "another value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := pair{tt.value, "gold"}
			err := newNothing(t, checkout(), []pair{webGold, bad})
			wantProblem(t, err, ": channel", tt.wantValue, tt.want)
			if !utf8.ValidString(err.Error()) || len(err.Error()) > 1000 {
				t.Errorf("error text of %d bytes: %.200q", len(err.Error()), err)
			}

			c := quiet()
			s := declare(t, c, checkout(), []pair{webGold})
			err = s.Declare(appGold, bad)
			wantProblem(t, err, ": channel", tt.wantValue, tt.want)
			if _, ok := s.Lookup(appGold); ok || points(t, c, "checkout") != 1 {
				t.Error("some combinations were declared in spite of the error")
			}
		})
	}
}

// hostile are label values that a client may send, and what leaves the process for them.
var hostile = []struct{ name, value, want string }{
	{"empty", "", otelsli.EmptyValue},
	{"quotes and newlines", "\"}\n# HELP x\n\\", "\"}\n# HELP x\n\\"},
	{"NUL", "\x00", "\x00"},
	{"separator", "a\xffb", "a\uFFFDb"},
	{"surrogate", "\xed\xa0\x80", "\uFFFD"},
	{"10 kB", strings.Repeat("x", 10_000), strings.Repeat("x", 256)},
	{"cut within a rune", strings.Repeat("x", 255) + "€uro", strings.Repeat("x", 255)},
	{"256 bytes", strings.Repeat("€", 85) + "x", strings.Repeat("€", 85) + "x"},
	{"10 kB of garbage", strings.Repeat("\xff", 10_000), "\uFFFD"},
}

func TestHostileValues(t *testing.T) {
	t.Parallel()
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := quiet()
			s := declare(t, c, otelsli.Spec{Name: "pay"}, []pair{webGold})
			s.Record(t.Context(), pair{tt.value, "gold"}, otelsli.Failed)
			var got []string
			for p := range familyOf(t, c, "pay").Points() {
				if p.Counts[otelsli.Failed] == 1 {
					set := p.Attributes(0)
					v, _ := set.Value("channel")
					got = append(got, v.AsString())
				}
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("exported values (-want +got)\n%s", diff)
			}
		})
	}
}

// TestIdentity: values that could be joined to the same text are different series.
func TestIdentity(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare[pair](t, c, otelsli.Spec{Name: "pay"}, nil)
	for _, l := range []pair{{"a", "b,c"}, {"a,b", "c"}, {"a\x00", "b"}, {"a", "\x00b"}, {"a\xff", "b"}, {"a", "\xffb"}} {
		s.Record(t.Context(), l, otelsli.Success)
	}
	if n := points(t, c, "pay"); n != 6 {
		t.Errorf("%d series, want 6", n)
	}
}

func FuzzLabelValues(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.value, "gold", 7)
	}
	type labels struct {
		A, B string
		N    int
	}
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		c := quiet()
		s := declare[labels](t, c, otelsli.Spec{Name: "pay"}, nil)
		l := labels{a, b, n}
		s.Record(t.Context(), l, otelsli.Failed)
		s.Record(t.Context(), l, otelsli.Failed)
		wantCounts(t, s, l, otelsli.Counts{otelsli.Failed: 2})
		for p := range familyOf(t, c, "pay").Points() {
			set := p.Attributes(0)
			if set.Len() != reflect.TypeFor[labels]().NumField() {
				t.Errorf("%d labels", set.Len())
			}
			for _, kv := range set.ToSlice() {
				if v := kv.Value.AsString(); v == "" || len(v) > otelsli.MaxLabelValueLength || !utf8.ValidString(v) {
					t.Errorf("%s=%q is not fit for export", kv.Key, v)
				}
			}
		}
		if err := s.Declare(l); err == nil && a != "" && points(t, c, "pay") != 1 {
			t.Error("declaring what was recorded made another series")
		}
	})
}
