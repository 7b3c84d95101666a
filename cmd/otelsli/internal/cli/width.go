package cli

import (
	"os"

	"golang.org/x/term"
)

// Width of output that is not to a terminal, and the narrowest terminal whose width is used.
const (
	defaultWidth = 80
	minWidth     = 40
)

// Width returns the width of the output in columns: that of the terminal, or 80.
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
