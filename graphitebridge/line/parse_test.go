package line_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// A parsed line. The parsers here follow the receivers' sources and share nothing with the package.
type parsed struct {
	Name    string
	Tags    map[string]string
	Seconds int64
	Value   float64
}

// parse reads one line as the strictest receiver of its format would.
func parse(format line.Format, text string) (parsed, error) {
	if !utf8.ValidString(text) {
		return parsed{}, fmt.Errorf("not UTF-8") // carbon drops the connection
	}
	body, ended := strings.CutSuffix(text, "\n")
	if !ended || strings.ContainsAny(body, "\r\n") {
		return parsed{}, fmt.Errorf("not exactly one line")
	}
	if format == line.OpenTSDB {
		return parsePut(body)
	}
	return parseGraphite(body, format == line.GraphiteTagged)
}

// parseGraphite is carbon's MetricLineReceiver: Python splits on any white space of Unicode.
func parseGraphite(body string, tagged bool) (p parsed, err error) {
	fields := strings.FieldsFunc(body, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
	if len(body) > 8191 || len(fields) != 3 || strings.Join(fields, " ") != body {
		return p, fmt.Errorf("%d bytes, %d fields", len(body), len(fields))
	}
	if err := p.numbers(fields[2], fields[1]); err != nil {
		return p, err
	}
	if tagged {
		return p, p.tagged(fields[0])
	}
	p.Name = fields[0]
	for node := range strings.SplitSeq(p.Name, ".") {
		bad := strings.IndexFunc(node, func(r rune) bool {
			return r > 0x7e || r <= ' ' || strings.ContainsRune("{}()[],=?*/\\;'\"!^~", r)
		})
		if node == "" || len(node) > 250 || bad >= 0 {
			return p, fmt.Errorf("node %q", node)
		}
	}
	return p, nil
}

// tagged is TaggedSeries.parse of carbon's util.py.
func (p *parsed) tagged(text string) error {
	p.Tags = make(map[string]string)
	segments := strings.Split(text, ";")
	p.Name = segments[0]
	if p.Name == "" || strings.ContainsAny(p.Name, ";!^=~") {
		return fmt.Errorf("name %q", p.Name)
	}
	last := ""
	for _, s := range segments[1:] {
		key, value, ok := strings.Cut(s, "=")
		if !ok || key == "" || strings.ContainsAny(key, ";!^=") || key == "name" || key == "__name__" {
			return fmt.Errorf("tag %q", s)
		}
		if value == "" || value[0] == '~' {
			return fmt.Errorf("value of tag %q", s)
		}
		if _, double := p.Tags[key]; double || key < last {
			return fmt.Errorf("tag %q after %q", key, last)
		}
		p.Tags[key], last = value, key
	}
	return nil
}

// parsePut is OpenTSDB's PutDataPointRpc with Tags.parse and Tags.validateString.
func parsePut(body string) (p parsed, err error) {
	words := strings.Split(body, " ")
	if len(body) > 1023 || len(words) < 4 || words[0] != "put" {
		return p, fmt.Errorf("%d bytes, %d words", len(body), len(words))
	}
	if err := p.numbers(words[2], words[3]); err != nil {
		return p, err
	}
	p.Name, p.Tags = words[1], make(map[string]string)
	all := []string{p.Name}
	for _, w := range words[4:] {
		key, value, ok := strings.Cut(w, "=")
		if _, double := p.Tags[key]; !ok || double || key == "__name__" {
			return p, fmt.Errorf("tag %q", w)
		}
		p.Tags[key] = value
		all = append(all, key, value)
	}
	for _, s := range all {
		for _, c := range []byte(s) {
			if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./", rune(c))) {
				return p, fmt.Errorf("character %q in %q", c, s)
			}
		}
		if s == "" {
			return p, fmt.Errorf("empty string")
		}
	}
	if len(p.Tags) < 1 || len(p.Tags) > 8 {
		return p, fmt.Errorf("%d tags", len(p.Tags))
	}
	return p, nil
}

func (p *parsed) numbers(seconds, value string) (err error) {
	if p.Seconds, err = strconv.ParseInt(seconds, 10, 64); err != nil || p.Seconds <= 0 || p.Seconds > math.MaxUint32 {
		return fmt.Errorf("time %q", seconds)
	}
	if p.Value, err = strconv.ParseFloat(value, 64); err != nil || math.IsNaN(p.Value) || math.IsInf(p.Value, 0) || strings.Contains(value, "+") {
		return fmt.Errorf("value %q", value)
	}
	return nil
}
