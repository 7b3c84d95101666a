package measure

import (
	"runtime"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// begun is when the process was.
var begun = time.Now()

// A Sample is what operations cost. All is for one operation, but Memory, which is for one series.
type Sample struct {
	CPU    float64 `json:"cpu_ns"`           // nanoseconds
	Wall   float64 `json:"wall_ns"`          // nanoseconds on the clock
	Allocs float64 `json:"allocs"`           // number of allocations
	Bytes  float64 `json:"alloc_bytes"`      // allocated
	Memory float64 `json:"memory,omitempty"` // held
}

// take runs n operations.
func take(s work.Subject, n int) Sample {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	clock, cpu := time.Now(), cpuTime()
	s.Run(n)
	cpu, wall := cpuTime()-cpu, time.Since(clock)
	runtime.ReadMemStats(&after)
	per := func(v uint64) float64 { return float64(v) / float64(n) }
	return Sample{
		CPU:    per(uint64(cpu)),
		Wall:   per(uint64(wall)),
		Allocs: per(after.Mallocs - before.Mallocs),
		Bytes:  per(after.TotalAlloc - before.TotalAlloc),
	}
}

// Goroutines that are to be measured at the same time must run at the same time, or they do not get
// into each other's way. On a machine that is busy it takes several attempts.
const (
	attempts      = 10
	simultaneous  = 0.85 // share of the CPUs that is enough
	crowd         = 0.7  // share that is too little for a result
	partOfASample = 3    // attempts are shorter than samples
)

// takeParallel takes the sample that used most CPUs at once, up to want.
func takeParallel(s work.Subject, n, want int) Sample {
	if want <= 1 {
		return take(s, n)
	}
	n = max(n/partOfASample, 1)
	best := take(s, n)
	for range attempts {
		if best.CPUs() >= simultaneous*float64(want) {
			break
		}
		if again := take(s, n); again.CPUs() > best.CPUs() {
			best = again
		}
	}
	return best
}

// Crowded reports whether the goroutines of a case, which are to run at the same time, did not for some
// of the rivals: the machine was busy, and the results are those of goroutines that had no company.
func Crowded(c work.Case, results []Result) bool {
	want := min(c.Goroutines, runtime.GOMAXPROCS(0))
	return want > 1 && slices.ContainsFunc(results, func(r Result) bool {
		return r.CPUs() < crowd*float64(want)
	})
}

// CPUs is how many ran at the same time, on average.
func (s Sample) CPUs() float64 { return s.CPU / s.Wall }

// maxGrowth is how much the number of operations may grow at once: the first few tell little.
const maxGrowth = 100

// calibrate returns how many operations take so long, and warms the subject up.
func calibrate(s work.Subject, long time.Duration) int {
	for n := 1; ; {
		clock, cpu := time.Now(), cpuTime()
		s.Run(n)
		took := max(cpuTime()-cpu, time.Since(clock)/time.Duration(runtime.GOMAXPROCS(0)), 1)
		if took >= long {
			return n
		}
		more := min(float64(n)*float64(long)/float64(took)*1.1+1, float64(n)*maxGrowth)
		if took >= long/2 {
			return int(more)
		}
		n = int(more)
	}
}

// hold measures the memory of a subject.
func hold(r work.Rival, series int) Sample {
	before := live()
	s := r.Make()
	held := live() - before
	runtime.KeepAlive(s.Keep)
	s.Close()
	return Sample{Memory: float64(held) / float64(series)}
}

// live returns the size of all live objects.
func live() int64 {
	for range 2 { // what a sync.Pool has survives one collection
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
