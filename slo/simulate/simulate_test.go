package simulate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

func ExampleRun() {
	incident, err := simulate.Parse("2% failures for 3h at 50 rps")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := simulate.Run(incident, simulate.Objectives(0.999, otelsli.DefaultWindow)[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range result.Alerts {
		fmt.Printf("%-11s after %-7v until %v\n", a.Tier.Name, a.From, a.To)
	}
	fmt.Printf("%d of %d events failed: %.1f %% of the budget\n", result.Bad, result.Events, 100*result.Consumed)
	// Output:
	// page-fast   after 44m0s   until 3h2m0s
	// page-slow   after 1h49m0s until 3h21m0s
	// 10800 of 540000 events failed: 8.3 % of the budget
}

func ExampleParse() {
	incident, err := simulate.Parse("Outage for 10 minutes at 600/min, then 1 in 20 failures and 10% slow for 1h")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(incident)
	fmt.Println(incident.Lasts())
	_, err = simulate.Parse("2% sadness at 50 rps")
	fmt.Println(err)
	// Output:
	// 100% failures for 10m at 10 rps, then 5% failures and 10% slow for 1h at 10 rps
	// 1h10m0s
	// otelsli: simulate: incident: phase 1: text is "2% sadness at 50 rps": want a duration, such as "for 3h" or "for 1h30m"
	// otelsli: simulate: incident: phase 1: text is "sadness": want failures, slow or ignored
}

func TestParse(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	for text, want := range map[string]simulate.Incident{
		"2% failures for 3h at 50 rps":                     {{Lasts: 3 * h, Rate: 50, Failed: 0.02}},
		"2 % of requests fail for 3h at 50rps":             {{Lasts: 3 * h, Rate: 50, Failed: 0.02}},
		"at 50 qps, 2 percent errors for 3 hours":          {{Lasts: 3 * h, Rate: 50, Failed: 0.02}},
		"outage for 1h30m @ 7200/h":                        {{Lasts: 90 * time.Minute, Rate: 2, Failed: 1}},
		"outage for 1h and 30m at 120 requests per minute": {{Lasts: 90 * time.Minute, Rate: 2, Failed: 1}},
		"5% slow and 1% ignored for 3 days at 60 rpm":      {{Lasts: 72 * h, Rate: 1, Slow: 0.05, Ignored: 0.01}},
		"1/10 failures for 1h at 360 events an hour":       nil,
		"1/10 failures for 1h at 360 events a hour":        {{Lasts: h, Rate: 0.1, Failed: 0.1}},
		"healthy for 1h at 2 rps; no traffic for 2h":       {{Lasts: h, Rate: 2}, {Lasts: 2 * h}},
		"no traffic for 1h\noutage for 1h at 2 rps":        {{Lasts: h}, {Lasts: h, Rate: 2, Failed: 1}},
		"outage for 1h at 2 rps then idle for 1h, then 0.5% failures for 1m": {
			{Lasts: h, Rate: 2, Failed: 1}, {Lasts: h}, {Lasts: time.Minute, Rate: 2, Failed: 0.005},
		},
	} {
		got, err := simulate.Parse(text)
		if want == nil {
			if err == nil {
				t.Errorf("%q: no error, but %v", text, got)
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
			continue
		}
		again, err := simulate.Parse(got.String())
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("%q reads as %q: %v\n%s", text, got, err, diff)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                            `phase 1: text is "": want a phase such as "2% failures for 3h at 50 rps"`,
		"2% failures at 50 rps":                       `want a duration, such as "for 3h"`,
		"2% failures for 3h":                          `want traffic above 0, such as "at 50 rps"`,
		"2% failures for 3h at 0 rps":                 "want traffic above 0",
		"for 3h at 50 rps":                            `want what happens: "2% failures"`,
		"storm for 3h at 50 rps":                      `"storm": want a share such as "2% failures"`,
		"2% sadness for 3h at 50 rps":                 `"sadness": want failures, slow or ignored`,
		"120% failures for 3h at 50 rps":              "want 0% to 100%",
		"60% failures and 60% slow for 3h at 1/s":     "120% together: want at most 100%",
		"outage for 200d at 5 rps":                    "want whole milliseconds, above 0, at most 100d",
		"outage for 1000d at 5 rps":                   "duration is 1000d: want",
		"outage for 60d at 5 rps then outage for 60d": "duration is 120d: want at most 100d",
		"outage for 1h at 1e12 rps":                   "events per second",
		"outage for 1h at 1e300 rps":                  "rate is 1e+300: want 0 to 1e+09",
		"outage for 1h at 1 rps at 2 rps":             "want one duration and one rate per phase",
		"outage for 1h for 2h at 1 rps":               "want one duration and one rate per phase",
		"outage for 1h at 1 rps, then":                `phase 2: text is ""`,
		strings.Repeat("x", 5000):                     "a text of 5000 bytes: want at most 4096",
	} {
		_, err := simulate.Parse(text)
		var field *otelsli.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2% failures for 3h at 50 rps", "outage for 1h @ 7200/h then idle for 1m", "1 in 3 slow for 2 weeks at 1e3 rpm"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := simulate.Parse(text)
		if err != nil {
			return
		}
		again, err := simulate.Parse(in.String())
		if err != nil || len(again) != len(in) || again.Lasts() != in.Lasts() {
			t.Errorf("%q is %q, which is %v, %v", text, in, again, err)
		}
	})
}

func run(t *testing.T, text, slo string, options ...simulate.Option) *simulate.Result {
	t.Helper()
	in, err := simulate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range simulate.Objectives(0.999, otelsli.DefaultWindow) {
		if o.SLO == slo {
			r, err := simulate.Run(in, o, options...)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("no objective %q", slo)
	return nil
}

// The times of "The Site Reliability Workbook", chapter 5: the long window is full of its share of
// failures after factor * budget * long / rate, the short one free of it after short * (1 - the same).
func TestDetectionAndReset(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, tier   string
		lasts        time.Duration
		found, reset time.Duration
	}{
		{"100% failures for 10m at 10 rps", rules.PageFast, 10 * time.Minute, 52 * time.Second, 295 * time.Second},
		{"10% failures for 30m at 10 rps", rules.PageFast, 30 * time.Minute, 8*time.Minute + 38*time.Second, 4*time.Minute + 17*time.Second},
		{"1% failures for 4h at 10 rps", rules.PageSlow, 4 * time.Hour, 3*time.Hour + 36*time.Minute, 12 * time.Minute},
		{"0.2% failures for 38h at 10 rps", rules.TicketSlow, 38 * time.Hour, 36 * time.Hour, 3 * time.Hour},
	} {
		r := run(t, test.text, otelsli.SLOAvailability)
		var fired []simulate.Alert
		for _, a := range r.Alerts {
			if a.Tier.Name == test.tier {
				fired = append(fired, a)
			}
		}
		if len(fired) != 1 || !fired[0].Ended {
			t.Errorf("%s: %s fired %+v", test.text, test.tier, fired)
			continue
		}
		for _, time := range []struct {
			what      string
			got, want time.Duration
		}{{"found", fired[0].From, test.found}, {"reset", fired[0].To - test.lasts, test.reset}} {
			if d := time.got - time.want; d < -rules.DefaultInterval || d > 3*rules.DefaultInterval {
				t.Errorf("%s: %s %s after %v, want %v", test.text, test.tier, time.what, time.got, time.want)
			}
		}
	}
}

func TestLowTrafficIsQuiet(t *testing.T) {
	t.Parallel()
	const text = "1 in 10 failures for 2h at 6 per hour"
	if r := run(t, text, otelsli.SLOAvailability); len(r.Alerts) != 0 || len(r.Quiet) != 4 {
		t.Errorf("one failure fires %+v", r.Alerts)
	}
	if r := run(t, text, otelsli.SLOAvailability, simulate.WithMinFailures(0)); len(r.Alerts) == 0 {
		t.Error("without a minimum nothing fires")
	}
}

func TestSlownessIsForApdex(t *testing.T) {
	t.Parallel()
	const text = "50% slow and 10% ignored for 1h at 10 rps"
	if r := run(t, text, otelsli.SLOAvailability); len(r.Alerts) != 0 || r.Bad != 0 || r.Consumed != 0 || r.Exhausted >= 0 {
		t.Errorf("availability: %+v", r)
	}
	r := run(t, text, otelsli.SLOApdex)
	if r.Events != 32400 || r.Bad != 18000 || len(r.Alerts) != 4 {
		t.Errorf("apdex: %d of %d, alerts %+v", r.Bad, r.Events, r.Alerts)
	}
}

func TestExhausted(t *testing.T) {
	t.Parallel()
	r := run(t, "outage for 2h at 10 rps", otelsli.SLOAvailability)
	if want := 43 * time.Minute; r.Exhausted < want || r.Exhausted > want+2*time.Minute {
		t.Errorf("spent after %v, want about %v", r.Exhausted, want)
	}
	if r.Consumed < 2.77 || r.Consumed > 2.78 {
		t.Errorf("consumed %v", r.Consumed)
	}
	if first := r.Alerts[0]; first.Burn < 14.4 || first.Burnt < 0.01 || first.Burnt > 0.04 {
		t.Errorf("%+v", first)
	}
	if got := r.Pages(rules.SeverityPage); len(got) != 2 {
		t.Errorf("pages %+v", got)
	}
}

func TestNothingButSilence(t *testing.T) {
	t.Parallel()
	r := run(t, "no traffic for 1h", otelsli.SLOAvailability)
	if r.Events != 0 || r.Consumed != 0 || len(r.Alerts) != 0 {
		t.Errorf("%+v", r)
	}
}

// The tier's own delay is kept, and an interruption begins it anew.
func TestFor(t *testing.T) {
	t.Parallel()
	o := rules.Objective{SLI: "a", SLO: otelsli.SLOAvailability, Target: 0.999, Period: otelsli.DefaultWindow, Tiers: []rules.Tier{
		{Name: "now", Factor: 14.4, Long: time.Hour, Short: 5 * time.Minute},
		{Name: "later", Factor: 14.4, Long: time.Hour, Short: 5 * time.Minute, For: 10 * time.Minute},
	}}
	r, err := simulate.Run(simulate.Incident{{Lasts: time.Hour, Rate: 10, Failed: 1}}, o)
	if err != nil || len(r.Alerts) != 2 {
		t.Fatalf("%v, %+v", err, r)
	}
	if now, later := r.Alerts[0], r.Alerts[1]; later.From-now.From != 10*time.Minute || later.To != now.To {
		t.Errorf("%+v and %+v", now, later)
	}
	short, err := simulate.Run(simulate.Incident{{Lasts: time.Minute, Rate: 10, Failed: 1}}, o)
	if err != nil || len(short.Alerts) != 1 {
		t.Errorf("%v, %+v", err, short)
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := simulate.Run(nil, rules.Objective{Target: 1, Tiers: []rules.Tier{{Name: "x"}}}, simulate.WithInterval(time.Nanosecond))
	for _, want := range []string{"incident is empty", "target is 1", "period is 0s", "tier x", "WithInterval is 1ns"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	in := simulate.Incident{{Lasts: 3 * time.Hour, Rate: 50, Failed: 0.02}}
	o := simulate.Objectives(0.999, otelsli.DefaultWindow)[0]
	for b.Loop() {
		if _, err := simulate.Run(in, o); err != nil {
			b.Fatal(err)
		}
	}
}
