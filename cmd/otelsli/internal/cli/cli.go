package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// ErrProblems is returned by a command that found problems and has printed them. It means exit status 1.
var ErrProblems = errors.New("problems were found")

// An App holds the streams and the output settings of a command.
type App struct {
	Out, Err io.Writer
	Format   Format     // value of -o
	Style    term.Style // of Out
	Live     bool       // Err is a terminal, on which a line can be overwritten
}

// Standard returns an App that writes to the streams of the process. Terminal output is coloured unless
// NO_COLOR is set or TERM is dumb.
func Standard() *App {
	return &App{
		Out:   os.Stdout,
		Err:   os.Stderr,
		Style: term.StyleOf(os.Stdout, os.Getenv("NO_COLOR"), os.Getenv("TERM")),
		Live:  term.IsTerminal(os.Stderr),
	}
}

// Print writes v as JSON if Format is [JSON], and calls text otherwise.
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
