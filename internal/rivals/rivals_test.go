package main

import (
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/internal/rivals/measure"
	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// BenchmarkRivals is all cases as benchmarks, for profiles; the command compares them more fairly.
func BenchmarkRivals(b *testing.B) {
	for _, c := range work.All(work.Sizes) {
		if c.Memory {
			continue
		}
		for _, r := range c.Rivals {
			b.Run(c.Name+"/"+r.Name, func(b *testing.B) {
				s := r.Make()
				defer s.Close()
				s.Run(1)
				b.ReportAllocs()
				b.ResetTimer()
				s.Run(b.N)
			})
		}
	}
}

// find returns a case of the small sizes.
func find(t *testing.T, name string) work.Case {
	t.Helper()
	for _, c := range work.All([]int{100, 1000}) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no case %q", name)
	return work.Case{}
}

func pick(t *testing.T, c work.Case, name string) work.Rival {
	t.Helper()
	r, ok := c.Rival(name)
	if !ok {
		t.Fatalf("no rival %q in case %q", name, c.Name)
	}
	return r
}

func skipInstrumented(t *testing.T) {
	t.Helper()
	if raceEnabled || testing.CoverMode() != "" {
		t.Skip("instrumented code has other costs")
	}
}

// The limits are two or three times what was measured, and of several attempts the best one counts:
// what fails this has become slower, however busy the machine is.
//
//nolint:paralleltest // measures the CPU time of the process
func TestRatios(t *testing.T) {
	skipInstrumented(t)
	for _, tt := range []struct {
		name, of, to string
		limit        float64
	}{
		{"event/bound/1 on one", work.Ours, work.Limit, 3},
		{"event/bound/1 on one", work.Ours, work.ClientGolang, 1.5},
		{"event/bound/1 on one", work.Ours, work.OTel, 0.05},
		{"event/bound/2 on one", work.Ours, work.Limit, 3},
		{"event/bound/2 on own", work.Ours, work.Limit, 3},
		{"event/labels/1 on 1024", work.Ours, work.ClientGolang, 0.6},
		{"event/labels/1 on 1024", work.Ours, work.LabelsLimit, 3},
		{"event/timed", work.Ours, work.Limit, 4},
		{"http/request", work.Ours, work.OTelHTTP, 0.25},
		{"http/request", work.OursMiddleware, work.OTelHTTP, 0.25},
		{"http/request", work.OursOTelHTTP, work.OTelHTTP, 1.6},
		{"scrape/text/1000", work.Ours, work.ClientGolang, 0.1},
		{"scrape/text/1000", work.Ours, work.OTelExporter, 0.04},
		{"scrape/openmetrics/1000", work.Ours, work.ClientGolang, 0.1},
		{"scrape/protobuf/1000", work.Ours, work.ClientGolang, 0.6},
		{"collect/1000", work.Ours, work.OTelObservable, 0.15},
		{"collect/1000", work.OursDelta, work.OTelObservable, 0.2},
		{"otlp/1000", work.Ours, work.OTelObservable, 1.1},
		{"memory/1000", work.Ours, work.ClientGolang, 0.5},
		{"memory/1000", work.OursScraped, work.ClientGolang, 0.6},
		{"startup/1000", work.Ours, work.ClientGolang, 1},
	} {
		t.Run(tt.name+"/"+tt.of+"/"+tt.to, func(t *testing.T) {
			c := find(t, tt.name)
			c.Rivals = []work.Rival{pick(t, c, tt.of), pick(t, c, tt.to)}
			best := 0.0
			for attempt := range 10 {
				results := measure.Case(c, measure.Options{Rounds: 5, Time: 2 * time.Millisecond})
				ratio := results[0].Ratio(results[1])
				if attempt == 0 || ratio < best {
					best = ratio
				}
				if best <= tt.limit {
					return
				}
			}
			t.Errorf("%s costs %.3f of what %s does, want at most %v", tt.of, best, tt.to, tt.limit)
		})
	}
}

// Allocations have no noise, but for what a garbage collection takes from a pool.
//
//nolint:paralleltest // counts the allocations of the process
func TestAllocations(t *testing.T) {
	skipInstrumented(t)
	for _, tt := range []struct {
		name, of string
		limit    float64
	}{
		{"event/bound/1 on one", work.Ours, 0},
		{"event/labels/1 on 1", work.Ours, 0},
		{"event/labels/1 on 1024", work.Ours, 0},
		{"event/mixed", work.Ours, 0},
		{"event/span", work.Ours, 0},
		{"event/timed", work.Ours, 0},
		{"http/request", work.Ours, 1},
		{"http/request", work.OursMiddleware, 1},
		{"scrape/text/100", work.Ours, 90},
		{"scrape/text/1000", work.Ours, 90},
		{"scrape/openmetrics/1000", work.Ours, 90},
		{"scrape/protobuf/1000", work.Ours, 170},
		{"collect/100", work.Ours, 60},
		{"collect/1000", work.Ours, 60},
		{"collect/1000", work.OursDelta, 60},
		{"collect/1000", work.OursProducer, 100},
		{"graphite/100", work.Ours, 200},
		{"graphite/1000", work.Ours, 200},
	} {
		t.Run(tt.name+"/"+tt.of, func(t *testing.T) {
			s := pick(t, find(t, tt.name), tt.of).Make()
			defer s.Close()
			s.Run(3) // memory that is kept is not counted
			if got := testing.AllocsPerRun(20, func() { s.Run(1) }); got > tt.limit {
				t.Errorf("%v allocations, want at most %v", got, tt.limit)
			}
		})
	}
}
