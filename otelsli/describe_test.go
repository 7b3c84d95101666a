package otelsli_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
)

// described is a catalog with one of everything that a description can hold.
func described(t testing.TB) *otelsli.Catalog {
	t.Helper()
	c := quiet()
	spec := checkout()
	spec.FeatureCategory, spec.Owner = "payments", "team-pay"
	spec.Objective.Window = 28 * 24 * time.Hour
	s := declare(t, c, spec, []pair{webGold, {"app", `a "free" one` + "\n"}}, otelsli.WithThreshold(func(l pair) time.Duration {
		if l == webGold {
			return 0
		}
		return 1500 * time.Millisecond
	}))
	if err := s.Declare(appGold); err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context(), pair{"not", "declared"}, otelsli.Failed)
	declare[struct{}](t, c, otelsli.Spec{Name: "backup"}, nil)
	declare[pair](t, c, otelsli.Spec{Name: "apdex_only", Kind: otelsli.Apdex}, nil,
		otelsli.WithThreshold(func(pair) time.Duration { return -1 }))
	return c
}

func describe(t testing.TB, c *otelsli.Catalog) []byte {
	t.Helper()
	text, err := json.MarshalIndent(c.Describe(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func TestDescribeGolden(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		c := described(t)
		if err := c.Configure(otelsli.WithLayout(layout), otelsli.WithPrefix("gitlab_sli")); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/describe-"+layout.String()+".json", describe(t, c))
	}
}

func TestDescribeIsStable(t *testing.T) {
	t.Parallel()
	c := described(t)
	first := describe(t, c)
	c.Collect()
	if again := describe(t, c); !bytes.Equal(first, again) {
		t.Errorf("the description has changed by a collection:\n%s", cmp.Diff(string(first), string(again)))
	}

	// The order of the declarations is of no account.
	reversed := quiet()
	for _, sli := range [][]string{{"b", "y", "x"}, {"a", "x", "y"}} {
		s := declare[[1]string](t, reversed, otelsli.Spec{Name: sli[0]}, nil, otelsli.WithLabelNames("l"))
		for _, v := range sli[1:] {
			if err := s.Declare([1]string{v}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, sli := range reversed.Describe().SLIs {
		for _, s := range sli.Series {
			got = append(got, sli.Name+s.Labels["l"])
		}
	}
	if diff := cmp.Diff([]string{"ax", "ay", "bx", "by"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDescribeIsACopy(t *testing.T) {
	t.Parallel()
	c := described(t)
	before := describe(t, c)
	d := c.Describe()
	for i := range d.SLIs {
		d.SLIs[i].Metrics[0] = "changed"
		for j := range d.SLIs[i].Labels {
			d.SLIs[i].Labels[j] = "changed"
		}
		for _, s := range d.SLIs[i].Series {
			for name := range s.Labels {
				s.Labels[name] = "changed"
			}
		}
	}
	if after := describe(t, c); !bytes.Equal(before, after) {
		t.Errorf("changing a description has changed the catalog:\n%s", cmp.Diff(string(before), string(after)))
	}
}

func TestDescriptionRoundTrip(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*otelsli.Catalog{"empty": quiet(), "full": described(t)} {
		text := describe(t, c)
		got, err := otelsli.ParseDescription(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.Describe(), got); diff != "" {
			t.Errorf("%s: (-described +parsed)\n%s", name, diff)
		}
	}
}

func TestDescriptionSpec(t *testing.T) {
	t.Parallel()
	c := described(t)
	for _, sli := range c.Describe().SLIs {
		if sli.Name != "checkout" {
			continue
		}
		want := otelsli.Spec{
			Name:            "checkout",
			Description:     "A customer pays.",
			FeatureCategory: "payments",
			Owner:           "team-pay",
			Kind:            otelsli.ErrorRate | otelsli.Apdex,
			Threshold:       300 * time.Millisecond,
			Objective:       otelsli.Objective{Availability: 0.999, Apdex: 0.99, Window: 28 * 24 * time.Hour},
		}
		if diff := cmp.Diff(want, sli.Spec()); diff != "" {
			t.Errorf("(-declared +described)\n%s", diff)
		}
	}
}

func TestParseDescriptionErrors(t *testing.T) {
	t.Parallel()
	sli := func(fields string) string {
		return `{"version":1,"prefix":"sli","layout":"counters","slis":[{"name":"pay","kinds":["error_rate"],"labels":["tier"]` + fields + `}]}`
	}
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", ``, "otelsli: parse description: unexpected end of JSON input"},
		{"garbage after", sli("") + "x", "otelsli: parse description: invalid character 'x'"},
		{"list", `[]`, "otelsli: parse description: json: cannot unmarshal array"},
		{"no version", `{}`, "otelsli: description: version is 0: want 1"},
		{"version of the future", `{"version":2}`, "otelsli: description: version is 2: want 1"},
		{"prefix", `{"version":1,"prefix":"a-b"}`, `otelsli: description: prefix is "a-b": want lower case words`},
		{"layout", `{"version":1,"prefix":"sli","layout":"cells"}`, `layout "cells": want counters or outcomes`},
		{"kind", sli(`,"kinds":["latency"]`), `kind "latency": want error_rate or apdex`},
		{"no kind", sli(`,"kinds":[]`), `SLI "pay": Kind is Kind(0): want ErrorRate, Apdex or both`},
		{"name", sli(`,"name":"Pay"`), `SLI "Pay": Name is "Pay": want lower snake case`},
		{
			"twice", `{"version":1,"prefix":"sli","slis":[{"name":"pay","kinds":["error_rate"]},{"name":"pay","kinds":["error_rate"]}]}`,
			`SLI "pay": Name is "pay": want another name: the metric sli_pay_total would also be that of SLI "pay"`,
		},
		{
			"collision", `{"version":1,"prefix":"sli","slis":[{"name":"pay_error","kinds":["error_rate"]},{"name":"pay","kinds":["error_rate"]}]}`,
			`SLI "pay_error": Name is "pay_error": want another name: the metric sli_pay_error_total would also be that of SLI "pay"`,
		},
		{"threshold", sli(`,"threshold_seconds":"1s"`), "otelsli: a duration: json: cannot unmarshal string"},
		{"negative threshold", sli(`,"threshold_seconds":-1`), "otelsli: a duration of -1 seconds: want one from 0"},
		{"endless threshold", sli(`,"threshold_seconds":1e300`), "otelsli: a duration of 1e+300 seconds: want one from 0"},
		{"threshold without apdex", sli(`,"threshold_seconds":1`), `Threshold is 1s: want 0, for the kind is error_rate`},
		{"objective", sli(`,"objective":{"availability":99,"window_seconds":86400}`), `Objective.Availability is 99: want a ratio`},
		{"no window", sli(`,"objective":{"availability":0.9}`), `Objective.Window is 0s: want at least 24h`},
		{"label", sli(`,"labels":["le"]`), `label is "le": want another name`},
		{"missing label", sli(`,"series":[{}]`), `tier is "": want a value`},
		{"unknown label", sli(`,"series":[{"labels":{"tier":"gold","x":"y"}}]`), `series is "a label x": want only the labels [tier]`},
		{
			"metrics", sli(`,"metrics":["sli.pay.total","sli.pay.failed"]`),
			`SLI "pay": metrics is "sli.pay.total sli.pay.failed": want "sli.pay.total sli.pay.error.total sli.pay.ignored.total"`,
		},
		{"metrics of another prefix", `{"version":1,"prefix":"b","slis":[{"name":"p","kinds":["apdex"],"metrics":["a.p.apdex.total"]}]}`, `metrics is "a.p.apdex.total"`},
		{"series twice", sli(`,"series":[{"labels":{"tier":"gold"}},{"labels":{"tier":"free"}},{"labels":{"tier":"gold"}}]`), `series is "gold": want every combination of labels once`},
		{"threshold of a series without apdex", sli(`,"series":[{"labels":{"tier":"gold"},"threshold_seconds":3}]`), `series ["gold"]: Threshold is 3s: want 0, for the kind is error_rate`},
		{"overflow", sli(`,"series":[{"labels":{"tier":"_overflow"}}]`), `tier is "_overflow": want another value`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := otelsli.ParseDescription([]byte(tt.text))
			if d != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %v\nwant an error with %s", d, err, tt.want)
			}
		})
	}
}

func TestParseDescriptionPassesOver(t *testing.T) {
	t.Parallel()
	d, err := otelsli.ParseDescription([]byte(`{"version":1,"prefix":"sli","color":"red","slis":[{"name":"pay","kinds":["error_rate"],"color":"red"}]}`))
	if err != nil || len(d.SLIs) != 1 {
		t.Errorf("fields of a later release: %+v, %v", d, err)
	}
}

// What is missing but follows is filled in, so that nobody need look for it twice.
func TestParseDescriptionNormalizes(t *testing.T) {
	t.Parallel()
	d, err := otelsli.ParseDescription([]byte(`{"version":1,"prefix":"sli"}`))
	if err != nil || d.SLIs == nil {
		t.Errorf("no SLIs: %+v, %v; want a list that is empty", d, err)
	}
	d, err = otelsli.ParseDescription([]byte(`{"version":1,"prefix":"sli","slis":[
		{"name":"b","kinds":["error_rate"],"labels":["x","a"],"series":[
			{"labels":{"x":"2","a":"1"}},{"labels":{"x":"1","a":"2"}},{"labels":{"x":"1","a":"1"}}]},
		{"name":"a","kinds":["error_rate"],"labels":[],"objective":{},"metrics":[],"series":[{"labels":{}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	c := quiet()
	declare(t, c, otelsli.Spec{Name: "b"}, [][2]string{{"1", "1"}, {"1", "2"}, {"2", "1"}}, otelsli.WithLabelNames("x", "a"))
	declare[struct{}](t, c, otelsli.Spec{Name: "a"}, nil)
	if diff := cmp.Diff(c.Describe(), d); diff != "" {
		t.Errorf("(-described +parsed)\n%s", diff)
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                      "0",
		1:                      "0.000000001",
		300 * time.Millisecond: "0.3",
		time.Second:            "1",
		10 * time.Second:       "10",
		30 * 24 * time.Hour:    "2592000",
		365*24*time.Hour + 1:   "31536000.000000001", // more digits than a float64 has
		1<<63 - 1:              "9223372036.854775807",
	} {
		text, err := json.Marshal(otelsli.Seconds(d))
		if err != nil || string(text) != want {
			t.Errorf("%v: %s, %v; want %s", d, text, err, want)
		}
		var back otelsli.Seconds
		if err := json.Unmarshal(text, &back); err != nil || back.Duration() != d {
			t.Errorf("%s reads back as %v, %v; want %v", text, back.Duration(), err, d)
		}
	}
	for text, want := range map[string]time.Duration{"1e-9": 1, "3E2": 5 * time.Minute, "1.50": 1500 * time.Millisecond, "null": 0} {
		var s otelsli.Seconds
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.Duration() != want {
			t.Errorf("%s: %v, %v; want %v", text, s.Duration(), err, want)
		}
	}
	if _, err := json.Marshal(otelsli.Seconds(-1)); err == nil {
		t.Error("a negative duration is written")
	}
}

func FuzzParseDescription(f *testing.F) {
	f.Add(describe(f, described(f)))
	f.Add([]byte(`{"version":1,"prefix":"sli","slis":[{"name":"pay","kinds":["error_rate"],"objective":{}}]}`))
	f.Add([]byte(`{"version":1,"prefix":"a.b","layout":"outcomes","slis":[{"name":"p","kinds":["apdex"],"threshold_seconds":1e-9}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := otelsli.ParseDescription(data)
		if err != nil {
			if d != nil {
				t.Error("a description beside the error")
			}
			return
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := otelsli.ParseDescription(text)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		textAgain, err := json.Marshal(again)
		if err != nil || !bytes.Equal(text, textAgain) || !cmp.Equal(d, again) {
			t.Errorf("%v: reads back as another value\n%s\n%s", err, text, textAgain)
		}
	})
}
