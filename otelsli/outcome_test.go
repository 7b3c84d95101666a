package otelsli_test

import (
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestOutcomeText(t *testing.T) {
	t.Parallel()
	for o, want := range map[otelsli.Outcome]string{
		otelsli.Success: "success",
		otelsli.Slow:    "slow",
		otelsli.Failed:  "failed",
		otelsli.Ignored: "ignored",
	} {
		text, err := o.MarshalText()
		if err != nil || string(text) != want || o.String() != want {
			t.Errorf("%d: String %q, MarshalText %q, %v; want %q", o, o, text, err, want)
		}
		var back otelsli.Outcome
		if err := back.UnmarshalText(text); err != nil || back != o {
			t.Errorf("UnmarshalText(%q) = %v, %v; want %v", text, back, err, o)
		}
	}
}

func TestOutcomeTextInvalid(t *testing.T) {
	t.Parallel()
	if got := otelsli.Outcome(4).String(); got != "Outcome(4)" {
		t.Errorf("String of an outcome that does not exist: %q", got)
	}
	if _, err := otelsli.Outcome(4).MarshalText(); err == nil || !strings.Contains(err.Error(), "Outcome(4)") {
		t.Errorf("MarshalText of an outcome that does not exist: %v", err)
	}
	o := otelsli.Failed
	if err := o.UnmarshalText([]byte("Failed")); err == nil || !strings.Contains(err.Error(), `"Failed"`) || o != otelsli.Failed {
		t.Errorf("UnmarshalText of a text in another case: %v, %v", o, err)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	none := otelsli.Counts{}
	some := otelsli.Counts{otelsli.Success: 6, otelsli.Slow: 2, otelsli.Failed: 2, otelsli.Ignored: 5}

	if got := some.Total(); got != 10 {
		t.Errorf("Total() = %d, want 10: ignored events do not count", got)
	}
	if got, want := some.Sub(otelsli.Counts{1, 2, 0, 4}), (otelsli.Counts{5, 0, 2, 1}); got != want {
		t.Errorf("Sub() = %v, want %v", got, want)
	}
	for _, tt := range []struct {
		name   string
		counts otelsli.Counts
		ratio  func(otelsli.Counts) (float64, bool)
		want   float64
		ok     bool
	}{
		{"success ratio", some, otelsli.Counts.SuccessRatio, 0.8, true},
		{"success ratio of none", none, otelsli.Counts.SuccessRatio, 0, false},
		{"success ratio of ignored", otelsli.Counts{otelsli.Ignored: 1}, otelsli.Counts.SuccessRatio, 0, false},
		{"success ratio of failures", otelsli.Counts{otelsli.Failed: 3}, otelsli.Counts.SuccessRatio, 0, true},
		{"apdex", some, otelsli.Counts.Apdex, 0.75, true},
		{"apdex of failures", otelsli.Counts{otelsli.Failed: 3}, otelsli.Counts.Apdex, 0, false},
		{"apdex of slow ones", otelsli.Counts{otelsli.Slow: 3}, otelsli.Counts.Apdex, 0, true},
	} {
		if got, ok := tt.ratio(tt.counts); got != tt.want || ok != tt.ok {
			t.Errorf("%s = %v, %v; want %v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
