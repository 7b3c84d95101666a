package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// ErrProblems ends a command that has found, and printed, what is wrong. It is exit status 1.
var ErrProblems = errors.New("problems were found")

// An App is what commands read and write.
type App struct {
	Out, Err io.Writer
	Format   Format     // of -o
	Style    term.Style // of Out
	Live     bool       // Err is a terminal, where a line can be written over
}

// Standard returns an App on the streams of the process. There is colour on a terminal, unless
// NO_COLOR is set.
func Standard() *App {
	return &App{
		Out:   os.Stdout,
		Err:   os.Stderr,
		Style: term.StyleOf(os.Stdout, os.Getenv("NO_COLOR"), os.Getenv("TERM")),
		Live:  term.IsTerminal(os.Stderr),
	}
}

// Print writes v as JSON where -o asks for it, and calls text otherwise.
func (a *App) Print(v any, text func()) error {
	if a.Format != JSON {
		text()
		return nil
	}
	encoder := json.NewEncoder(a.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
