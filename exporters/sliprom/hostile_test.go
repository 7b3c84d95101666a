package sliprom

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestHostileLabelValues(t *testing.T) {
	t.Parallel()
	catalog := quietCatalog(t)
	nasty := []string{
		`"`, `\`, `\"`, "\n", "a\nsli_pay_total 99", "}", `"} 7`, "{", ",", "=", "#", "# EOF", "\r", "\t", "\x00", "\u2028", "𝔘𝔫𝔦", " ", "\\n",
	}
	sli := otelsli.MustNew(otelsli.Spec{Name: "nasty"}, [][1]string{}, otelsli.WithCatalog(catalog),
		otelsli.WithUndeclaredLimit(1000), otelsli.WithLabelNames("value"))
	var declared [][1]string
	for _, v := range nasty {
		declared = append(declared, [1]string{v})
	}
	if err := sli.Declare(declared...); err != nil {
		t.Fatal(err)
	}
	for i, v := range nasty {
		for range i + 1 {
			sli.Record(t.Context(), [1]string{v}, otelsli.Failed)
		}
	}
	undeclared := []string{"\xff\xfe", strings.Repeat("x", 10_000), "", "half\xc3", strings.Repeat("ä", 9_999)}
	for _, v := range undeclared {
		sli.Record(t.Context(), [1]string{v}, otelsli.Failed)
	}
	e := open(t, catalog)
	for name, got := range map[string]samples{
		"text": scraped(t, e.Handler()), "protobuf": flatten(decode(t, get(t, e.Handler(), acceptProtobuf))),
	} {
		got = got.only("sli_nasty_error_total")
		if len(got) != len(nasty)+len(undeclared) {
			t.Errorf("%s: %d series, want %d", name, len(got), len(nasty)+len(undeclared))
		}
		for i, v := range nasty {
			got.want(t, samples{`sli_nasty_error_total{value="` + v + `"}`: float64(i + 1)})
		}
		got.want(t, samples{`sli_nasty_error_total{value="_empty"}`: 1})
		for series := range got {
			if !utf8.ValidString(series) || len(series) > 300 {
				t.Errorf("%s: %.400q", name, series)
			}
		}
	}
	if text := get(t, e.Handler(), acceptOpenMetrics); !utf8.ValidString(text) || strings.Count(text, "\n# EOF\n") != 1 {
		t.Errorf("OpenMetrics: %q", text)
	}
}

// 5,000 declared combinations and more undeclared ones than are kept.
func TestManyCombinations(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		catalog := quietCatalog(t, otelsli.WithLayout(layout))
		var declared [][1]string
		for i := range 5_000 {
			declared = append(declared, [1]string{strconv.Itoa(i)})
		}
		sli := otelsli.MustNew(otelsli.Spec{Name: "many"}, declared, otelsli.WithCatalog(catalog),
			otelsli.WithLabelNames("n"), otelsli.WithUndeclaredLimit(3))
		e := open(t, catalog)
		for _, l := range declared {
			sli.Record(t.Context(), l, otelsli.Failed)
		}
		scraped(t, e.Handler())
		for i := range 50 {
			sli.Record(t.Context(), [1]string{"undeclared-" + strconv.Itoa(i)}, otelsli.Failed)
		}
		got := scraped(t, e.Handler())
		got.want(t, samples{`sli_undeclared_total{series="kept",sli="many"}`: 3, `sli_undeclared_total{series="overflow",sli="many"}`: 47})
		series, sum := 0, 0.0
		for name, value := range got.only("sli_many_error_total", "sli_events_total") {
			if layout == otelsli.Outcomes && !strings.Contains(name, `outcome="failed"`) {
				continue
			}
			series++
			sum += value
		}
		if series != 5_004 || sum != 5_050 {
			t.Errorf("%v: %d series of %v events, want 5004 of 5050", layout, series, sum)
		}
		for name := range got {
			if strings.Contains(name, "otel_metric_overflow") {
				t.Errorf("%s", name)
			}
		}
	}
}
