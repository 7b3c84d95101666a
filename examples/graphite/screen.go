package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// A screen prints headings and lines, in colour on a terminal.
type screen struct {
	w      io.Writer
	colour bool
	total  int
}

func newScreen(f *os.File) *screen {
	terminal := term.IsTerminal(int(f.Fd()))
	return &screen{w: f, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

var about = map[string]string{
	"graphite":        "plaintext, attributes as nodes of the path",
	"graphite-tagged": "plaintext with the tags of Graphite 1.1",
	"opentsdb":        "put lines with tags",
	errorBudget:       "put lines of the SLIs for an error-budget agent: what was counted since the last send",
}

// lines shows what a receiver has read.
func (s *screen) lines(format, text string, took time.Duration) {
	list := slices.Collect(strings.Lines(text))
	s.total += len(list)
	fmt.Fprintf(s.w, "%s\n", s.style(bold, format)+"  "+about[format])
	fmt.Fprintf(s.w, "%s\n\n", s.style(faint, fmt.Sprintf("%d lines, %d bytes, acknowledged after %v",
		len(list), len(text), took.Round(10*time.Microsecond))))
	for _, line := range list {
		fmt.Fprintf(s.w, "  %s\n", s.line(strings.TrimSuffix(line, "\n")))
	}
	fmt.Fprintln(s.w)
}

// line dims the tags of a put line and the tail of other lines, so that names stand out.
func (s *screen) line(text string) string {
	cut := strings.IndexByte(text, ' ')
	if rest, ok := strings.CutPrefix(text, "put "); ok {
		cut = len("put ") + strings.IndexByte(rest, ' ')
	}
	return text[:cut] + s.style(faint, text[cut:])
}

func (s *screen) sent(format, server string, took time.Duration) {
	fmt.Fprintf(s.w, "%s lines are acknowledged by %s after %v: its application has read them all.\n",
		s.style(bold, format), server, took.Round(10*time.Microsecond))
}

func (s *screen) end() {
	fmt.Fprintf(s.w, "The receiver had read all %d lines when they were taken for acknowledged.\n", s.total)
	fmt.Fprintln(s.w, "Send them to a real one: go run ./examples/graphite -server tcp://localhost:2003 -format graphite")
}

func (s *screen) style(code, text string) string {
	if !s.colour {
		return text
	}
	return code + text + plain
}
