package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

// A screen shows the report while the shop runs: a table that redraws itself on a terminal, one
// plain line a refresh elsewhere, one JSON object a refresh on request.
type screen struct {
	w        io.Writer
	terminal bool
	json     bool
	colour   bool
	height   func() int
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
		height: func() int {
			_, h, err := term.GetSize(int(f.Fd()))
			if err != nil || h < 10 {
				return 24
			}
			return h
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

// start tells where to look before there is anything to show.
func (s *screen) start() {
	if !s.json && !s.terminal {
		s.writeHints()
	}
}

// say prints a line for people.
func (s *screen) say(line string) {
	if !s.json {
		fmt.Fprintln(s.w, line)
	}
}

// refresh shows the report as it is now.
func (s *screen) refresh(rows []row) {
	running := time.Since(s.started).Round(time.Second)
	switch {
	case s.json:
		s.writeJSON("running", rows)
	case s.terminal:
		fmt.Fprintf(s.w, "%sotelsli quickstart, running for %v. Ctrl-C ends it.\n\n", clearScreen, running)
		table := s.table(rows)
		if room := s.height() - len(s.hints) - 4; len(table) > room {
			table = append(table[:max(room-1, 1)], fmt.Sprintf("… and %d more", len(table)-room+1))
		}
		fmt.Fprintln(s.w, strings.Join(table, "\n"))
		fmt.Fprintln(s.w)
		s.writeHints()
	default:
		total, failed, slow, ignored := sum(rows)
		fmt.Fprintf(s.w, "%4v  %d events, %d failed, %d slow, %d ignored, fastest burn %s\n",
			running, total, failed, slow, ignored, fastestBurn(rows))
	}
}

// final shows the report once more, whole.
func (s *screen) final(rows []row) {
	if s.json {
		s.writeJSON("final", rows)
		return
	}
	if s.terminal {
		fmt.Fprint(s.w, clearScreen)
	}
	fmt.Fprintf(s.w, "\nFinal totals after %v\n\n%s\n", time.Since(s.started).Round(time.Second), strings.Join(s.table(rows), "\n"))
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

// table lays the rows out as lines, the heading first.
func (s *screen) table(rows []row) []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "TOTAL\tFAILED\tSLOW\tIGNORED\tSUCCESS\tAPDEX\tOBJECTIVE\tBURN\t")
	for _, r := range rows {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t\n", r.Total, r.Failed, r.Slow, r.Ignored,
			percent(r.SuccessRatio), ratio(r.Apdex), objective(r.Objective), burn(r.BurnRate))
	}
	_ = w.Flush() // a strings.Builder takes everything
	numbers := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	names := names(rows)
	lines := make([]string, len(numbers))
	for i := range numbers {
		lines[i] = names[i] + numbers[i]
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

// names lays out the columns on the left: each SLI is named once.
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
