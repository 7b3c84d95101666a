package term_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

func ExampleWrap() {
	fmt.Println(term.Wrap("  fix: a scrape interval of at most 1m15s", 24, 7))
	// Output:
	//   fix: a scrape interval
	//        of at most 1m15s
}

func TestWrap(t *testing.T) {
	t.Parallel()
	red := term.Coloured().Bad("red")
	for _, test := range []struct {
		text        string
		most, first int
		want        string
	}{
		{"", 10, 2, ""},
		{"one", 1, 2, "one"},
		{"one two", 7, 2, "one two"},
		{"one two", 6, 2, "one\n  two"},
		{"averylongword and", 5, 1, "averylongword\n and"},
		{"äöü äöü", 7, 0, "äöü äöü"},
		{red + " two", 7, 0, red + " two"},
		{"    a b", 5, 4, "    a\n    b"},
	} {
		if got := term.Wrap(test.text, test.most, test.first); got != test.want {
			t.Errorf("%q in %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestTableWidth(t *testing.T) {
	t.Parallel()
	table := term.Table{Indent: " "}
	table.Row("one", term.Coloured().Bad("second"), "3")
	table.Row("1", "2")
	if got := table.Width(); got != 15 {
		t.Errorf("%d columns", got)
	}
	table.Without(1)
	var text strings.Builder
	if _, err := table.WriteTo(&text); err != nil || text.String() != " one  3\n 1\n" || table.Width() != 7 {
		t.Errorf("%q, %d columns", text.String(), table.Width())
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("one two three", 5, 2)
	f.Fuzz(func(t *testing.T, text string, most, indent int) {
		got := term.Wrap(text, most, max(0, min(indent, 20)))
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
