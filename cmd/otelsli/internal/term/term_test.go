package term_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

func ExampleTable() {
	t := term.Table{Indent: "  "}
	t.Row("otlp", "https://a", "ok")
	t.Row("graphite", "tcp://äöü", "failed")
	t.Row("console")
	_, _ = t.WriteTo(os.Stdout)
	// Output:
	//   otlp      https://a  ok
	//   graphite  tcp://äöü  failed
	//   console
}

func TestColourHasNoWidth(t *testing.T) {
	t.Parallel()
	style := term.Coloured()
	var plain, coloured strings.Builder
	for _, c := range []struct {
		to    *strings.Builder
		paint func(string) string
	}{{&plain, func(s string) string { return s }}, {&coloured, style.Bad}} {
		var table term.Table
		table.Row(c.paint("a"), "b")
		table.Row(c.paint("long"), "b")
		if _, err := table.WriteTo(c.to); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(coloured.String())
	if got != plain.String() || got == coloured.String() {
		t.Errorf("%q, want %q with colour", coloured.String(), plain.String())
	}
}

func TestStyleOf(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := term.StyleOf(file, "", "xterm").Bad("x"); got != "x" || term.IsTerminal(file) {
		t.Errorf("a file gets %q", got)
	}
	s := term.Coloured()
	for want, got := range map[string]string{"32": s.Good("x"), "31": s.Bad("x"), "33": s.Warn("x"), "2": s.Dim("x"), "1": s.Bold("x")} {
		if got != "\x1b["+want+"mx\x1b[0m" {
			t.Errorf("%q, want code %s", got, want)
		}
	}
	if got := s.Good(""); got != "" {
		t.Errorf("nothing becomes %q", got)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("a\x1b[2Jb\nc\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		if got := term.Plain(text); strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
