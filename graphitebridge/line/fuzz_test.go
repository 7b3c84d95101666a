package line_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// FuzzLines gives hostile names, keys and values to every format. What comes out is one line for
// each point, has exactly the tags that went in, and no more nodes than its name has dots.
func FuzzLines(f *testing.F) {
	f.Add("orders", "tier", "gold", "k", "v", "shop")
	f.Add("a\nput b 1 1", "k=v x", "v\ny 1 2", "name", "~~", "a\r\n b")
	f.Add("a;b=c", "a;b", "c;d=e", "__name__", "\x00\xff\u2028", "../../etc")
	f.Add("...", "", "", "le", " ", ".")
	f.Add("x y\u00a0z", "instance", "instance", "service.name", "\x1c1 2", "\x85")
	f.Add("é.東京", "クラス", "値", "!^", "\ufffd", "~")
	f.Fuzz(func(t *testing.T, name, key1, value1, key2, value2, service string) {
		rm := data(counter[int64](name, 1, key1, value1, key2, value2), histogram(name+".h", []float64{1}, []uint64{1, 1}, key1, value1))
		rm.Resource = resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.instance.id", value2))
		for _, format := range all {
			c := line.Config{Format: format, Template: "{prefix}.{service.name}.{name}{suffix}", Prefix: "p"}
			m := newMapper(t, c)
			lines := encode(m, rm)
			d := m.Drops()
			if len(lines) == 0 && d.Total() == 0 {
				t.Fatal("neither sent nor dropped")
			}
			for _, text := range lines {
				checkLine(t, format, text, name, service)
			}
		}
	})
}

func checkLine(t *testing.T, format line.Format, text, name, service string) {
	t.Helper()
	p, err := parse(format, text)
	if err != nil {
		t.Fatalf("%v: line %q: %v", format, text, err)
	}
	suffix := 0
	for _, s := range []string{".h.count", ".h.sum", ".h.bucket"} {
		if strings.Contains(p.Name, s) {
			suffix = 2
		}
	}
	nodes := 2 + strings.Count(name, ".") + 1 + suffix // prefix, service, name and suffix
	if format == line.Graphite {
		nodes += 2 * 5 // instance, service.name, two attributes, le
	}
	if got := strings.Count(p.Name, ".") + 1; got > nodes {
		t.Errorf("%v: %d nodes in %q, want at most %d", format, got, text, nodes)
	}
	if len(p.Tags) > 5 || utf8.ValidString(service) && !strings.HasPrefix(p.Name, "p.") {
		t.Errorf("%v: line %q", format, text)
	}
}

// FuzzPutName does so with the names that have a fixed order of tags.
func FuzzPutName(f *testing.F) {
	f.Add("error-budget.counters.u-1", "shop", "place order", "service", "x=1\n")
	f.Add("a b", "", "", "response_type", "\xff")
	f.Add("", "~", "=", "", "")
	f.Fuzz(func(t *testing.T, metric, service, method, key, value string) {
		n, reason, ok := line.PutName(metric,
			[]line.Tag{{Key: "service", Value: service}, {Key: "method_name", Value: method}},
			[]line.Tag{{Key: key, Value: value}, {Key: "z", Value: "last"}}, 0)
		if !ok {
			if reason != line.TooLong && reason != line.Unnamed {
				t.Errorf("refused: %v", reason)
			}
			return
		}
		text := string(n.AppendLine(nil, 1_700_000_000, line.Int(3)))
		p, err := parse(line.OpenTSDB, text)
		if err != nil || len(p.Tags) != 4 || p.Value != 3 {
			t.Fatalf("line %q: %v", text, err)
		}
		if words := strings.Fields(text); !strings.HasPrefix(words[4], "service=") || !strings.HasPrefix(words[5], "method_name=") {
			t.Errorf("order of tags in %q", text)
		}
	})
}
