package term

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Table aligns the cells of its rows. The zero Table is empty and ready to use.
type Table struct {
	Indent string // printed before each row
	rows   [][]string
}

// Row adds a row.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

const gap = "  "

// Width returns the width of the table in columns.
func (t *Table) Width() int {
	all := len(t.Indent)
	for i, w := range t.widths() {
		if i > 0 {
			all += len(gap)
		}
		all += w
	}
	return all
}

// Without removes a column, counting from 0.
func (t *Table) Without(column int) {
	for i, row := range t.rows {
		if column < len(row) {
			t.rows[i] = slices.Delete(slices.Clone(row), column, column+1)
		}
	}
}

// WriteTo writes all rows, without trailing spaces.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	var text strings.Builder
	widths := t.widths()
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-width(cell)) + gap)
		}
		text.WriteString(strings.TrimRight(t.Indent+line.String(), " ") + "\n")
	}
	n, err := io.WriteString(w, text.String())
	return int64(n), err
}

func (t *Table) widths() (widths []int) {
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	return widths
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func width(cell string) int { return utf8.RuneCountInString(escape.ReplaceAllString(cell, "")) }
