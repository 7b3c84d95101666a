package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
)

func ExampleApp_Print() {
	app := &cli.App{Out: os.Stdout, Format: cli.JSON}
	_ = app.Print(map[string]string{"url": "https://a?b&c"}, func() { fmt.Println("for people") })
	app.Format = cli.Text
	_ = app.Print(nil, func() { fmt.Println("for people") })
	// Output:
	// {
	//   "url": "https://a?b&c"
	// }
	// for people
}

func TestFormat(t *testing.T) {
	t.Parallel()
	var f cli.Format
	if f.String() != "text" || f.Type() != "text|json" {
		t.Errorf("%q, %q", f.String(), f.Type())
	}
	for _, text := range cli.Formats {
		if err := f.Set(text); err != nil || f.String() != text {
			t.Errorf("%q: %q, %v", text, f, err)
		}
	}
	if err := f.Set("JSON"); err == nil || f != cli.JSON {
		t.Errorf("%q, %v", f, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestPrintSaysWhatFailed(t *testing.T) {
	t.Parallel()
	app := &cli.App{Out: broken{}, Err: new(bytes.Buffer), Format: cli.JSON}
	if err := app.Print(1, nil); err == nil {
		t.Error("no error")
	}
	if app := cli.Standard(); app.Out != os.Stdout || app.Err != os.Stderr {
		t.Errorf("%+v", app)
	}
}
