package line

import (
	"fmt"
	"slices"
	"strings"
)

// A Format is the syntax of a line.
type Format uint8

const (
	// Graphite is the plaintext protocol, with attributes as nodes of the path. It is the zero value.
	Graphite Format = iota
	// GraphiteTagged is the plaintext protocol with the tags of Graphite 1.1.
	GraphiteTagged
	// OpenTSDB is the put command of OpenTSDB's telnet protocol.
	OpenTSDB

	formats = 3
)

// DefaultMaxTags is the maximum number of tags that OpenTSDB accepts, unless its
// tsd.storage.max_tags says otherwise.
const DefaultMaxTags = 8

// dialect is what distinguishes the formats.
type dialect struct {
	name     string
	maxLine  int // bytes, including the line feed
	maxTags  int // 0: no limit
	maxNode  int // bytes of one path node; 0: no limit
	inf      string
	reserved []string // keys with another meaning to the receiver
}

// The limit of a line is the lowest one known: OpenTSDB's frame decoder accepts 1024 bytes, carbon
// 16384. A node is the name of a file or directory, at most 255 bytes with ".wsp".
var dialects = [formats]dialect{
	Graphite:       {name: "graphite", maxLine: 8192, maxNode: 250, inf: "inf"},
	GraphiteTagged: {name: "graphite-tagged", maxLine: 8192, inf: "+Inf", reserved: []string{"name", "__name__"}},
	OpenTSDB:       {name: "opentsdb", maxLine: 1024, maxTags: DefaultMaxTags, inf: "inf", reserved: []string{"__name__"}},
}

func formatNames() []string {
	names := make([]string, formats)
	for i, d := range dialects {
		names[i] = d.name
	}
	return names
}

// String returns "graphite", "graphite-tagged" or "opentsdb".
func (f Format) String() string {
	if f < formats {
		return dialects[f].name
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// MarshalText is the inverse of [Format.UnmarshalText].
func (f Format) MarshalText() ([]byte, error) {
	if f >= formats {
		return nil, fmt.Errorf("line: %v: want Graphite, GraphiteTagged or OpenTSDB", f)
	}
	return []byte(dialects[f].name), nil
}

// UnmarshalText parses the text returned by [Format.String].
func (f *Format) UnmarshalText(text []byte) error {
	i := slices.Index(formatNames(), string(text))
	if i < 0 {
		return fmt.Errorf("line: format %q: want one of %s", text, strings.Join(formatNames(), ", "))
	}
	*f = Format(i)
	return nil
}
