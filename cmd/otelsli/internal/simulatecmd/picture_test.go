package simulatecmd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

func TestRatio(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"99.9%": 0.999, "99.9": 0.999, "0.999": 0.999, "99.95 %": 0.9995, "99": 0.99, "99.999%": 0.99999,
		"100%": 0, "0": 0, "1": 0.01, "-1": 0, "x": 0, "": 0, "NaN": 0,
	} {
		got, err := ratio(text)
		if (err != nil) != (want == 0) || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	points := func(burns ...float64) *simulate.Result {
		r := &simulate.Result{}
		for i, b := range burns {
			r.Curve = append(r.Curve, simulate.Point{At: time.Duration(i) * time.Minute, Burn: b})
		}
		return r
	}
	for name, test := range map[string]struct {
		r    *simulate.Result
		n    int
		want []float64
	}{
		"as many":      {points(1, 2, 3), 3, []float64{1, 2, 3}},
		"more points":  {points(1, 5, 2, 0), 2, []float64{5, 2}},
		"more columns": {points(1, 2), 4, []float64{1, 1, 2, 2}},
		"few more":     {points(0, 7, 0), 5, []float64{0, 7, 7, 0, 0}},
		"uneven":       {points(0, 1, 2, 3), 7, []float64{0, 1, 1, 2, 2, 3, 3}},
		"nothing":      {points(), 2, []float64{0, 0}},
	} {
		if diff := cmp.Diff(test.want, columns(test.r, test.n)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHeight(t *testing.T) {
	t.Parallel()
	if h := height(leastBurn, mostBurn); h != 0 {
		t.Errorf("the least is at %v", h)
	}
	if h := height(mostBurn, mostBurn); h != rows {
		t.Errorf("the most is at %v", h)
	}
	if height(0, mostBurn) != 0 || !(height(1, mostBurn) < height(6, mostBurn)) {
		t.Error("heights do not grow")
	}
}

func TestSymbols(t *testing.T) {
	t.Setenv("LC_CTYPE", "")
	for _, test := range []struct {
		all, lang string
		ascii     bool
		want      string
	}{
		{"", "en_GB.UTF-8", false, "━"},
		{"", "de_DE.utf8", false, "━"},
		{"", "en_GB.UTF-8", true, "="},
		{"C", "en_GB.UTF-8", false, "="},
		{"", "", false, "="},
	} {
		t.Setenv("LC_ALL", test.all)
		t.Setenv("LANG", test.lang)
		if got := symbolsFor(test.ascii).incident; got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// A picture fits its width, whatever it shows, and resets every colour that it sets.
func TestPictureFits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"outage for 1m at 1 rps", "0.2% failures for 20d at 10 rps", "1 in 10 failures for 3h at 100 per hour", "no traffic for 1h"} {
		in, err := simulate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := simulate.Run(in, simulate.Objectives(0.999, otelsli.DefaultWindow)[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{40, 80, 120} {
			var out bytes.Buffer
			p := picture{app: &cli.App{Out: &out, Style: term.Coloured()}, width: width, symbols: unicodeSymbols}
			p.chart(r)
			if starts, ends := strings.Count(out.String(), "\x1b[3")+strings.Count(out.String(), "\x1b[2m"), strings.Count(out.String(), "\x1b[0m"); starts != ends {
				t.Errorf("%s: %d colours begin, %d end", text, starts, ends)
			}
			out.Reset()
			p.app.Style = term.Style{}
			p.chart(r)
			for line := range strings.Lines(out.String()) {
				if n := len([]rune(line)) - 1; n > width && !strings.Contains(line, "burn rate") {
					t.Errorf("%s: %d columns, want %d: %s", text, n, width, line)
				}
			}
		}
	}
}

// No peak of the curve is lost in the picture, however wide it is.
func TestColumnsLoseNothing(t *testing.T) {
	t.Parallel()
	for points := 1; points < 90; points += 4 {
		for n := 20; n < 110; n += 3 {
			r := &simulate.Result{Curve: make([]simulate.Point, points)}
			for i := range r.Curve {
				r.Curve[i].Burn = float64(i + 1)
			}
			seen := make(map[float64]bool)
			for _, burn := range columns(r, n) {
				seen[burn] = true
			}
			if !seen[float64(points)] || len(seen) != min(points, n) {
				t.Errorf("%d points in %d columns: %d are shown", points, n, len(seen))
			}
		}
	}
}

// A curve has at most maxPoints points.
func TestJSONOfACurve(t *testing.T) {
	t.Parallel()
	for points, want := range map[int]int{0: 0, 1: 1, 500: 500, 501: 251, 999: 500, 1000: 500} {
		if got := len(toJSON([]*simulate.Result{{Curve: make([]simulate.Point, points)}})[0].Curve); got != want {
			t.Errorf("%d points are %d, want %d", points, got, want)
		}
	}
}

// Numbers are written for people: an outage of days costs 33300% of a budget, not 3.33e+04%.
func TestPercent(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[float64]string{
		0: "0%", 0.999: "99.9%", 0.99999: "99.999%", 0.023148: "2.31%", 0.116: "11.6%", 1: "100%", 13.89: "1390%", 333.33: "33300%", 3e-8: "0.000003%",
	} {
		if got := percent(ratio); got != want {
			t.Errorf("%v: %s, want %s", ratio, got, want)
		}
	}
	if got := number(14400); got != "14400" {
		t.Errorf("a factor of 14400 is %s", got)
	}
}

func TestJSONOfAnEndlessAlert(t *testing.T) {
	t.Parallel()
	tier := rules.Tier{Name: "page"}
	all := toJSON([]*simulate.Result{{Exhausted: -1, Alerts: []simulate.Alert{{Tier: tier, To: time.Hour}}, Quiet: []rules.Tier{tier}, Curve: make([]simulate.Point, 5000)}})
	if j := all[0]; j.Alerts[0].ToSeconds != nil || j.ExhaustedSeconds != nil || j.Quiet[0] != "page" || len(j.Curve) != maxPoints {
		t.Errorf("%+v", j)
	}
}
