package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

// A screen shows the report while the shop runs: a self-updating table on a terminal, one plain
// line per refresh elsewhere, or one JSON object per refresh on request.
type screen struct {
	w        io.Writer
	terminal bool
	json     bool
	colour   bool
	size     func() (width, height int)
	hints    []string
	started  time.Time
}

func newScreen(f *os.File, asJSON bool, hints []string) *screen {
	terminal := term.IsTerminal(int(f.Fd())) && !asJSON
	return &screen{
		w:        f,
		terminal: terminal,
		json:     asJSON,
		colour:   terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		size: func() (width, height int) {
			width, height, err := term.GetSize(int(f.Fd()))
			if err != nil || height < 10 {
				return 80, 24
			}
			return width, height
		},
		hints:   hints,
		started: time.Now(),
	}
}

const (
	clearScreen = "\x1b[H\x1b[2J"
	bold        = "\x1b[1m"
	red         = "\x1b[31m"
	plain       = "\x1b[0m"
)

// start prints where to look before there is anything to show.
func (s *screen) start() {
	if !s.json && !s.terminal {
		s.writeHints()
	}
}

// say prints a line for humans.
func (s *screen) say(line string) {
	if !s.json {
		fmt.Fprintln(s.w, line)
	}
}

// refresh shows the current report.
func (s *screen) refresh(rows []row) {
	running := time.Since(s.started).Round(time.Second)
	switch {
	case s.json:
		s.writeJSON("running", rows)
	case s.terminal:
		fmt.Fprintf(s.w, "%sotelsli quickstart, running for %v. Ctrl-C ends it.\n\n", clearScreen, running)
		width, height := s.size()
		table := s.table(rows, width)
		if room := height - len(s.hints) - 4; len(table) > room {
			table = append(table[:max(room-1, 1)], fmt.Sprintf("… and %d more", len(table)-room+1))
		}
		fmt.Fprintln(s.w, strings.Join(table, "\n"))
		fmt.Fprintln(s.w)
		for _, h := range s.hints {
			fmt.Fprintln(s.w, cut(h, width))
		}
	default:
		total, failed, slow, ignored := sum(rows)
		fmt.Fprintf(s.w, "%4v  %d events, %d failed, %d slow, %d ignored, fastest burn %s\n",
			running, total, failed, slow, ignored, fastestBurn(rows))
	}
}

// final shows the whole report once more.
func (s *screen) final(rows []row) {
	if s.json {
		s.writeJSON("final", rows)
		return
	}
	width := math.MaxInt
	if s.terminal {
		width, _ = s.size()
		fmt.Fprint(s.w, clearScreen)
	}
	fmt.Fprintf(s.w, "\nFinal totals after %v\n\n%s\n", time.Since(s.started).Round(time.Second), strings.Join(s.table(rows, width), "\n"))
}

func (s *screen) writeJSON(state string, rows []row) {
	_ = json.NewEncoder(s.w).Encode(map[string]any{
		"state":           state,
		"elapsed_seconds": time.Since(s.started).Seconds(),
		"series":          rows,
	})
}

func (s *screen) writeHints() {
	for _, h := range s.hints {
		fmt.Fprintln(s.w, h)
	}
}

// A column of the table.
type column struct {
	title string
	text  func(row) string
	wide  bool // omitted if there is little room
}

var columns = []column{
	{"TOTAL", func(r row) string { return strconv.FormatInt(r.Total, 10) }, false},
	{"FAILED", func(r row) string { return strconv.FormatInt(r.Failed, 10) }, false},
	{"SLOW", func(r row) string { return strconv.FormatInt(r.Slow, 10) }, true},
	{"IGNORED", func(r row) string { return strconv.FormatInt(r.Ignored, 10) }, true},
	{"SUCCESS", func(r row) string { return percent(r.SuccessRatio) }, false},
	{"APDEX", func(r row) string { return ratio(r.Apdex) }, false},
	{"OBJECTIVE", func(r row) string { return objective(r.Objective) }, true},
	{"BURN", func(r row) string { return burn(r.BurnRate) }, false},
}

// wideTable is the width from which all columns are shown.
const wideTable = 110

// table formats the rows as lines no wider than width, beginning with the heading.
func (s *screen) table(rows []row, width int) []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(text func(column) string) {
		for _, c := range columns {
			if !c.wide || width >= wideTable {
				fmt.Fprint(w, text(c), "\t")
			}
		}
		fmt.Fprintln(w)
	}
	line(func(c column) string { return c.title })
	for _, r := range rows {
		line(func(c column) string { return c.text(r) })
	}
	_ = w.Flush() // writing to a strings.Builder cannot fail
	numbers := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	lines := make([]string, len(numbers))
	for i, name := range names(rows) {
		lines[i] = cut(name+numbers[i], width)
		switch {
		case !s.colour:
		case i == 0:
			lines[i] = bold + lines[i] + plain
		case burns(rows[i-1]):
			lines[i] = red + lines[i] + plain
		}
	}
	return lines
}

// cut shortens a line to a width.
func cut(line string, width int) string {
	if runes := []rune(line); len(runes) > width {
		return string(runes[:width])
	}
	return line
}

// names formats the columns on the left: each SLI is named once.
func names(rows []row) []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SLI\tLABELS\t")
	previous := ""
	for _, r := range rows {
		name := r.SLI
		if name == previous {
			name = ""
		}
		previous = r.SLI
		fmt.Fprintf(w, "%s\t%s\t\n", name, r.labels)
	}
	_ = w.Flush()
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func burns(r row) bool { return r.BurnRate != nil && *r.BurnRate > 1 }

func fastestBurn(rows []row) string {
	var fastest *float64
	for _, r := range rows {
		if r.BurnRate != nil && (fastest == nil || *r.BurnRate > *fastest) {
			fastest = r.BurnRate
		}
	}
	return burn(fastest)
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*(*v))
}

func ratio(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f", *v)
}

func objective(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.4g %%", 100*v)
}

func burn(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.1fx", *v)
}
