package otelsli

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A labelSchema reads the label values of one label type. It uses reflection, so it runs only when
// a series is created or looked up by its values, never for an event that finds its series.
type labelSchema struct {
	names  []string
	fields []int // index of the struct field of each name; nil if the type is an array
}

var (
	labelPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)*$`)

	// The first are reserved by Prometheus and its scrapers, the last by this package.
	reservedLabels = []string{
		"le", "quantile", "job", "instance",
		AttributeSLI, AttributeOutcome, AttributeSLO,
	}
	reservedLabelPrefixes = []string{"exported_", "otel_"}

	// scrapeLabels are label names that scrape configurations often set on the target, in which
	// case Prometheus renames ours to exported_….
	scrapeLabels = []string{"service", "namespace", "pod", "container", "endpoint", "cluster", "env"}

	stringerType = reflect.TypeFor[fmt.Stringer]()
)

// newLabelSchema derives the label names from t, a struct or an array of strings, and reports its
// problems to p. names is for arrays only. The result can read any value of type t, though not all
// of its labels if there are problems.
func newLabelSchema(t reflect.Type, names []string, p *problems) labelSchema {
	switch {
	case t.Kind() == reflect.Array && t.Elem().Kind() == reflect.String:
		if len(names) != t.Len() {
			p.add("labels", fmt.Sprintf("%v with %d names", t, len(names)), "the option WithLabelNames with %d names", t.Len())
			break
		}
		schema := labelSchema{names: names}
		schema.checkNames(p)
		return schema
	case names != nil:
		p.add("WithLabelNames", t, "labels of the type [%d]string", len(names))
	case t.Kind() == reflect.Struct:
		return structSchema(t, p)
	default:
		p.add("labels", t, "a struct, or an array of strings with the option WithLabelNames")
	}
	return labelSchema{}
}

func structSchema(t reflect.Type, p *problems) labelSchema {
	var s labelSchema
	for i := range t.NumField() {
		f := t.Field(i)
		path := "labels." + f.Name
		switch {
		case f.Anonymous:
			p.add(path, "an embedded "+f.Type.String(), "a named field")
		case !f.IsExported():
			p.add(path, "unexported", "an exported field")
		case !isLabelKind(f.Type.Kind()):
			p.add(path, f.Type, "a string, bool or integer")
		default:
			name, tagged := f.Tag.Lookup("sli")
			if !tagged {
				name = snakeCase(f.Name)
			}
			s.names = append(s.names, name)
			s.fields = append(s.fields, i)
		}
	}
	s.checkNames(p)
	return s
}

func isLabelKind(k reflect.Kind) bool {
	return k == reflect.String || k == reflect.Bool || (k >= reflect.Int && k <= reflect.Uintptr)
}

func (s labelSchema) checkNames(p *problems) {
	seen := make(map[string]bool, len(s.names))
	for _, name := range s.names {
		switch {
		case !labelPattern.MatchString(name):
			p.add("label", name, `letters, digits and single "_", starting with a letter`)
		case slices.Contains(reservedLabels, name), hasAnyPrefix(name, reservedLabelPrefixes):
			p.add("label", name, "another name: this one is set by Prometheus or by the library")
		case seen[name]:
			p.add("label", name, "every label name once")
		}
		seen[name] = true
	}
}

// overwritten returns the label names that a scrape configuration is likely to set itself.
func (s labelSchema) overwritten() []string {
	return slices.DeleteFunc(slices.Clone(s.names), func(name string) bool {
		return !slices.Contains(scrapeLabels, name)
	})
}

// values reads the label values of labels, in the order of the names.
func (s labelSchema) values(labels reflect.Value) []string {
	values := make([]string, len(s.names))
	for i := range values {
		if s.fields == nil {
			values[i] = labels.Index(i).String()
			continue
		}
		values[i] = labelValue(labels.Field(s.fields[i]))
	}
	return values
}

// labelValue formats one value: a string as it is, any other value with its String method if it has
// one, otherwise as a bool or in decimal.
func labelValue(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Type().Implements(stringerType):
		return v.Interface().(fmt.Stringer).String()
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	default:
		return strconv.FormatUint(v.Uint(), 10)
	}
}

// checkValues reports the values that cannot be declared.
func (s labelSchema) checkValues(values []string, p *problems) {
	for i, v := range values {
		if want := wrongValue(v); want != "" {
			p.add(fmt.Sprintf("declared labels %q: %s", abbreviate(values), s.names[i]), v, "%s", want)
		}
	}
}

// wrongValue returns what a declared value should be instead of v, or "" if v is valid.
func wrongValue(v string) string {
	switch {
	case v == "":
		return "a value: Prometheus cannot tell an empty one from none"
	case !utf8.ValidString(v):
		return "valid UTF-8"
	case len(v) > MaxLabelValueLength:
		return fmt.Sprintf("at most %d bytes, not %d", MaxLabelValueLength, len(v))
	case v == OverflowValue:
		return "another value: this one marks the overflow series"
	}
	return ""
}

// checkMap reports problems of a series' labels read from a description.
func (s labelSchema) checkMap(labels map[string]string, p *problems) {
	values := make([]string, len(s.names))
	for i, name := range s.names {
		values[i] = labels[name]
	}
	s.checkValues(values, p)
	for name := range labels {
		if !slices.Contains(s.names, name) {
			p.add("series", "a label "+name, "only the labels %v", s.names)
		}
	}
}

// canonical makes values fit for export, in place: valid UTF-8, not empty, of bounded length.
func canonical(values []string) {
	for i, v := range values {
		v = cut(strings.ToValidUTF8(v, string(utf8.RuneError)), MaxLabelValueLength)
		if v == "" {
			v = EmptyValue
		}
		values[i] = v
	}
}

// cut shortens valid UTF-8 to at most the given number of bytes, at a rune boundary.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// own clones the strings of labels in place, because what is kept of an event must not keep its
// request alive. It stops and returns false if one of them is too long to be kept at all.
func own(labels reflect.Value) bool {
	size, at := labels.Len, labels.Index
	if labels.Kind() == reflect.Struct {
		size, at = labels.NumField, labels.Field
	}
	for i := range size() {
		v := at(i)
		if v.Kind() != reflect.String {
			continue
		}
		if v.Len() > MaxLabelValueLength {
			return false
		}
		v.SetString(strings.Clone(v.String()))
	}
	return true
}

// identity joins canonical values into a key. 0xff never occurs in valid UTF-8.
func identity(values []string) string { return strings.Join(values, "\xff") }

func abbreviate(values []string) []string {
	short := slices.Clone(values)
	for i, v := range short {
		if len(v) > 40 {
			short[i] = cut(v, 40) + "…"
		}
	}
	return short
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(s, prefix) })
}

// snakeCase turns a Go field name into a label name: HTTPMethod becomes http_method.
func snakeCase(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		startsWord := unicode.IsUpper(r) && i > 0 &&
			(!unicode.IsUpper(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
		if startsWord && runes[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
