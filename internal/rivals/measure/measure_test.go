package measure

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

func TestAlternate(t *testing.T) {
	t.Parallel()
	var order []int
	samples := alternate(3, Options{Rounds: 4, Time: time.Minute}, func(i int) Sample {
		order = append(order, i)
		return Sample{CPU: float64(len(order))}
	})
	if diff := cmp.Diff([]int{0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want := []Sample{{CPU: 2}, {CPU: 4}, {CPU: 9}, {CPU: 11}}
	if diff := cmp.Diff(want, samples[1]); diff != "" {
		t.Errorf("samples of the second (-want +got):\n%s", diff)
	}
}

// Rounds that take too long are fewer.
func TestAlternateHasPatience(t *testing.T) {
	t.Parallel()
	samples := alternate(2, Options{Rounds: 7, Time: time.Microsecond}, func(int) Sample {
		time.Sleep(time.Millisecond)
		return Sample{}
	})
	if len(samples[0]) != 4 || len(samples[1]) != 4 {
		t.Errorf("%d and %d samples, want 4 of 7", len(samples[0]), len(samples[1]))
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	of := func(name string, costs ...float64) Result {
		var samples []Sample
		for _, c := range costs {
			samples = append(samples, Sample{CPU: c})
		}
		return Result{Case: name}.of(samples)
	}
	for _, tt := range []struct {
		name string
		a, b Result
		want float64
	}{
		{"by rounds: the machine was slow in the second", of("c", 10, 40, 12), of("c", 5, 20, 8), 2},
		{"by medians: not of one case", of("c", 10, 40, 12), of("d", 5, 20, 8), 1.5},
		{"by medians: not of the same rounds", of("c", 10), of("c", 5, 20, 8), 1.25},
	} {
		if got := tt.a.Ratio(tt.b); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{5}, 5},
		{[]float64{1, 2}, 1.5},
		{[]float64{1, 2, 100}, 2},
		{[]float64{1, 2, 4, 100}, 3},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

func TestResultOf(t *testing.T) {
	t.Parallel()
	samples := []Sample{
		{CPU: 30, Wall: 1, Allocs: 2, Bytes: 5},
		{CPU: 10, Wall: 3, Allocs: 2, Bytes: 6},
		{CPU: 20, Wall: 2, Allocs: 9, Bytes: 7},
	}
	got := Result{Case: "scrape", Rival: "r", Series: 10}.of(samples)
	want := Result{
		Case: "scrape", Rival: "r", Series: 10,
		Sample: Sample{CPU: 20, Wall: 2, Allocs: 2, Bytes: 6},
		Costs:  []float64{30, 10, 20},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if got.Cost() != 20 || got.PerSeries() != 2 {
		t.Errorf("cost %v, per series %v; want 20 and 2", got.Cost(), got.PerSeries())
	}
	memory := Result{Series: 10, Sample: Sample{CPU: 1, Memory: 600}}
	if memory.Cost() != 600 || memory.PerSeries() != 600 {
		t.Errorf("memory: cost %v, per series %v; want 600 both", memory.Cost(), memory.PerSeries())
	}
	event := Result{Sample: Sample{CPU: 3}}
	if event.PerSeries() != 3 {
		t.Errorf("event: per series %v, want its cost, 3", event.PerSeries())
	}
}

// spin keeps the CPU busy.
func spin(d time.Duration) {
	for begin := cpuTime(); cpuTime()-begin < d; {
		_ = math.Sqrt(float64(begin))
	}
}

func TestCPUTimeAdvances(t *testing.T) {
	t.Parallel()
	before := cpuTime()
	spin(5 * time.Millisecond)
	if took := cpuTime() - before; took < 5*time.Millisecond {
		t.Errorf("5 ms of work took %v", took)
	}
}

// unhurried measures until it comes out right, which on a busy machine takes several attempts.
func unhurried(t *testing.T, attempt func() error) {
	t.Helper()
	var err error
	for range 20 {
		if err = attempt(); err == nil {
			return
		}
	}
	t.Errorf("20 times; at last: %v", err)
}

//nolint:paralleltest // measures the process
func TestCalibrate(t *testing.T) {
	ran := 0
	s := work.Subject{Run: func(n int) {
		ran += n
		spin(time.Duration(n) * 100 * time.Microsecond)
	}}
	unhurried(t, func() error {
		if n := calibrate(s, 10*time.Millisecond); n < 50 || n > 130 {
			return fmt.Errorf("%d operations of 100 µs for 10 ms", n)
		}
		return nil
	})
	if ran == 0 {
		t.Error("the subject was not warmed up")
	}
	if n := calibrate(work.Subject{Run: func(int) { spin(2 * time.Millisecond) }}, time.Millisecond); n != 1 {
		t.Errorf("%d operations that take longer each, want 1", n)
	}
}

// Of samples that did not run at the same time the one that did most is taken.
//
//nolint:paralleltest // measures the process
func TestTakeParallel(t *testing.T) {
	naps := []time.Duration{20 * time.Millisecond, 5 * time.Millisecond, 40 * time.Millisecond}
	times := 0
	s := work.Subject{Run: func(int) {
		spin(5 * time.Millisecond)
		time.Sleep(naps[times%len(naps)])
		times++
	}}
	unhurried(t, func() error {
		times = 0
		got := takeParallel(s, 1, 2)
		if times != 1+attempts {
			t.Errorf("%d samples, want %d", times, 1+attempts)
		}
		if got.CPUs() < 0.25 {
			return fmt.Errorf("%.2f CPUs, want about 0.5", got.CPUs())
		}
		return nil
	})
	times = 0
	if takeParallel(s, 1, 1); times != 1 {
		t.Errorf("%d samples of one goroutine, want 1", times)
	}
}

func TestCrowded(t *testing.T) {
	t.Parallel()
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one CPU has no company")
	}
	of := func(cpu, wall float64) Result { return Result{Sample: Sample{CPU: cpu, Wall: wall}} }
	for _, tt := range []struct {
		name       string
		goroutines int
		results    []Result
		want       bool
	}{
		{"together", 2, []Result{of(10, 5), of(9, 5)}, false},
		{"one of them alone", 2, []Result{of(10, 5), of(5, 5)}, true},
		{"one goroutine", 1, []Result{of(5, 5)}, false},
		{"no goroutines", 0, []Result{of(5, 5)}, false},
	} {
		if got := Crowded(work.Case{Goroutines: tt.goroutines}, tt.results); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

var kept any

//nolint:paralleltest // counts the allocations of the process
func TestTakeCountsAllocations(t *testing.T) {
	sample := take(work.Subject{Run: func(n int) {
		for range n {
			kept = new([128]byte)
		}
	}}, 10_000)
	if sample.Allocs < 1 || sample.Allocs > 1.1 || sample.Bytes < 128 || sample.Bytes > 160 {
		t.Errorf("%v allocations of %v bytes in all, want 1 of 128", sample.Allocs, sample.Bytes)
	}
	if sample.CPU <= 0 || sample.Wall <= 0 {
		t.Errorf("CPU %v ns, wall %v ns: want some", sample.CPU, sample.Wall)
	}
}

//nolint:paralleltest // measures the heap of the process
func TestHold(t *testing.T) {
	const series, size = 1000, 256
	sample := hold(work.Rival{New: func() work.Subject {
		all := make([][]byte, series)
		for i := range all {
			all[i] = make([]byte, size)
		}
		return work.Subject{Keep: all}
	}}, series)
	if sample.Memory < size || sample.Memory > size+100 {
		t.Errorf("%v bytes for each of %d slices of %d", sample.Memory, series, size)
	}
}

//nolint:paralleltest // measures the process
func TestCase(t *testing.T) {
	closed := 0
	rival := func(name string, d time.Duration) work.Rival {
		return work.Rival{Name: name, New: func() work.Subject {
			return work.Subject{
				Run:   func(n int) { spin(time.Duration(n) * d) },
				Close: func() { closed++ },
			}
		}}
	}
	unhurried(t, func() error {
		closed = 0
		results := Case(work.Case{Name: "c", Series: 7, Rivals: []work.Rival{
			rival("quick", 100*time.Microsecond), rival("slow", 1500*time.Microsecond),
		}}, Options{Rounds: 3, Time: 3 * time.Millisecond})
		if names := []string{results[0].Rival, results[1].Rival}; !slices.Equal(names, []string{"quick", "slow"}) {
			t.Errorf("results of %v", names)
		}
		if results[0].Series != 7 || results[0].Case != "c" {
			t.Errorf("results %+v", results)
		}
		if closed != 2 {
			t.Errorf("%d subjects closed, want 2", closed)
		}
		if ratio := results[1].CPU / results[0].CPU; ratio < 3 {
			return fmt.Errorf("15 times the work takes %v times as long", ratio)
		}
		if results[0].Runs < results[1].Runs {
			return fmt.Errorf("the quick one ran less often: %+v", results)
		}
		return nil
	})
}

//nolint:paralleltest // measures the heap of the process
func TestCaseOfMemory(t *testing.T) {
	results := Case(work.Case{Name: "m", Series: 1, Memory: true, Rivals: []work.Rival{
		{Name: "large", New: func() work.Subject { return work.Subject{Keep: make([]byte, 1<<20)} }},
	}}, Options{Rounds: 3, Time: time.Millisecond})
	if got := results[0].Memory; got < 1<<20 || got > 1<<20+1<<16 {
		t.Errorf("%v bytes, want 1 MiB", got)
	}
}
