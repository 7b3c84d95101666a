package simulatecmd

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

// symbols are the characters that a picture is drawn with.
type symbols struct {
	levels    []string // of a cell, from the lowest to full
	threshold string
	ruler     string
	corner    string
	firing    string
	incident  string
}

var (
	unicodeSymbols = symbols{[]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, "┄", "─", "└", "█", "━"}
	asciiSymbols   = symbols{[]string{".", ":", "#"}, "-", "-", "+", "#", "="}
)

// symbolsFor returns the symbols that the terminal can show, judging by the locale.
func symbolsFor(ascii bool) symbols {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			if !ascii && (strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")) {
				return unicodeSymbols
			}
			break
		}
	}
	return asciiSymbols
}

// A picture draws results.
type picture struct {
	app   *cli.App
	width int
	symbols
}

const (
	rows      = 10  // of the chart
	leastBurn = 0.1 // at the bottom of the chart
	mostBurn  = 20  // at the top of the chart, or higher
)

func (p picture) line(text string) { fmt.Fprintln(p.app.Out, strings.TrimRight(text, " ")) }

func (p picture) write(r *simulate.Result) {
	p.line("")
	p.line(p.app.Style.Bold(fmt.Sprintf("%s, %s: %s over %s", r.SLI, r.SLO, percent(r.Target), rules.Duration(r.Period))))
	p.chart(r)
	p.line("")
	p.alerts(r)
	p.line(term.Wrap(p.cost(r), p.width, 0))
}

// tiers returns all tiers of a result.
func tiers(r *simulate.Result) []rules.Tier {
	var all []rules.Tier
	seen := make(map[string]bool)
	for _, a := range r.Alerts {
		if !seen[a.Tier.Name] {
			seen[a.Tier.Name] = true
			all = append(all, a.Tier)
		}
	}
	return append(all, r.Quiet...)
}

// margin returns the width of the text to the left of the chart.
func margin(r *simulate.Result) int {
	width := len("incident")
	for _, t := range tiers(r) {
		width = max(width, len(t.Name))
	}
	return width + 1
}

// columns returns the highest burn rate within each of n columns.
func columns(r *simulate.Result, n int) []float64 {
	burns := make([]float64, n)
	points := len(r.Curve)
	if points == 0 {
		return burns
	}
	for c := range burns {
		from, to := (c*points+n-1)/n, ((c+1)*points+n-1)/n
		if from == to { // there are more columns than points
			from = c * points / n
		}
		for _, point := range r.Curve[from:max(from+1, to)] {
			burns[c] = max(burns[c], point.Burn)
		}
	}
	return burns
}

// height returns the position of a burn rate, in rows from the bottom.
func height(burn, top float64) float64 {
	if burn < leastBurn {
		return 0
	}
	return rows * math.Log(burn/leastBurn) / math.Log(top/leastBurn)
}

// chart draws the burn rate over time on a logarithmic scale, with the factors of the tiers.
func (p picture) chart(r *simulate.Result) {
	left := margin(r)
	n := p.width - left - 1
	burns := columns(r, n)
	top := float64(mostBurn)
	for _, b := range burns {
		top = max(top, b*1.2)
	}
	labels := make(map[int]string)
	for _, t := range tiers(r) {
		labels[int(height(t.Factor, top))] = number(t.Factor) + "x"
	}
	p.line(p.app.Style.Dim(fmt.Sprintf("%*s burn rate over %s; at 1x the budget lasts exactly one period", left, "", rules.Duration(5*step(r)))))
	for row := rows - 1; row >= 0; row-- {
		label, marked := labels[row]
		line := p.app.Style.Dim(fmt.Sprintf("%*s ", left-1, label))
		line += p.row(burns, row, top, marked)
		p.line(line)
	}
	p.axis(r, left, n)
	p.bars(r, left, n)
}

// row draws one row of the chart.
func (p picture) row(burns []float64, row int, top float64, marked bool) string {
	var b strings.Builder
	empty := " "
	if marked {
		empty = p.threshold
	}
	var pending strings.Builder
	flush := func() {
		b.WriteString(p.app.Style.Dim(pending.String()))
		pending.Reset()
	}
	for _, burn := range burns {
		filled := height(burn, top) - float64(row)
		if filled <= 0 {
			pending.WriteString(empty)
			continue
		}
		flush()
		level := min(int(filled*float64(len(p.levels))), len(p.levels)-1)
		cell := p.levels[level]
		if burn >= 1 {
			cell = p.app.Style.Bad(cell)
		}
		b.WriteString(cell)
	}
	flush()
	return b.String()
}

// axis draws the time axis.
func (p picture) axis(r *simulate.Result, left, n int) {
	p.line(strings.Repeat(" ", left-1) + p.corner + strings.Repeat(p.ruler, n))
	line := []byte(strings.Repeat(" ", n+8))
	end := 0
	for i := range 5 {
		at := until(r) * time.Duration(i) / 4
		text := rules.Duration(at.Round(granularity(until(r))))
		if i == 0 {
			text = "0"
		}
		column := i * (n - 1) / 4
		if i == 4 {
			column = n - len(text)
		}
		if column >= end {
			copy(line[column:], text)
			end = column + len(text) + 1
		}
	}
	p.line(strings.Repeat(" ", left) + string(line))
}

// step returns the time between two points of the curve.
func step(r *simulate.Result) time.Duration {
	if len(r.Curve) < 2 {
		return rules.DefaultInterval
	}
	return r.Curve[1].At - r.Curve[0].At
}

// until returns the time of the last point of the curve.
func until(r *simulate.Result) time.Duration {
	if len(r.Curve) == 0 {
		return r.Lasts
	}
	return r.Curve[len(r.Curve)-1].At
}

// granularity returns the unit to which the times of the axis are rounded.
func granularity(all time.Duration) time.Duration {
	switch {
	case all > 4*24*time.Hour:
		return time.Hour
	case all > 12*time.Hour:
		return 10 * time.Minute
	}
	return time.Minute
}

// bars draws how long the incident lasts, and when each alert fires.
func (p picture) bars(r *simulate.Result, left, n int) {
	bar := func(name, symbol string, paint func(string) string, spans ...[2]time.Duration) {
		var b strings.Builder
		for c := range n {
			from := until(r) * time.Duration(c) / time.Duration(n)
			to := until(r) * time.Duration(c+1) / time.Duration(n)
			cell := " "
			for _, s := range spans {
				if s[0] < to && s[1] > from {
					cell = symbol
				}
			}
			b.WriteString(cell)
		}
		text := strings.TrimRight(b.String(), " ")
		blank := text[:len(text)-len(strings.TrimLeft(text, " "))]
		p.line(fmt.Sprintf("%-*s%s%s", left, name, blank, paint(strings.TrimLeft(text, " "))))
	}
	bar("incident", p.incident, p.app.Style.Warn, [2]time.Duration{0, r.Lasts})
	for _, t := range tiers(r) {
		var spans [][2]time.Duration
		for _, a := range r.Alerts {
			if a.Tier.Name == t.Name {
				spans = append(spans, [2]time.Duration{a.From, a.To})
			}
		}
		if len(spans) > 0 {
			bar(t.Name, p.firing, p.app.Style.Bad, spans...)
		}
	}
}

// maxListed limits how many firings of alerts are listed.
const maxListed = 12

// alerts lists when each alert fires and ends.
func (p picture) alerts(r *simulate.Result) {
	var table term.Table
	for i, a := range r.Alerts {
		if i == maxListed {
			table.Row(p.app.Style.Dim(fmt.Sprintf("… and %d more", len(r.Alerts)-maxListed)))
			break
		}
		ends := "still firing"
		if a.Ended {
			ends = "ends at " + rules.Duration(a.To)
			if after := a.To - r.Lasts; after >= 0 {
				ends += fmt.Sprintf(", %s after", rules.Duration(after))
			}
		}
		table.Row(p.app.Style.Bad(a.Tier.Name), a.Tier.Severity, "fires at "+rules.Duration(a.From), percent(a.Burnt)+" burnt", ends)
	}
	for _, t := range r.Quiet {
		table.Row(p.app.Style.Dim(t.Name), p.app.Style.Dim(t.Severity), p.app.Style.Dim("quiet"))
	}
	_, _ = table.WriteTo(p.app.Out) // like all writes to the terminal
}

// cost returns a sentence about what the incident costs.
func (p picture) cost(r *simulate.Result) string {
	text := fmt.Sprintf("Costs %s of the budget: %d of %d events were bad; %s are allowed in %s.",
		p.app.Style.Bold(percent(r.Consumed)), r.Bad, r.Events, strconv.FormatFloat(math.Round(r.Allowed), 'f', 0, 64), rules.Duration(r.Period))
	if r.Exhausted >= 0 {
		text += " " + p.app.Style.Bad("The whole budget is spent after "+rules.Duration(r.Exhausted)+".")
	}
	return text
}

func percent(ratio float64) string { return digits(100*ratio, significant(ratio)) + "%" }

// digits formats a number with n significant digits, and never with an exponent.
func digits(f float64, n int) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', n, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// significant returns how many digits of a ratio are shown: all for objectives, three for others.
func significant(ratio float64) int {
	if ratio > 0.9 && ratio < 1 {
		return 8
	}
	return 3
}

func number(f float64) string { return digits(f, 4) }
