package otelslitest

import (
	"log/slog"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// NewCatalog returns an empty catalog for one test. What it logs, such as undeclared labels, goes
// to the test's output until the test ends.
func NewCatalog(t testing.TB) *otelsli.Catalog {
	t.Helper()
	c := otelsli.NewCatalog()
	setLogger(t, c, slog.NewTextHandler(t.Output(), &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	t.Cleanup(func() { setLogger(t, c, slog.DiscardHandler) }) // a test accepts no output after its end
	return c
}

func setLogger(t testing.TB, c *otelsli.Catalog, h slog.Handler) {
	t.Helper()
	if err := c.Configure(otelsli.WithLogger(slog.New(h))); err != nil {
		t.Errorf("otelslitest: set the logger of a catalog: %v", err)
	}
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
