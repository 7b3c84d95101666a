package e2e

import "testing"

// outcome is a testing.TB that notes how a check ended instead of ending the test.
type outcome struct {
	testing.TB
	skipped, failed bool
}

func (o *outcome) Helper()               {}
func (o *outcome) Skipf(string, ...any)  { o.skipped = true }
func (o *outcome) Fatalf(string, ...any) { o.failed = true }

func TestRequire(t *testing.T) {
	missing := Server("nowhere")
	for _, test := range []struct {
		mode            string
		skipped, failed bool
	}{
		{mode: "", skipped: true},
		{mode: "auto", skipped: true},
		{mode: "off", skipped: true},
		{mode: "required", failed: true},
		{mode: "always", failed: true},
	} {
		t.Run("mode "+test.mode, func(t *testing.T) {
			t.Setenv(ModeVariable, test.mode)
			got := &outcome{TB: t}
			Require(got, missing)
			if (test.skipped && !got.skipped) || got.failed != test.failed {
				t.Errorf("skipped %v, failed %v; want %v, %v", got.skipped, got.failed, test.skipped, test.failed)
			}
		})
	}
}

func TestFindHonoursTheCacheFolder(t *testing.T) {
	t.Setenv("OTELSLI_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	for server := range programs {
		if path, err := server.find(); err == nil {
			t.Errorf("%s found at %s, where nothing is", server, path)
		}
	}
}
