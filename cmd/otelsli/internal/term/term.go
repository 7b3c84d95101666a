// Package term formats text for people: colours, aligned tables and wrapped lines.
//
//	style := term.StyleOf(os.Stdout, os.Getenv("NO_COLOR"), os.Getenv("TERM"))
//	t := term.Table{Indent: "  "}
//	t.Row(style.Bold("otlp"), "https://collector:4318", style.Good("delivered"))
//	t.WriteTo(os.Stdout)
//
// # Colour
//
// Only output to a terminal is coloured, and not if NO_COLOR is set to anything
// (https://no-color.org) or TERM is dumb. Colour alone never carries meaning.
//
// # Alignment
//
// Columns are as wide as their widest cell, in characters; escape sequences have no width. Pass text
// from outside through [Plain], which removes control characters: they could move the cursor.
//
// # Concurrency
//
// A Style is safe for concurrent use, a Table is not.
package term

import (
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// A Style colours text. The zero Style leaves text unchanged.
type Style struct{ colour bool }

// Coloured returns a Style that always colours.
func Coloured() Style { return Style{colour: true} }

// StyleOf returns the style for a file. noColor and terminal are the values of NO_COLOR and TERM.
func StyleOf(f *os.File, noColor, terminal string) Style {
	return Style{colour: noColor == "" && terminal != "dumb" && IsTerminal(f)}
}

// IsTerminal reports whether a file is a terminal.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Good marks success.
func (s Style) Good(text string) string { return s.paint("32", text) }

// Bad marks failure.
func (s Style) Bad(text string) string { return s.paint("31", text) }

// Warn marks what deserves attention.
func (s Style) Warn(text string) string { return s.paint("33", text) }

// Dim marks what can be skipped.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Bold marks headings.
func (s Style) Bold(text string) string { return s.paint("1", text) }

func (s Style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Plain makes text from outside safe to print: on one line, and without control characters.
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
