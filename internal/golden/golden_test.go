package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/golden"
)

// A recorder notes what is said of a test.
type recorder struct {
	testing.TB
	said strings.Builder
}

func (r *recorder) Helper()                           {}
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.said, format, args...) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// said returns what f says of a test, which f may end.
func said(f func(t testing.TB)) string {
	r, done := &recorder{}, make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.said.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.golden")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		compare func(t testing.TB)
		want    string // "" for nothing
	}{
		"same":      {func(t testing.TB) { golden.Compare(t, path, "one\ntwo\nthree\n") }, ""},
		"bytes":     {func(t testing.TB) { golden.Compare(t, path, []byte("one\ntwo\nthree\n")) }, ""},
		"differs":   {func(t testing.TB) { golden.Compare(t, path, "one\n") }, "a.golden differs"},
		"none":      {func(t testing.TB) { golden.Compare(t, path+"x", "one\n") }, "go test -update"},
		"part":      {func(t testing.TB) { golden.ComparePart(t, path, "one\n", "three", "two\n") }, ""},
		"tail":      {func(t testing.TB) { golden.ComparePart(t, path, "two\n", "", "three\n") }, ""},
		"part else": {func(t testing.TB) { golden.ComparePart(t, path, "one\n", "three", "four\n") }, "a.golden differs"},
		"no begin":  {func(t testing.TB) { golden.ComparePart(t, path, "zero", "three", "") }, `no part between "zero" and "three"`},
		"no end":    {func(t testing.TB) { golden.ComparePart(t, path, "one", "zero", "") }, `no part between "one" and "zero"`},
	} {
		if got := said(test.compare); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: it said %q, want %q", name, got, test.want)
		}
	}
}
