package line

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A charset is the set of characters that one part of a line may contain. Every other character,
// and every byte of invalid UTF-8, becomes one "_".
type charset func(rune) bool

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// inNode is the set that every Graphite receiver and its query language accept in a path node.
func inNode(r rune) bool { return isAlphanumeric(r) || r == '_' || r == '-' || r == ':' }

func inPath(r rune) bool { return inNode(r) || r == '.' }

// inPut is OpenTSDB's set without letters beyond ASCII: over telnet it reads them byte by byte.
func inPut(r rune) bool {
	return isAlphanumeric(r) || r == '_' || r == '-' || r == '.' || r == '/'
}

// inTagValue is the set that carbon accepts in a tag value, without what splits its lines (white
// space of any script) and what is invisible.
func inTagValue(r rune) bool {
	return r != ';' && r != ' ' && r != utf8.RuneError && unicode.IsPrint(r)
}

// inTagKey is [inTagValue] without the operators of tag expressions.
func inTagKey(r rune) bool {
	return inTagValue(r) && r != '=' && r != '!' && r != '^'
}

// clean replaces the characters that are not in the set.
func (in charset) clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !in(r) {
			return '_'
		}
		return r
	}, s)
}

// parts are the character sets for the parts of a line, by format.
type parts struct{ name, node, key, value charset }

var partsOf = [formats]parts{
	Graphite:       {name: inPath, node: inNode, key: inNode, value: inNode},
	GraphiteTagged: {name: inPath, node: inNode, key: inTagKey, value: inTagValue},
	OpenTSDB: {
		name: inPut, key: inPut, value: inPut,
		node: func(r rune) bool { return inPut(r) && r != '.' },
	},
}

// cleanName returns a metric name of dotted nodes, none of them empty.
func (p parts) cleanName(s string) string {
	nodes := strings.FieldsFunc(p.name.clean(s), func(r rune) bool { return r == '.' })
	return strings.Join(nodes, ".")
}

// cleanValue returns a tag value. Carbon rejects one that begins with a tilde.
func (p parts) cleanValue(s string) string {
	s = p.value.clean(s)
	if strings.HasPrefix(s, "~") {
		s = "_" + s[1:]
	}
	return s
}
