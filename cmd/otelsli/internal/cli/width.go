package cli

import (
	"os"

	"golang.org/x/term"
)

// Widths of text. Where the output is no terminal it is as wide as people read best.
const (
	defaultWidth = 80
	minWidth     = 40
)

// Width returns how many columns the output has: those of the terminal, or 80.
func (a *App) Width() int {
	f, ok := a.Out.(*os.File)
	if !ok {
		return defaultWidth
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < minWidth {
		return defaultWidth
	}
	return width
}
