package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/report"
)

var quick = measure.Options{Rounds: 1, Time: time.Millisecond}

//nolint:paralleltest // measures the process
func TestRunPrintsTheTable(t *testing.T) {
	var out, progress bytes.Buffer
	c := command{only: "^event/timed$", form: "text", options: quick}
	if err := c.run(&out, &progress); err != nil {
		t.Fatal(err)
	}
	// Met or not: so short a run cannot tell, and the tests of ratios do.
	for _, want := range []string{"otelsli", "client_golang", " of 1 targets are met."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output without %q:\n%s", want, out.String())
		}
	}
	if got := progress.String(); got != "1/1 event/timed\n" {
		t.Errorf("progress %q", got)
	}
}

//nolint:paralleltest // measures the process
func TestRunWritesJSONAndDocument(t *testing.T) {
	document := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(document, []byte("<!-- rivals:begin -->\n<!-- rivals:end -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := command{only: "^collect/100$", form: "json", document: document, options: quick}
	if err := c.run(&out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Results) == 0 || r.Results[0].CPU <= 0 {
		t.Errorf("results %+v", r.Results)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "### One collection for push") {
		t.Errorf("document:\n%s", text)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    command
		want string // part of the error
	}{
		{"all", command{form: "text", options: quick}, ""},
		{"short", command{form: "json", short: true}, ""},
		{"pattern", command{form: "text", only: "(", options: quick}, "-run"},
		{"form", command{form: "xml", options: quick}, "want text or json"},
		{"rounds", command{form: "text"}, "-rounds 0"},
		{"nothing", command{form: "text", only: "nosuchcase", options: quick}, "no case"},
	} {
		cases, _, err := tt.c.plan()
		switch {
		case tt.want == "" && (err != nil || len(cases) < 30):
			t.Errorf("%s: %d cases, error %v", tt.name, len(cases), err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
	all, _, _ := command{form: "text", options: quick}.plan()
	short, options, _ := command{form: "text", short: true}.plan()
	if len(short) >= len(all) || options.Rounds < 1 {
		t.Errorf("%d cases in short, %d in all; options %+v", len(short), len(all), options)
	}
}
