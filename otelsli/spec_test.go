package otelsli_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/otelsli"
)

// newNothing declares spec, which must fail, in a catalog that must stay empty.
func newNothing[L comparable](t *testing.T, spec otelsli.Spec, declared []L, options ...otelsli.Option) error {
	t.Helper()
	c := quiet()
	s, err := otelsli.New(spec, declared, append(options, otelsli.WithCatalog(c))...)
	if err == nil {
		t.Error("no error")
	}
	if s != nil {
		t.Error("an SLI beside the error")
	}
	if n := len(c.Describe().SLIs); n != 0 {
		t.Errorf("%d SLIs were registered in spite of the error", n)
	}
	return err
}

// wantProblem fails unless err has a problem with this field, value and part of what is wanted.
func wantProblem(t *testing.T, err error, field, value, want string) {
	t.Helper()
	for _, e := range fieldErrors(err) {
		if strings.HasSuffix(e.Field, field) && e.Value == value && strings.Contains(e.Want, want) {
			return
		}
	}
	t.Errorf("no problem %s is %s: want …%s… in:\n%v", field, value, want, err)
}

func TestSpecInvalid(t *testing.T) {
	t.Parallel()
	const snake = "lower snake case"
	for _, tt := range []struct {
		name               string
		change             func(*otelsli.Spec)
		field, value, want string
	}{
		{"no name", func(s *otelsli.Spec) { s.Name = "" }, "Name", `""`, snake},
		{"upper case", func(s *otelsli.Spec) { s.Name = "Pay" }, "Name", `"Pay"`, snake},
		{"dash", func(s *otelsli.Spec) { s.Name = "pay-now" }, "Name", `"pay-now"`, snake},
		{"dot", func(s *otelsli.Spec) { s.Name = "pay.now" }, "Name", `"pay.now"`, snake},
		{"digit first", func(s *otelsli.Spec) { s.Name = "2pay" }, "Name", `"2pay"`, snake},
		{"folded by translators", func(s *otelsli.Spec) { s.Name = "pay__now" }, "Name", `"pay__now"`, snake},
		{"quote and newline", func(s *otelsli.Spec) { s.Name = "a\"\n" }, "Name", `"a\"\n"`, snake},
		{"invalid UTF-8", func(s *otelsli.Spec) { s.Name = "a\xff" }, "Name", `"a\xff"`, snake},
		{"not ASCII", func(s *otelsli.Spec) { s.Name = "zahlung_für" }, "Name", `"zahlung_für"`, snake},
		{"too long", func(s *otelsli.Spec) { s.Name = strings.Repeat("a", 101) }, "Name", `"` + strings.Repeat("a", 101) + `"`, "at most 100"},
		{"10 kB", func(s *otelsli.Spec) { s.Name = strings.Repeat("a", 10_000) }, "Name", `"` + strings.Repeat("a", 120) + `"`, "at most 100"},
		{"total", func(s *otelsli.Spec) { s.Name = "sub_total" }, "Name", `"sub_total"`, `without the part "total"`},
		{"events", func(s *otelsli.Spec) { s.Name = "events" }, "Name", `"events"`, "another name"},
		{"undeclared", func(s *otelsli.Spec) { s.Name = "undeclared" }, "Name", `"undeclared"`, "another name"},
		{"objective", func(s *otelsli.Spec) { s.Name = "objective" }, "Name", `"objective"`, "another name"},
		{"description", func(s *otelsli.Spec) { s.Description = "\xff" }, "Description", `"\xff"`, "valid UTF-8"},
		{"category", func(s *otelsli.Spec) { s.FeatureCategory = "\xff" }, "FeatureCategory", `"\xff"`, "valid UTF-8"},
		{"owner", func(s *otelsli.Spec) { s.Owner = "\xff" }, "Owner", `"\xff"`, "valid UTF-8"},
		{"kind", func(s *otelsli.Spec) { s.Kind = 8 }, "Kind", "Kind(8)", "ErrorRate, Apdex or both"},
		{"negative threshold", func(s *otelsli.Spec) { s.Threshold = -time.Second }, "Threshold", "-1s", "a positive duration"},
		{"apdex without threshold", func(s *otelsli.Spec) { s.Kind, s.Threshold, s.Objective = otelsli.Apdex, 0, otelsli.Objective{} }, "Threshold", "0s", "WithThreshold"},
		{"threshold without apdex", func(s *otelsli.Spec) { s.Kind, s.Objective.Apdex = otelsli.ErrorRate, 0 }, "Threshold", "300ms", "0, for the kind is error_rate"},
		{"per cent", func(s *otelsli.Spec) { s.Objective.Availability = 99.9 }, "Objective.Availability", "99.9", "between 0 and 1"},
		{"one", func(s *otelsli.Spec) { s.Objective.Availability = 1 }, "Objective.Availability", "1", "between 0 and 1"},
		{"negative", func(s *otelsli.Spec) { s.Objective.Apdex = -0.5 }, "Objective.Apdex", "-0.5", "between 0 and 1"},
		{"not a number", func(s *otelsli.Spec) { s.Objective.Apdex = math.NaN() }, "Objective.Apdex", "NaN", "between 0 and 1"},
		{"infinite", func(s *otelsli.Spec) { s.Objective.Apdex = math.Inf(1) }, "Objective.Apdex", "+Inf", "between 0 and 1"},
		{"availability of apdex", func(s *otelsli.Spec) { s.Kind = otelsli.Apdex }, "Objective.Availability", "0.999", "0, for the kind is apdex"},
		{"apdex of error rate", func(s *otelsli.Spec) { s.Kind, s.Threshold = otelsli.ErrorRate, 0 }, "Objective.Apdex", "0.99", "0, for the kind is error_rate"},
		{"window alone", func(s *otelsli.Spec) { s.Objective = otelsli.Objective{Window: 48 * time.Hour} }, "Objective", `"a window of 48h0m0s alone"`, "Availability, Apdex"},
		{"short window", func(s *otelsli.Spec) { s.Objective.Window = time.Hour }, "Objective.Window", "1h0m0s", "at least 24h"},
		{"negative window", func(s *otelsli.Spec) { s.Objective.Window = -time.Hour }, "Objective.Window", "-1h0m0s", "at least 24h"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spec := checkout()
			tt.change(&spec)
			err := newNothing(t, spec, []pair{webGold})
			wantProblem(t, err, ": "+tt.field, tt.value, tt.want)
			if n := len(fieldErrors(err)); n != 1 {
				t.Errorf("%d problems, want 1:\n%v", n, err)
			}
			if !utf8.ValidString(err.Error()) || len(err.Error()) > 1000 {
				t.Errorf("error text of %d bytes: %.200q", len(err.Error()), err)
			}
		})
	}
}

func TestSpecThresholdFunction(t *testing.T) {
	t.Parallel()
	spec := otelsli.Spec{Name: "pay", Kind: otelsli.ErrorRate}
	err := newNothing(t, spec, []pair{webGold}, otelsli.WithThreshold(func(pair) time.Duration { return 1 }))
	wantProblem(t, err, "WithThreshold", `"a function"`, "none, for the kind is error_rate")

	spec.Kind = 0
	err = newNothing(t, spec, []pair{webGold}, otelsli.WithThreshold(func(string) time.Duration { return 1 }))
	wantProblem(t, err, "WithThreshold", `"a func(string) time.Duration"`, "a func(otelsli_test.pair) time.Duration")
}

func TestSpecProblemsAreJoined(t *testing.T) {
	t.Parallel()
	type labels struct {
		Le   string
		Cost float64
	}
	err := newNothing(t, otelsli.Spec{
		Name:      "Total",
		Threshold: -1,
		Objective: otelsli.Objective{Availability: 2, Window: time.Minute},
	}, []labels{{"", 1}})
	wantProblem(t, err, "Name", `"Total"`, "")
	wantProblem(t, err, "Threshold", "-1ns", "")
	wantProblem(t, err, "Objective.Availability", "2", "")
	wantProblem(t, err, "Objective.Window", "1m0s", "")
	wantProblem(t, err, "labels.Cost", "float64", "a string, bool or integer")
	wantProblem(t, err, "label", `"le"`, "set by Prometheus")
	wantProblem(t, err, `declared labels [""]: le`, `""`, "a value")
	for _, e := range fieldErrors(err) {
		if !strings.HasPrefix(e.Field, `SLI "Total": `) {
			t.Errorf("field %q does not name the SLI", e.Field)
		}
	}
	if fe, ok := errors.AsType[*otelsli.FieldError](err); !ok || fe.Want == "" {
		t.Errorf("no FieldError in %v", err)
	}
}

func TestSpecDefaults(t *testing.T) {
	t.Parallel()
	perSeries := otelsli.WithThreshold(func(struct{}) time.Duration { return time.Second })
	for _, tt := range []struct {
		name       string
		spec       otelsli.Spec
		options    []otelsli.Option
		wantKind   otelsli.Kind
		wantWindow time.Duration
	}{
		{"name alone", otelsli.Spec{}, nil, otelsli.ErrorRate, 0},
		{"threshold", otelsli.Spec{Threshold: 1}, nil, otelsli.ErrorRate | otelsli.Apdex, 0},
		{"thresholds by series", otelsli.Spec{}, []otelsli.Option{perSeries, nil}, otelsli.ErrorRate | otelsli.Apdex, 0},
		{"kind", otelsli.Spec{Kind: otelsli.Apdex, Threshold: 1}, nil, otelsli.Apdex, 0},
		{"objective", otelsli.Spec{Objective: otelsli.Objective{Availability: 0.99}}, nil, otelsli.ErrorRate, 30 * 24 * time.Hour},
		{"window", otelsli.Spec{Objective: otelsli.Objective{Availability: 0.99, Window: otelsli.MinWindow}}, nil, otelsli.ErrorRate, otelsli.MinWindow},
	} {
		c := quiet()
		tt.spec.Name = "pay"
		declare[struct{}](t, c, tt.spec, nil, tt.options...)
		d := c.Describe().SLIs[0]
		if d.Kind != tt.wantKind {
			t.Errorf("%s: kind %v, want %v", tt.name, d.Kind, tt.wantKind)
		}
		if got := d.Spec().Objective.Window; got != tt.wantWindow {
			t.Errorf("%s: window %v, want %v", tt.name, got, tt.wantWindow)
		}
	}
}

func TestSpecUnreachableObjective(t *testing.T) {
	t.Parallel()
	c, log := logged(t)
	spec := checkout()
	spec.Objective = otelsli.Objective{Availability: 0.93, Apdex: 0.94}
	declare(t, c, spec, []pair{webGold})
	if got := log.with("can never fire", "sli=checkout", "objectives=[availability]"); len(got) != 1 {
		t.Errorf("want one warning about the availability, whose alert needs a ratio of failures above 1; log: %q", got)
	}
}
