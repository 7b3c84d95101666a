package line_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

func TestNumberText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    line.Number
		want string
	}{
		{line.Int(0), "0"},
		{line.Int(math.MinInt64), "-9223372036854775808"},
		{line.Float(0), "0"},
		{line.Float(math.Copysign(0, -1)), "0"},
		{line.Float(1), "1"},
		{line.Float(0.1), "0.1"},
		{line.Float(1.5e6), "1.5e06"},
		{line.Float(1e300), "1e300"},
		{line.Float(-2.2250738585072014e-308), "-2.2250738585072014e-308"},
		{line.Float(math.NaN()), "absent"},
		{line.Float(math.Inf(-1)), "absent"},
		{line.Number{}, "absent"},
	} {
		if got := c.n.String(); got != c.want {
			t.Errorf("%v is %q, want %q", c.n.Float64(), got, c.want)
		}
	}
}

func TestNumberArithmetic(t *testing.T) {
	t.Parallel()
	none := line.Number{}
	for _, c := range []struct {
		got, want line.Number
	}{
		{line.Int(1 << 60).Add(line.Int(1)), line.Int(1<<60 + 1)},
		{line.Int(1).Add(line.Float(0.5)), line.Float(1.5)},
		{none.Add(line.Int(2)), line.Int(2)},
		{line.Float(2).Add(none), line.Float(2)},
		{none.Add(none), none},
		{line.Float(math.MaxFloat64).Add(line.Float(math.MaxFloat64)), none},
		{line.Int(5).Sub(line.Int(7)), line.Int(-2)},
		{line.Float(5).Sub(line.Int(7)), line.Float(-2)},
		{line.Int(5).Sub(none), line.Int(5)},
		{none.Sub(line.Int(5)), none},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, v := range []float64{0, 1, -1.5, 1e21, 1e-7, math.Pi, math.MaxFloat64, 5e-324} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		n := line.Float(v)
		if !n.Present() {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				t.Errorf("%v is absent", v)
			}
			return
		}
		text := n.String()
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != v || strings.ContainsAny(text, "+ ") || len(text) > 24 {
			t.Errorf("%v became %q, which reads %v, %v", v, text, back, err)
		}
	})
}
