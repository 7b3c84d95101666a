package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

// An outage costs no memory and no totals, whether these or increments are sent.
//
//nolint:paralleltest // it measures the heap of the process
func TestOutage(t *testing.T) {
	for _, increments := range []bool{false, true} {
		o := outage{
			series: 500, down: 2 * time.Second, healthy: 500 * time.Millisecond, interval: 100 * time.Millisecond,
			increments: increments,
		}
		f, err := o.run(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		before, during := f.phases[0], f.phases[1]
		if limit := before.heap + f.heapAllowance(); during.heap > limit {
			t.Errorf("increments %v: heap %s, and %s before", increments, mebibytes(during.heap), mebibytes(before.heap))
		}
		if f.lines != 1500 || f.wrongAt[0] != 0 || f.wrongAt[1] != 0 {
			t.Errorf("increments %v: of %d lines %v wrong after the return and the shutdown", increments, f.lines, f.wrongAt)
		}
		if during.exports < during.want/2 {
			t.Errorf("increments %v: the other pipeline exported %d times, want %d", increments, during.exports, during.want)
		}
		if during.median == 0 || during.median > during.p99 {
			t.Errorf("increments %v: recording took %v, at the 99th percentile %v", increments, during.median, during.p99)
		}
	}
}

func TestReadTotals(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lines")
	text := `sli.order.total;instance=k;service.name=outage;shop=shop-1 5 100
sli.order.total;instance=k;service.name=outage;shop=shop-2 1 100
sli.order.total;instance=k;service.name=outage;shop=shop-1 5 100
otelsli.graphite.connects;instance=k 9 101
sli.order.total;instance=k;service.name=outage;shop=shop-1 7 101
sli.order.total;instance=k;service.name=outage;shop=shop-2 x 101
sli.order.total;instance=k;service.name=outage;shop=shop-1 3 99
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for increments, want := range map[bool]map[string]total{
		false: {"sli.order.total shop-1": {7, 101}, "sli.order.total shop-2": {1, 100}},
		true:  {"sli.order.total shop-1": {12, 101}, "sli.order.total shop-2": {1, 100}},
	} {
		got, err := readTotals(file, increments)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(total{})); diff != "" || err != nil {
			t.Errorf("increments %v: %v (-want +got):\n%s", increments, err, diff)
		}
	}
	if _, err := readTotals(file+"x", false); err == nil {
		t.Error("a file that is not there was read")
	}
}

// What was recorded and what did not arrive are both seen.
func TestWrongTotals(t *testing.T) {
	t.Parallel()
	s, err := newService(outage{series: 2, down: time.Second, healthy: time.Second, interval: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.burst(t.Context())
	if got, want := s.counts[0].Total()+s.counts[1].Total()+s.counts[0][otelsli.Ignored]+s.counts[1][otelsli.Ignored], int64(burstSize); got != want {
		t.Errorf("%d events noted, want %d", got, want)
	}
	file := filepath.Join(t.TempDir(), "lines")
	if n := s.wrong(file); n != 6 {
		t.Errorf("without a file %d totals are wrong, want all 6", n)
	}
	if err := os.WriteFile(file, []byte("sli.order.total;shop=shop-0 100 17\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := s.wrong(file); n >= 6 || n < 3 {
		t.Errorf("%d totals are wrong, want at least those of the other series and less than all", n)
	}
	if n := s.settle(file, 0); n == 0 {
		t.Error("wrong totals have settled")
	}
}

func TestVerdictOfAnOutage(t *testing.T) {
	t.Parallel()
	calm := phase{heap: 100 << 20, median: 100, p99: 200, exports: 60, want: 60}
	good := findings{lines: 3, wrongAt: []int{0, 0}, phases: []phase{calm, calm, calm}}
	for name, test := range map[string]struct {
		change func(*findings)
		want   string
	}{
		"good":           {func(*findings) {}, ""},
		"heap":           {func(f *findings) { f.phases[1].heap = 120 << 20 }, "heap grew from 100.0 MiB to 120.0 MiB"},
		"recording":      {func(f *findings) { f.phases[1].median = 300 }, "recording took 300ns"},
		"other pipeline": {func(f *findings) { f.phases[1].exports = 30 }, "exported 30 times, want 60"},
		"after return":   {func(f *findings) { f.wrongAt = []int{2, 0} }, "return 2 of 3 totals"},
		"after shutdown": {func(f *findings) { f.wrongAt = []int{0, 1} }, "shutdown 1 of 3 totals"},
	} {
		f := good
		f.phases = append([]phase(nil), good.phases...)
		test.change(&f)
		err := f.verdict()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	var out strings.Builder
	good.print(&out, outage{series: 1, down: time.Minute, interval: time.Second})
	for _, want := range []string{"1 SLI series (3 lines)", "60 of 60", "100.0 MiB", "during / before: 1.00", "0 of 3 totals wrong"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}
