package sliprom

import (
	"strings"
	"testing"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	histogram := func(labels ...string) *dto.MetricFamily {
		m := counterOf(0, labels...)
		m.Counter = nil
		m.Histogram = &dto.Histogram{SampleCount: new(uint64(1)), Bucket: []*dto.Bucket{{UpperBound: new(1.0)}}}
		return &dto.MetricFamily{Name: new("h"), Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{m}}
	}
	summary := &dto.MetricFamily{Name: new("s"), Type: dto.MetricType_SUMMARY.Enum(), Metric: []*dto.Metric{{
		Label: []*dto.LabelPair{{Name: new("quantile"), Value: new("1")}}, Summary: &dto.Summary{},
	}}}
	untyped := &dto.MetricFamily{Name: new("u"), Type: dto.MetricType_UNTYPED.Enum(), Metric: []*dto.Metric{{Untyped: &dto.Untyped{}}}}
	gauge := &dto.MetricFamily{Name: new("g"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{}}}}
	exemplar := func(e *dto.Exemplar) *dto.MetricFamily {
		f := counterFamily("a_total", counterOf(1))
		f.Metric[0].Counter.Exemplar = e
		return f
	}
	bucketExemplar := histogram()
	bucketExemplar.Metric[0].Histogram.Bucket[0].Exemplar = &dto.Exemplar{Label: []*dto.LabelPair{nil}}
	help := counterFamily("a_total", counterOf(1))
	help.Help = new("\xff")
	unit := counterFamily("a_total", counterOf(1))
	unit.Unit = new("\xff")
	for _, test := range []struct {
		name   string
		family *dto.MetricFamily
		want   string // part of the error
	}{
		{"counter", counterFamily("a_total", counterOf(1), counterOf(2, "a", "x\n\"\\")), ""},
		{"UTF-8 names", counterFamily("ä.b", counterOf(1, "ö.p", "1")), ""},
		{"gauge", gauge, ""},
		{"untyped", untyped, ""},
		{"histogram", histogram("a", "b"), ""},
		{"good exemplar", exemplar(&dto.Exemplar{Label: []*dto.LabelPair{{Name: new("trace_id"), Value: new("1")}}, Timestamp: timestamppb.Now()}), ""},
		{"nil", nil, "name"},
		{"no name", counterFamily("", counterOf(1)), "name"},
		{"name not UTF-8", counterFamily("\xff", counterOf(1)), "name"},
		{"help not UTF-8", help, "help"},
		{"unit not UTF-8", unit, "unit"},
		{"nil metric", counterFamily("a_total", nil), "COUNTER"},
		{"metric of another type", counterFamily("a_total", gauge.Metric[0]), "COUNTER"},
		{"unknown type", &dto.MetricFamily{Name: new("x"), Type: dto.MetricType(17).Enum(), Metric: []*dto.Metric{counterOf(1)}}, "17"},
		{"nil label", counterFamily("a_total", &dto.Metric{Counter: &dto.Counter{}, Label: []*dto.LabelPair{nil}}), "label name"},
		{"label name empty", counterFamily("a_total", counterOf(1, "", "1")), "label name"},
		{"label name with a colon", counterFamily("a_total", counterOf(1, "a:b", "1")), "colon"},
		{"label name reserved", counterFamily("a_total", counterOf(1, "__name__", "1")), "__name__"},
		{"label value not UTF-8", counterFamily("a_total", counterOf(1, "a", "\xc3\x28")), `label a`},
		{"label twice", counterFamily("a_total", counterOf(1, "a", "1", "b", "2", "a", "3")), `"a"`},
		{"label twice once it is escaped", counterFamily("a_total", counterOf(1, "a.b", "1", "a_b", "2")), "a_b"},
		{"le of a histogram", histogram("le", "1"), `"le"`},
		{"quantile of a summary", summary, `"quantile"`},
		{"exemplar at no time", exemplar(&dto.Exemplar{Timestamp: &timestamppb.Timestamp{Nanos: -1}}), "exemplar"},
		{"exemplar not UTF-8", exemplar(&dto.Exemplar{Label: []*dto.LabelPair{{Name: new("a"), Value: new("\xff")}}}), "exemplar"},
		{"exemplar of a bucket", bucketExemplar, "exemplar"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := validate(test.family)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && err == nil:
				t.Errorf("accepted, want an error with %q", test.want)
			case test.want != "" && !strings.Contains(err.Error(), test.want):
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

// What passes validation is text that a strict parser takes, with the same labels.
func FuzzValidate(f *testing.F) {
	f.Add("name_total", "help", "label", "value", "other", "value")
	f.Add("a.b", "\n\\\"", "ä", "\xff", "ä", "")
	f.Add("a:b", "", ":", "0", "a:b", "0")
	f.Add("0", "", "0:", "0", "0", "")
	f.Add("{}", "#", "le", "\n# TYPE x counter\n", "l\"e", "x")
	f.Fuzz(func(t *testing.T, name, help, label1, value1, label2, value2 string) {
		family := counterFamily(name, counterOf(1, label1, value1, label2, value2))
		family.Help = &help
		if validate(family) != nil {
			return
		}
		for _, s := range []string{name, help, label1, value1, label2, value2} {
			if !utf8.ValidString(s) {
				t.Errorf("accepted %q", s)
			}
		}
		var text strings.Builder
		if err := expfmt.NewEncoder(&text, expfmt.NewFormat(expfmt.TypeTextPlain)).Encode(family); err != nil {
			t.Fatal(err)
		}
		parser := expfmt.NewTextParser(model.LegacyValidation)
		parsed, err := parser.TextToMetricFamilies(strings.NewReader(text.String()))
		if err != nil {
			t.Fatalf("%v in:\n%s", err, text.String())
		}
		got := parsed[exposedName(name)].GetMetric()
		if len(got) != 1 || len(got[0].Label) != 2 || got[0].Label[0].GetValue() != value1 || got[0].Label[1].GetValue() != value2 {
			t.Errorf("%v of:\n%s", parsed, text.String())
		}
	})
}
