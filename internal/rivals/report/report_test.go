package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// result is a row that takes so many nanoseconds.
func result(name, rival string, cpu float64, series int) measure.Result {
	return measure.Result{Case: name, Rival: rival, Series: series, Runs: 1, Sample: measure.Sample{CPU: cpu}}
}

// sample is a report of a few rows.
func sample() *Report {
	cases := []work.Case{
		{Name: "event/labels/1 on 1", Title: "event, by labels"},
		{Name: "scrape/text/1000", Title: "scrape"},
		{Name: "scrape/text/100000", Title: "scrape"},
		{Name: "memory/10000", Title: "memory"},
	}
	results := []measure.Result{
		result("event/labels/1 on 1", work.Ours, 40, 0),
		result("event/labels/1 on 1", work.ClientGolang, 80, 0),
		result("scrape/text/1000", work.Ours, 400_000, 1000),
		result("scrape/text/100000", work.Ours, 44_000_000, 100_000),
		{Case: "memory/10000", Rival: work.Ours, Series: 10_000, Sample: measure.Sample{Memory: 600}},
		{Case: "memory/10000", Rival: work.ClientGolang, Series: 10_000, Sample: measure.Sample{Memory: 1800}},
	}
	r := New(cases, results, measure.Options{Rounds: 7, Time: time.Second})
	r.Machine = Machine{
		CPU: "Abacus", CPUs: 1, OS: "linux", Arch: "amd64", Go: "go1.26",
		Modules: map[string]string{"github.com/prometheus/client_golang": "v1.2.3"},
	}
	return r
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	var got []string
	for _, v := range sample().Verdicts {
		got = append(got, v.Of.Case+", "+v.Row().Rival+": "+v.String()+" is "+number(v.Is)+" "+yesNo(v.Met))
	}
	want := []string{
		"event/labels/1 on 1, client_golang: otelsli ≤ 0.40 of it is 0.50 NO",
		"memory/10000, client_golang: otelsli ≤ 1 of it is 0.33 yes",
		"scrape/text/100000, otelsli: ≤ 1.30 of scrape/text/1000 is 1.10 yes",
		"event/labels/1 on 1, otelsli: no allocation is 0 yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// Targets name cases and rivals that there are.
func TestTargetsExist(t *testing.T) {
	t.Parallel()
	cases := make(map[string]work.Case)
	for _, c := range work.All(work.Sizes) {
		cases[c.Name] = c
	}
	for _, target := range Targets() {
		keys := []Key{target.Of, target.To}
		if target.Allocations {
			keys = keys[:1]
		}
		for _, key := range keys {
			if _, ok := cases[key.Case].Rival(key.Rival); !ok {
				t.Errorf("%v: no row %+v", target, key)
			}
		}
	}
}

func TestAllocationsAreRounded(t *testing.T) {
	t.Parallel()
	for allocs, met := range map[float64]bool{0: true, 0.001: true, 1: false} {
		row := result("c", work.Ours, 1, 0)
		row.Allocs = allocs
		key := Key{"c", work.Ours}
		got := judge([]Target{{Of: key, Allocations: true}}, map[Key]measure.Result{key: row})
		if len(got) != 1 || got[0].Met != met {
			t.Errorf("%v allocations: %+v, want met %v", allocs, got, met)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{nanoseconds(2.187), "2.19 ns"},
		{nanoseconds(34.56), "34.6 ns"},
		{nanoseconds(999.4), "999 ns"},
		{nanoseconds(1000), "1.00 µs"},
		{nanoseconds(4_012_345), "4.01 ms"},
		{nanoseconds(2.5e9), "2.50 s"},
		{number(0), "0"},
		{number(1.0 / 15), "0.067"},
		{number(0.4), "0.40"},
		{number(12.34), "12.3"},
		{number(345.6), "346"},
		{number(2), "2"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sample().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"WORK WHO COST × OURS ALLOCS TARGET IS, MET",
		"event, by labels otelsli 40.0 ns 0 no allocation 0 yes",
		"client_golang 80.0 ns 2 0 otelsli ≤ 0.40 of it 0.50 NO",
		"",
		"scrape, 1000 series otelsli 400 µs 0",
		"",
		"scrape, 100000 series otelsli 44.0 ms 0 ≤ 1.30 of scrape/text/1000 1.10 yes",
		"",
		"memory, 10000 series otelsli 600 B",
		"client_golang 1800 B 3 otelsli ≤ 1 of it 0.33 yes",
		"",
		"3 of 4 targets are met.",
		"Missed: event, by labels, client_golang: otelsli ≤ 0.40 of it, is 0.50",
		"Abacus, 1 CPU, linux/amd64, go1.26",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var read Report
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	want := sample()
	if diff := cmp.Diff(want.Results, read.Results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Verdicts, read.Verdicts); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Machine, read.Machine); diff != "" {
		t.Errorf("machine (-want +got):\n%s", diff)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "performance.md")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# Title\n\n" + begin + "\nold\n" + end + "\n\nthe rest\n")
	for range 2 { // what was written is replaced again
		if err := sample().Update(name); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "performance.md")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("document (-%s +got):\n%s", golden, diff)
	}
	for _, text := range []string{"", begin + "\n", end + "\n", end + "\n" + begin + "\n"} {
		write(text)
		if err := sample().Update(name); err == nil || !strings.Contains(err.Error(), begin) {
			t.Errorf("document %q: error %v, want one that names the lines", text, err)
		}
	}
	if err := sample().Update(name + ".missing"); err == nil {
		t.Error("no error for a document that is missing")
	}
}

func TestCrowded(t *testing.T) {
	t.Parallel()
	cases := []work.Case{{Name: "together", Title: "two", Goroutines: 2}, {Name: "alone", Title: "one", Goroutines: 1}}
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one CPU has no company")
	}
	row := func(name, rival string, cpu, wall float64) measure.Result {
		return measure.Result{Case: name, Rival: rival, Sample: measure.Sample{CPU: cpu, Wall: wall}}
	}
	r := New(cases, []measure.Result{
		row("together", "parallel", 9, 5), row("together", "serial", 6, 5), row("alone", "serial", 5, 5),
	}, measure.Options{})
	want := []string{"The machine was too busy for two."}
	if diff := cmp.Diff(want, r.crowded()); diff != "" {
		t.Errorf("crowded (-want +got):\n%s", diff)
	}
	if !strings.Contains(r.summary(), want[0]) {
		t.Errorf("summary without it:\n%s", r.summary())
	}
}

func TestThisMachine(t *testing.T) {
	t.Parallel()
	m := ThisMachine()
	if m.CPU == "" || m.CPUs < 1 || !strings.HasPrefix(m.Go, "go") && !strings.HasPrefix(m.Go, "devel") {
		t.Errorf("machine %+v", m)
	}
}
