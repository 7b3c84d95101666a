package configcmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestSourceOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting setup.Setting
		want    string
	}{
		{setup.Setting{Name: "A", Source: setup.Source{Kind: setup.FromDefault}}, "default"},
		{setup.Setting{Name: "A", Source: setup.Source{Kind: setup.FromVariable, Name: "A"}}, "variable"},
		{setup.Setting{Name: "A", Source: setup.Source{Kind: setup.FromVariable, Name: "B"}, Beaten: []string{"A"}}, "variable B, overrides A"},
		{setup.Setting{Name: "A", Source: setup.Source{Kind: setup.FromFile, Name: "A_FILE", Path: "/a\nb"}}, "file /a b of A_FILE"},
		{setup.Setting{Name: "A", Source: setup.Source{Kind: setup.FromOption, Name: "WithA"}, Beaten: []string{"A", "B"}}, "WithA, overrides A, B"},
	} {
		if got := sourceOf(test.setting); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	good, bad := &setup.Connection{OK: true}, &setup.Connection{Result: "refused"}
	for _, test := range []struct {
		report setup.Report
		want   string
	}{
		{setup.Report{Disabled: true}, "disabled: nothing is exported"},
		{setup.Report{Problems: make([]setup.Problem, 1)}, "1 problem"},
		{setup.Report{Problems: make([]setup.Problem, 2)}, "2 problems"},
		{setup.Report{}, "no pipelines: nothing is exported"},
		{setup.Report{Pipelines: make([]setup.PipelineReport, 1)}, "ok: 1 pipeline"},
		{setup.Report{Pipelines: []setup.PipelineReport{{Connection: good}, {Connection: bad}}}, "1 of 2 connections failed"},
		{setup.Report{Pipelines: []setup.PipelineReport{{Connection: good}, {Connection: &setup.Connection{Skipped: true}}}}, "ok: 2 pipelines"},
	} {
		if got := (textReport{Report: &test.report}).summary(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// Neither the answer of a server nor the value of a variable can write over the screen.
func TestTextFromOutsideIsHarmless(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2Jgone\nproblem: none\x07"
	var out bytes.Buffer
	writeText(&out, term.Style{}, &setup.Report{
		Settings:  []setup.Setting{{Name: "A", Value: evil, Source: setup.Source{Kind: setup.FromVariable, Name: "A"}}},
		Pipelines: []setup.PipelineReport{{Name: "otlp", Target: evil, Connection: &setup.Connection{Result: evil, Detail: evil}}},
		Resource:  map[string]string{"service.name": evil},
		Problems:  []setup.Problem{{Text: evil}, {Field: "A", Value: evil, Want: "b"}},
		Warnings:  []string{evil},
	})
	if strings.ContainsAny(out.String(), "\x1b\x07") || strings.Contains(out.String(), "\nproblem: none") {
		t.Errorf("%q", &out)
	}
}
