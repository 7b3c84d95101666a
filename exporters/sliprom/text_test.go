package sliprom

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelsli/otelsli-go/otelsli"
)

// formats are those of expfmt for the notations.
var formats = [notations]expfmt.Format{plainText: expfmt.FmtText, openMetrics: expfmt.FmtOpenMetrics_1_0_0}

// expfmtOf is what the encoders of Prometheus make of a family.
func expfmtOf(t testing.TB, n notation, f *dto.MetricFamily, options ...expfmt.EncoderOption) string {
	t.Helper()
	var b bytes.Buffer
	if err := expfmt.NewEncoder(&b, formats[n], options...).Encode(f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func FuzzCount(f *testing.F) {
	for _, v := range []int64{
		0, 1, 9, 10, 999_999, 1_000_000, 1_000_001, 1_200_000, 12_345_678, 99_999_999,
		1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<53 + 2, math.MaxInt64, -1, -1_000_000, math.MinInt64,
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v int64) {
		for n := range notations {
			got := string(n.appendCount([]byte("x "), v))
			want := strings.TrimSuffix(expfmtOf(t, n, counterFamily("x", counterOf(float64(v)))), "\n")
			if want = want[strings.LastIndexByte(want, '\n')+1:]; got != want {
				t.Errorf("notation %d: %q, want %q", n, got, want)
			}
		}
	})
}

// The shortcut for large integers is no other way of writing them.
func TestExponential(t *testing.T) {
	t.Parallel()
	check := func(v int64) {
		got, want := string(appendExponential([]byte("x"), v)), "x"+strconv.FormatFloat(float64(v), 'g', -1, 64)
		if got != want {
			t.Errorf("%d: %q, want %q", v, got, want)
		}
	}
	for power := int64(exponential); power < inexact; power *= 10 {
		for _, v := range []int64{power, power + 1, 2*power - 1, power * 3 / 2, power / 7 * 8, power/10*11 + 10} {
			check(v)
		}
	}
	for i := range int64(20_000) {
		check(inexact - 1 - i)
		check(exponential + i*i*i)
	}
}

func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 0.999, 604800, 2.592e6, 1e21, 1e-9, math.Inf(1), math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		for n := range notations {
			got := string(n.appendFloat([]byte("x_total "), v))
			want := strings.TrimSuffix(expfmtOf(t, n, counterFamily("x_total", counterOf(v))), "\n")
			if want = want[strings.LastIndexByte(want, '\n')+1:]; got != want {
				t.Errorf("notation %d: %q, want %q", n, got, want)
			}
		}
	})
}

func FuzzHeaderAndLabel(f *testing.F) {
	for _, s := range []string{"", "plain", "a \"quoted\" \\ word\n", "\\n", "\r\t\x00", "𝔘𝔫𝔦 \u2028", "\xff"} {
		f.Add("sli_x_total", s, "label", s)
		f.Add("sli_x", s, "l", s)
	}
	f.Fuzz(func(t *testing.T, name, help, label, value string) {
		if !model.LegacyValidation.IsValidMetricName(strings.TrimSuffix(name, totalSuffix)) || !model.LegacyValidation.IsValidLabelName(label) {
			t.Skip("names are checked when SLIs are declared")
		}
		family := counterFamily(name, counterOf(2))
		family.Help = &help
		family.Metric[0].Label = []*dto.LabelPair{{Name: &label, Value: &value}}
		for n := range notations {
			b := n.appendHeader(nil, name, help, "counter")
			b = append(append(b, name...), '{')
			b = append(n.appendCount(append(appendLabel(b, label, value), "} "...), 2), '\n')
			want := expfmtOf(t, n, family)
			if !strings.HasSuffix(name, totalSuffix) {
				want = strings.Replace(want, " unknown\n", " counter\n", 1) // ours all have that suffix
			}
			if string(b) != want {
				t.Errorf("notation %d: %q, want %q", n, b, want)
			}
		}
	})
}

func FuzzExemplar(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint64(3), int64(1_700_000_000_123_456_789))
	f.Add(uint64(math.MaxUint64), uint64(0), uint64(0), int64(0))
	f.Fuzz(func(t *testing.T, high, low, span uint64, nanoseconds int64) {
		e := otelsli.Exemplar{Time: time.Unix(0, nanoseconds)}
		binary.BigEndian.PutUint64(e.TraceID[:8], high)
		binary.BigEndian.PutUint64(e.TraceID[8:], low)
		binary.BigEndian.PutUint64(e.SpanID[:], span)
		counter := counterOf(0)
		counter.Counter.Exemplar = metricExemplar(nil, &e)
		want := expfmtOf(t, openMetrics, counterFamily("x_total", counter))
		if got := "x_total 0.0" + string(appendExemplar(nil, &e)) + "\n"; !strings.HasSuffix(want, "\n"+got) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Times are written as those of metric families are.
func TestUnixSeconds(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Unix(0, 0), time.Now(), time.Date(2100, 1, 2, 3, 4, 5, 6, time.UTC)} {
		if got, want := unixSeconds(at), float64(timestamppb.New(at).AsTime().UnixNano())/1e9; got != want {
			t.Errorf("%v: %v, want %v", at, got, want)
		}
	}
}
