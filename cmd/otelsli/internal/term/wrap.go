package term

import "strings"

// Wrap breaks a line at spaces so that no part is wider than most columns, unless a single word is. Lines
// after the first are indented by indent spaces. Leading spaces are kept.
func Wrap(line string, most, indent int) string {
	text := strings.TrimLeft(line, " ")
	var lines []string
	current := line[:len(line)-len(text)]
	begun := false // the current line has a word
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case !begun:
			current += word
		case width(current)+1+width(word) > most:
			lines = append(lines, strings.TrimRight(current, " "))
			current = strings.Repeat(" ", indent) + word
		default:
			current += " " + word
		}
		begun = true
	}
	return strings.Join(append(lines, current), "\n")
}
