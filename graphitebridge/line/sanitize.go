package line

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Each of these is a set of characters that one part of a line may hold. What is not in it becomes
// "_", one for one, as does each byte of what is no UTF-8.
type charset func(rune) bool

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// inNode is the set that every Graphite receiver and its query language take in a node of a path.
func inNode(r rune) bool { return isAlphanumeric(r) || r == '_' || r == '-' || r == ':' }

func inPath(r rune) bool { return inNode(r) || r == '.' }

// inPut is OpenTSDB's set, less the letters beyond ASCII: over telnet it reads them byte by byte.
func inPut(r rune) bool {
	return isAlphanumeric(r) || r == '_' || r == '-' || r == '.' || r == '/'
}

// inTagValue is what carbon takes in the value of a tag, less what splits its lines (white space of
// any script) and what cannot be seen.
func inTagValue(r rune) bool {
	return r != ';' && r != ' ' && r != utf8.RuneError && unicode.IsPrint(r)
}

// inTagKey is [inTagValue] less the operators of tag expressions.
func inTagKey(r rune) bool {
	return inTagValue(r) && r != '=' && r != '!' && r != '^'
}

// clean replaces what is not in the set.
func (in charset) clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !in(r) {
			return '_'
		}
		return r
	}, s)
}

// parts are the sets of the parts of a line, by format.
type parts struct{ name, node, key, value charset }

var partsOf = [formats]parts{
	Graphite:       {name: inPath, node: inNode, key: inNode, value: inNode},
	GraphiteTagged: {name: inPath, node: inNode, key: inTagKey, value: inTagValue},
	OpenTSDB: {
		name: inPut, key: inPut, value: inPut,
		node: func(r rune) bool { return inPut(r) && r != '.' },
	},
}

// cleanName makes a metric name of dotted nodes, none of them empty.
func (p parts) cleanName(s string) string {
	nodes := strings.FieldsFunc(p.name.clean(s), func(r rune) bool { return r == '.' })
	return strings.Join(nodes, ".")
}

// cleanValue makes the value of a tag. One that begins with a tilde is refused by carbon.
func (p parts) cleanValue(s string) string {
	s = p.value.clean(s)
	if strings.HasPrefix(s, "~") {
		s = "_" + s[1:]
	}
	return s
}
