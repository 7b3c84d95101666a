// Package golden compares test output with files that have been reviewed.
//
// The package adds a flag to the tests that import it, which rewrites the files:
//
//	go test ./slo/rules -update
package golden

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Compare fails the test if the file at path differs from got. With the flag -update it writes the
// file first.
func Compare[T ~string | ~[]byte](t testing.TB, path string, got T) {
	t.Helper()
	if *update {
		write(t, path, string(got))
	}
	compare(t, path, read(t, path), string(got))
}

// ComparePart is like [Compare] for part of a document: what is between begin and the next end, or
// the end of the file if end is empty. Only that part is written.
func ComparePart(t testing.TB, path, begin, end, got string) {
	t.Helper()
	head, rest, found := strings.Cut(read(t, path), begin)
	part, tail := rest, ""
	if found && end != "" {
		part, tail, found = strings.Cut(rest, end)
	}
	if !found {
		t.Fatalf("%s has no part between %q and %q", path, begin, end)
	}
	if *update {
		write(t, path, head+begin+got+end+tail)
		part = got
	}
	compare(t, path, part, got)
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // the calling test chooses it
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	return string(text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // a file of the repository, for all to read
		t.Fatal(err)
	}
}

func compare(t testing.TB, path, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs; if that is meant, go test -update writes it (-want +got):\n%s", path, diff)
	}
}
