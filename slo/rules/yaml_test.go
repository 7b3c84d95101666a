package rules_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// A file is what the library reads in one.
type file struct {
	Groups []struct {
		Name, Interval string
		QueryOffset    string `yaml:"query_offset"`
		Rules          []fileRule
	}
}

type fileRule struct {
	Record, Alert, Expr, For string
	KeepFiringFor            string `yaml:"keep_firing_for"`
	Labels, Annotations      map[string]string
}

func read(t *testing.T, text string) file {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	var f file
	if err := decoder.Decode(&f); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return f
}

// reads checks that a text comes back from every place that it can be in, and as a text.
func reads(t *testing.T, text string) {
	t.Helper()
	want := fileRule{
		Alert: text, Expr: text, For: "1m", KeepFiringFor: "1d2h",
		Labels: map[string]string{"a": text, "on": text}, Annotations: map[string]string{"b": text},
	}
	set := &rules.Set{Groups: []rules.Group{{Name: text, Interval: time.Minute, QueryOffset: time.Second, Rules: []rules.Rule{{
		Alert: want.Alert, Expr: want.Expr, For: time.Minute, KeepFiringFor: 26 * time.Hour, Labels: want.Labels, Annotations: want.Annotations,
	}}}}}
	written := write(t, set, rules.Prometheus{})
	group := read(t, written).Groups[0]
	if diff := cmp.Diff(want, group.Rules[0]); diff != "" || group.Name != text || group.Interval != "1m" || group.QueryOffset != "1s" {
		t.Errorf("%q reads back otherwise (-want +got):\n%s\n%s", text, diff, written)
	}
	var tagged struct {
		Groups []struct {
			Rules []struct{ Labels map[string]yaml.Node }
		}
	}
	if err := yaml.Unmarshal([]byte(written), &tagged); err != nil {
		t.Fatal(err)
	}
	if node := tagged.Groups[0].Rules[0].Labels["a"]; node.ShortTag() != "!!str" {
		t.Errorf("%q is read as %s:\n%s", text, node.ShortTag(), written)
	}
}

var texts = []string{
	"x", "up == 0", "", " ", "a ", " a", "a\n", "\na", "a\n\nb", "a\n  b", " a\nb", "a\tb", "\t\n0", "a\nb\t", "a\r\nb", "é\n\u2028", "\ufeff", "\u0085",
	"yes", "No", "ON", "null", "~", "true", "y", "NaN", ".nan", "inf", "1", "0.999", "1e3", "0x1F", "0b1", "1_000", "1d", "5m", "2001-12-14", "1:30",
	"a: b", "a:", "a:b", "a #b", "a#b", "#", "- a", "-", "? a", "{a}", "[a]", "a{b=\"c\"}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", `"a"`,
	`a\b`, `'`, "a'b: c", "(a)", "(a: b)", "1 - a{b=\"c: d\"}", "---", "...", "<<", "=", ",", "\x00", "\x7f", "日本", "🙂 x", "a\n---\nb", "a\n# b", "|-\nx",
}

func TestTextsReadBack(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		reads(t, text)
	}
}

func FuzzTexts(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) {
			reads(t, text)
		}
	})
}

// Every kind of set reads back to what it is.
func TestSetsReadBack(t *testing.T) {
	t.Parallel()
	for name, set := range files(t) {
		f := read(t, write(t, set, rules.Prometheus{}))
		if len(f.Groups) != len(set.Groups) {
			t.Fatalf("%s: %d groups, want %d", name, len(f.Groups), len(set.Groups))
		}
		for i, g := range set.Groups {
			for j, r := range g.Rules {
				got := f.Groups[i].Rules[j]
				want := fileRule{Record: r.Record, Alert: r.Alert, Expr: r.Expr, Labels: r.Labels, Annotations: r.Annotations}
				if r.For > 0 {
					want.For = rules.Duration(r.For)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", name, g.Name, diff)
				}
			}
		}
	}
}
