package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var writeDocs = flag.Bool("write-docs", false, "write the table of the fault matrix into docs/operations.md")

// The table is between these lines of the document.
const (
	tableBegin = "<!-- fault matrix: cd internal/e2e && go test -run TestFaultMatrix -write-docs . -->"
	tableEnd   = "<!-- end of the fault matrix -->"
)

var operations = filepath.Join(moduleRoot, "docs", "operations.md")

// table is the matrix in Markdown.
func table(verdicts []verdict) string {
	var b strings.Builder
	b.WriteString("| way out | fault | recording, during / before | other pipelines | Shutdown | logged | afterwards |\n")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, v := range verdicts {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
			v.way, v.fault, v.recording, v.others, v.shutdown, v.logged, v.end)
	}
	return b.String()
}

// judgeDocs demands that the document has this table, apart from what was measured, or writes it there.
func judgeDocs(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin+"\n")
	documented, after, closed := strings.Cut(rest, tableEnd)
	if !ok || !closed {
		t.Fatalf("%s has no lines %q and %q", operations, tableBegin, tableEnd)
	}
	if *writeDocs {
		writeFile(t, operations, []byte(before+tableBegin+"\n\n"+table+"\n"+tableEnd+after))
		return
	}
	if diff := cmp.Diff(withoutFigures(documented), withoutFigures(table)); diff != "" {
		t.Errorf("%s differs, see its comment (-documented +shown):\n%s", operations, diff)
	}
}

// figures are what was measured: ratios and seconds with decimals.
var figures = regexp.MustCompile(`\d+\.\d+`)

func withoutFigures(table string) []string {
	return strings.Split(strings.TrimSpace(figures.ReplaceAllString(table, "#")), "\n")
}

func TestWithoutFigures(t *testing.T) {
	t.Parallel()
	got := withoutFigures("\n| OTLP | 503 | 1.02 × | 0.91 s |\n")
	if want := []string{"| OTLP | 503 | # × | # s |"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
