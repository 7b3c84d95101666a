package rules

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.yaml.in/yaml/v3"
)

type groupYAML struct {
	Name        any        `yaml:"name"`
	Interval    string     `yaml:"interval"`
	QueryOffset string     `yaml:"query_offset,omitempty"`
	EvalDelay   string     `yaml:"eval_delay,omitempty"` // what vmalert calls it
	Rules       []ruleYAML `yaml:"rules"`
}

// Text fields are of type any: see quoted.
type ruleYAML struct {
	Record        any    `yaml:"record,omitempty"`
	Alert         any    `yaml:"alert,omitempty"`
	Expr          any    `yaml:"expr"`
	For           string `yaml:"for,omitempty"`
	KeepFiringFor string `yaml:"keep_firing_for,omitempty"`
	Labels        any    `yaml:"labels,omitempty"`
	Annotations   any    `yaml:"annotations,omitempty"`
}

// quoted returns the text, forced into quotes where the library wrongly omits them: it uses block
// style even if the first line begins with a tab or a line ends with a Unicode separator.
func quoted(text string) any {
	if plain(text) {
		return text
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Tag: "!!str", Value: text}
}

func plain(text string) bool {
	return !strings.ContainsAny(text, "\u2028\u2029") && !(strings.Contains(text, "\n") && strings.Contains(text, "\t"))
}

func optionalText(text string) any {
	if text == "" {
		return nil
	}
	return quoted(text)
}

// quotedValues applies quoted to the values of m. It returns nil if m is empty.
func quotedValues(m map[string]string) any {
	if len(m) == 0 {
		return nil
	}
	for _, v := range m {
		if !plain(v) {
			values := make(map[string]any, len(m))
			for k, v := range m {
				values[k] = quoted(v)
			}
			return values
		}
	}
	return m
}

// groupsAtOnce is how many groups go through one encoder. An encoder keeps all it has ever encoded,
// which makes a thousand SLIs in one piece five times slower; but each one has large buffers.
const groupsAtOnce = 8

// encodeGroups encodes on all CPUs, because a thousand SLIs make tens of megabytes. It returns when all
// workers are done.
func (d document) encodeGroups() ([][]byte, error) {
	parts := slices.Collect(slices.Chunk(d.groups, groupsAtOnce))
	texts, errs := make([][]byte, len(parts)), make([]error, len(parts))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			var buffer bytes.Buffer
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				buffer.Reset()
				errs[i] = encode(&buffer, d.toYAML(parts[i]))
				texts[i] = indented(buffer.Bytes(), d.indent)
			}
		})
	}
	workers.Wait()
	return texts, errors.Join(errs...)
}

func encode(w io.Writer, v any) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return err
	}
	return e.Close()
}

// indented indents every line that is not empty, which does not change the meaning of the YAML.
func indented(text []byte, indent string) []byte {
	b := make([]byte, 0, len(text)+len(text)/8)
	for line := range bytes.Lines(text) {
		if len(line) > 1 {
			b = append(b, indent...)
		}
		b = append(b, line...)
	}
	return b
}

func (d document) toYAML(groups []Group) []groupYAML {
	list := make([]groupYAML, 0, len(groups))
	for _, g := range groups {
		y := groupYAML{Name: quoted(g.Name), Interval: Duration(g.Interval)}
		if d.evalDelay {
			y.EvalDelay = optional(g.QueryOffset)
		} else {
			y.QueryOffset = optional(g.QueryOffset)
		}
		for _, r := range g.Rules {
			y.Rules = append(y.Rules, ruleYAML{
				Record:        optionalText(r.Record),
				Alert:         optionalText(r.Alert),
				Expr:          quoted(r.Expr),
				For:           optional(r.For),
				KeepFiringFor: optional(r.KeepFiringFor),
				Labels:        quotedValues(r.Labels),
				Annotations:   quotedValues(r.Annotations),
			})
		}
		list = append(list, y)
	}
	return list
}

func optional(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return Duration(d)
}
