// Package term writes aligned tables and colours for people.
//
//	style := term.StyleOf(os.Stdout, os.Getenv("NO_COLOR"), os.Getenv("TERM"))
//	t := term.Table{Indent: "  "}
//	t.Row(style.Bold("otlp"), "https://collector:4318", style.Good("delivered"))
//	t.WriteTo(os.Stdout)
//
// # Colour
//
// There is colour on a terminal alone, and not where NO_COLOR is set to anything
// (https://no-color.org) or TERM is dumb. Nothing is said by colour alone.
//
// # Alignment
//
// Columns are as wide as their widest cell, in characters; escape sequences have no width. Text from
// outside loses its control characters, or a value could move the cursor.
//
// # Concurrency
//
// Neither a Style nor a Table is for several goroutines at once.
package term

import (
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// A Style colours text. The zero Style leaves it as it is.
type Style struct{ colour bool }

// Coloured is a Style that colours, whatever it is written to.
func Coloured() Style { return Style{colour: true} }

// StyleOf returns the style for a file; noColor and terminal are the variables NO_COLOR and TERM.
func StyleOf(f *os.File, noColor, terminal string) Style {
	return Style{colour: noColor == "" && terminal != "dumb" && IsTerminal(f)}
}

// IsTerminal reports whether a file is a terminal.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Good is for what is well.
func (s Style) Good(text string) string { return s.paint("32", text) }

// Bad is for what is wrong.
func (s Style) Bad(text string) string { return s.paint("31", text) }

// Warn is for what deserves a look.
func (s Style) Warn(text string) string { return s.paint("33", text) }

// Dim is for what can be passed over.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Bold is for headings.
func (s Style) Bold(text string) string { return s.paint("1", text) }

func (s Style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Plain is text on one line and without control characters, for what comes from outside.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
}
