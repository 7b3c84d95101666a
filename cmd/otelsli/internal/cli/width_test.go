package cli_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, app := range []*cli.App{{Out: new(bytes.Buffer)}, {Out: file}} {
		if got := app.Width(); got != 80 {
			t.Errorf("%T is %d columns wide", app.Out, got)
		}
	}
}
