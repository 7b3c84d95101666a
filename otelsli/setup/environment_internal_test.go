package setup

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

func environmentOf(variables map[string]string) *environment {
	return &environment{lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }}
}

// Colleagues of this package read their variables by these methods.
func TestLookups(t *testing.T) {
	t.Parallel()
	e := environmentOf(map[string]string{"A": " a ", "B": "b", "EMPTY": " \t", "N": "1500", "T": "TRUE", "F": "False", "L": "x, y,,"})
	if v, from := e.text("EMPTY", "A", "B"); v != "a" || from != "A" {
		t.Errorf("text: %q from %s", v, from)
	}
	if v, from := e.text("EMPTY", "NONE"); v != "" || from != "" {
		t.Errorf("text: %q from %s", v, from)
	}
	if v, from := e.aliased("NONE", "B"); v != "b" || from != "B" || len(e.notes) != 1 {
		t.Errorf("aliased: %q from %s, notes %q", v, from, e.notes)
	}
	if d := e.milliseconds("NONE", "N"); d != 1500*time.Millisecond {
		t.Errorf("milliseconds: %v", d)
	}
	for name, want := range map[string][2]bool{"T": {true, true}, "F": {false, true}, "NONE": {}} {
		if v, set := e.boolean(name); v != want[0] || set != want[1] {
			t.Errorf("boolean %s: %v, %v", name, v, set)
		}
	}
	if got := e.list("L", []string{"x", "y"}); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("list: %q", got)
	}
	e.parse(func(string) error { t.Error("parsed what is not set"); return nil }, "NONE")
	if err := e.err(); err != nil {
		t.Error(err)
	}
}

// Who reads a variable twice does not complain twice.
func TestProblemsOnce(t *testing.T) {
	t.Parallel()
	e := environmentOf(map[string]string{"N": "soon", "OTEL_EXPORTER_OTLP_HEADERS_FILE": "/no/such/file"})
	for range 2 {
		e.milliseconds("N")
		e.text("OTEL_EXPORTER_OTLP_HEADERS")
		e.note("the same")
	}
	if len(e.problems) != 2 || len(e.notes) != 1 {
		t.Errorf("%v, %q", e.problems, e.notes)
	}
}

// Whatever words a parser has, the error names the variable, its value and what would be right.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{errors.New("too big"), `otelsli: variable V is "v": want another one: too big`},
		{errors.New(`mode "v": want a or b`), `otelsli: variable V is "v": want a or b`},
		{fmt.Errorf("deep: %w", &otelsli.FieldError{Field: "mode", Value: `"v"`, Want: "a or b"}), `otelsli: variable V is "v": want a or b`},
		{&otelsli.FieldError{Field: "list: item 2", Value: `"w"`, Want: "a or b"}, `otelsli: variable V: item 2 is "w": want a or b`},
	} {
		e := environmentOf(map[string]string{"V": "v"})
		e.parse(func(string) error { return test.err }, "V")
		if got := e.err(); got == nil || got.Error() != test.want {
			t.Errorf("%v\nwant %s", got, test.want)
		}
	}
	for _, words := range []string{"%q: want another", "another than %q", "%[1]q: want another than %[1]q"} {
		e := environmentOf(map[string]string{"MY_TOKEN": secret})
		e.parse(func(v string) error { return fmt.Errorf(words, v) }, "MY_TOKEN")
		if got := e.err().Error(); strings.Contains(got, secret) {
			t.Error(got)
		}
	}
}

// An option that was recorded stays, whatever is read later.
func TestRecord(t *testing.T) {
	t.Parallel()
	e := environmentOf(map[string]string{"A": "1", "B": "2"})
	e.text("A")
	e.decided("WithA", "3", "B", "A")
	e.text("A")
	if len(e.readings) != 1 {
		t.Fatalf("%+v", e.readings)
	}
	if r := e.readings[0]; r.value != "3" || r.option != "WithA" || !slices.Equal(r.beaten, []string{"B", "A"}) {
		t.Errorf("%+v", r)
	}
	(&environment{}).text("A") // the zero value has nothing, and does not panic
}

// No value of a header gets into a report, whatever the variable looks like.
func FuzzHeadersAreNeverShown(f *testing.F) {
	f.Add("authorization=Bearer%20", "")
	f.Add("a=b,x", "%ZZ,=")
	f.Add("Authorization=Basic ", "==,authorization=")
	f.Fuzz(func(t *testing.T, before, after string) {
		cfg := newConfig([]Option{WithCatalog(otelsli.NewCatalog())})
		text := before + "=" + secret + after
		cfg.env = *environmentOf(map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": text, "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp-gateway-a-b.grafana.net/otlp"})
		report, err := json.Marshal(cfg.report(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		if name, _, _ := strings.Cut(text, "="); !strings.Contains(name, secret) && strings.Contains(string(report), secret) {
			t.Errorf("%q is shown: %s", text, report)
		}
	})
}

func FuzzWantBasic(f *testing.F) {
	f.Add("Basic MTIzOmFiYw==")
	f.Add("Bearer x")
	f.Fuzz(func(t *testing.T, value string) {
		_, encoded, _ := strings.Cut(value, " ")
		text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		good := err == nil && strings.Contains(string(text), ":")
		if want := wantBasic(value); want == "" && !good {
			t.Errorf("%q is taken", value)
		} else if len(encoded) > 20 && strings.Contains(want, encoded) {
			t.Errorf("%q is shown in %q", value, want)
		}
	})
}
