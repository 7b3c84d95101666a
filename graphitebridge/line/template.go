package line

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// DefaultTemplate is the default template for metric names.
const DefaultTemplate = "{prefix}.{name}{suffix}"

// Placeholders of a template; any other one with a dot in it is a resource attribute.
const (
	placeholderPrefix     = "prefix"
	placeholderName       = "name"
	placeholderSuffix     = "suffix"
	placeholderScope      = "scope"
	placeholderInstance   = "instance"
	placeholderAttributes = "attributes"
)

var placeholders = []string{
	placeholderPrefix, placeholderName, placeholderSuffix, placeholderScope, placeholderInstance, placeholderAttributes,
}

// A template is a list of literals and placeholders.
type template []segment

type segment struct {
	text        string // the literal, or the name of the placeholder
	placeholder bool
}

func (t template) has(placeholder string) bool {
	return slices.Contains(t, segment{placeholder, true})
}

// parseTemplate parses and validates a template for a format.
func parseTemplate(text string, format Format) (template, error) {
	t, want := splitTemplate(text)
	if want == "" {
		want = t.wrong(format)
	}
	if want != "" {
		return nil, &otelsli.FieldError{Field: "line: Config.Template", Value: fmt.Sprintf("%.120q", text), Want: want}
	}
	if format == Graphite && !t.has(placeholderAttributes) {
		t = append(t, segment{text: "."}, segment{placeholderAttributes, true})
	}
	return t, nil
}

// splitTemplate parses a template. If its braces do not match, want says what would be right.
func splitTemplate(text string) (t template, want string) {
	for text != "" {
		open := strings.IndexAny(text, "{}")
		if open < 0 {
			return append(t, segment{text: text}), ""
		}
		if open > 0 {
			t = append(t, segment{text: text[:open]})
		}
		length := strings.IndexAny(text[open+1:], "{}")
		if text[open] == '}' || length < 0 || text[open+1+length] == '{' {
			return nil, "every { closed by a }, such as " + DefaultTemplate
		}
		t = append(t, segment{text[open+1 : open+1+length], true})
		text = text[open+1+length+1:]
	}
	return t, ""
}

// wrong says what would be right, or returns "" if t is.
func (t template) wrong(format Format) string {
	for _, s := range t {
		switch {
		case !s.placeholder:
			if partsOf[format].name.clean(s.text) != s.text {
				return fmt.Sprintf("text in characters that the format %v takes, unlike %.40q", format, s.text)
			}
		case s.text == placeholderAttributes && format != Graphite:
			return fmt.Sprintf("no {attributes}, which the format %v has as tags", format)
		case !strings.Contains(s.text, ".") && !slices.Contains(placeholders, s.text):
			return fmt.Sprintf("placeholders among {%s} and attributes of the resource such as {service.name}, not {%.40s}",
				strings.Join(placeholders, "}, {"), s.text)
		}
	}
	for _, needed := range []string{placeholderName, placeholderSuffix} {
		if !t.has(needed) {
			return fmt.Sprintf("{%s} in it, or lines of different metrics would have one name", needed)
		}
	}
	return ""
}

// expand replaces the placeholders. The result is not yet safe, except for what value makes safe.
func (t template) expand(value func(placeholder string) string) string {
	var b strings.Builder
	for _, s := range t {
		if s.placeholder {
			b.WriteString(value(s.text))
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}
