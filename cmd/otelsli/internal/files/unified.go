package files

import (
	"fmt"
	"slices"
	"strings"
)

// context is the number of unchanged lines shown around a difference.
const context = 3

// Unified returns the difference between two texts in the unified format, or "" if they are equal.
func Unified(oldName, newName, old, now string) string {
	edits := compare(lines(old), lines(now))
	var b strings.Builder
	for i := 0; i < len(edits); {
		if edits[i].kind == ' ' {
			i++
			continue
		}
		first, last := max(0, i-context), hunkEnd(edits, i)
		writeHunk(&b, edits, first, last)
		i = last
	}
	if b.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("--- %s\n+++ %s\n%s", oldName, newName, &b)
}

func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
	return all
}

// An edit is a line that is kept (' '), removed ('-') or added ('+').
type edit struct {
	kind byte
	line string
}

// hunkEnd returns the end of the hunk around edit i: differences with few lines between them share one.
func hunkEnd(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j-last <= 2*context; j++ {
		if edits[j].kind != ' ' {
			last = j
		}
	}
	return min(len(edits), last+1+context)
}

func writeHunk(b *strings.Builder, edits []edit, first, last int) {
	oldLine, newLine := 1, 1
	for _, e := range edits[:first] {
		oldLine, newLine = oldLine+e.inOld(), newLine+e.inNew()
	}
	oldCount, newCount := 0, 0
	for _, e := range edits[first:last] {
		oldCount, newCount = oldCount+e.inOld(), newCount+e.inNew()
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", span(oldLine, oldCount), span(newLine, newCount))
	for _, e := range edits[first:last] {
		fmt.Fprintf(b, "%c%s\n", e.kind, e.line)
	}
}

// span formats a range of lines. An empty range gets the number of the line before it.
func span(line, count int) string {
	if count == 0 {
		line--
	}
	return fmt.Sprintf("%d,%d", line, count)
}

func (e edit) inOld() int {
	if e.kind == '+' {
		return 0
	}
	return 1
}

func (e edit) inNew() int {
	if e.kind == '-' {
		return 0
	}
	return 1
}

// compare returns the edits from old to now. It strips the equal lines at both ends, and keeps the longest
// common subsequence of the rest. If that would take too much memory, it replaces all of the rest.
func compare(old, now []string) []edit {
	var head, tail []edit
	for len(old) > 0 && len(now) > 0 && old[0] == now[0] {
		head = append(head, edit{' ', old[0]})
		old, now = old[1:], now[1:]
	}
	for len(old) > 0 && len(now) > 0 && old[len(old)-1] == now[len(now)-1] {
		tail = append(tail, edit{' ', old[len(old)-1]})
		old, now = old[:len(old)-1], now[:len(now)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(head, middle(old, now), tail)
}

// maxCells limits the size of the table of common subsequences.
const maxCells = 16 << 20

func middle(old, now []string) []edit {
	var all []edit
	common := func(int, int) int32 { return 0 }
	if len(old)*len(now) <= maxCells {
		common = subsequences(old, now)
	}
	i, j := 0, 0
	for i < len(old) || j < len(now) {
		switch {
		case i < len(old) && j < len(now) && old[i] == now[j] && common(i, j) > 0:
			all = append(all, edit{' ', old[i]})
			i, j = i+1, j+1
		case j == len(now) || i < len(old) && common(i+1, j) >= common(i, j+1):
			all = append(all, edit{'-', old[i]})
			i++
		default:
			all = append(all, edit{'+', now[j]})
			j++
		}
	}
	return all
}

// subsequences returns a function for the length of the longest common subsequence of old[i:] and now[j:].
func subsequences(old, now []string) func(i, j int) int32 {
	width := len(now) + 1
	table := make([]int32, (len(old)+1)*width)
	for i, a := range slices.Backward(old) {
		for j, b := range slices.Backward(now) {
			best := max(table[(i+1)*width+j], table[i*width+j+1])
			if a == b {
				best = table[(i+1)*width+j+1] + 1
			}
			table[i*width+j] = best
		}
	}
	return func(i, j int) int32 { return table[i*width+j] }
}
