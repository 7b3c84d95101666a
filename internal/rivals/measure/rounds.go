package measure

import (
	"runtime"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/internal/rivals/work"
)

// Options say how long to measure.
type Options struct {
	// Rounds is the number of samples of each rival. Cases that take long have half as many.
	Rounds int `json:"rounds"`

	// Time is how long a sample takes, if one operation does not take longer.
	Time time.Duration `json:"time_ns"`
}

// A Result is what a rival costs in a case: the medians of its samples.
type Result struct {
	Case   string `json:"case"`
	Rival  string `json:"rival"`
	Series int    `json:"series,omitempty"`
	Runs   int    `json:"operations"` // of each sample

	Sample

	// Costs are the costs of all samples, in the order of the rounds.
	Costs []float64 `json:"costs"`
}

// Case measures all rivals of c, in its order.
func Case(c work.Case, o Options) []Result {
	if c.Memory {
		return memory(c, o)
	}
	results, subjects := make([]Result, len(c.Rivals)), make([]work.Subject, len(c.Rivals))
	for i, r := range c.Rivals {
		subjects[i] = r.Make()
		defer subjects[i].Close()
		results[i] = Result{Case: c.Name, Rival: r.Name, Series: c.Series, Runs: calibrate(subjects[i], o.Time)}
	}
	cpus := min(c.Goroutines, runtime.GOMAXPROCS(0))
	samples := alternate(len(c.Rivals), o, func(i int) Sample { return takeParallel(subjects[i], results[i].Runs, cpus) })
	for i, r := range results {
		results[i] = r.of(samples[i])
	}
	return results
}

// memory measures a case of memory. Its samples hardly differ.
func memory(c work.Case, o Options) []Result {
	o.Rounds = min(o.Rounds, 3)
	samples := alternate(len(c.Rivals), o, func(i int) Sample { return hold(c.Rivals[i], c.Series) })
	results := make([]Result, len(c.Rivals))
	for i, r := range c.Rivals {
		results[i] = Result{Case: c.Name, Rival: r.Name, Series: c.Series, Runs: 1}.of(samples[i])
	}
	return results
}

// patience is how many times longer than planned a round may take before there are fewer of them.
const patience = 3

// alternate takes a sample of each of n in every round, beginning with another one each time.
func alternate(n int, o Options, sample func(i int) Sample) [][]Sample {
	samples := make([][]Sample, n)
	rounds := o.Rounds
	for round := 0; round < rounds; round++ {
		begin := time.Now()
		for turn := range n {
			i := (round + turn) % n
			samples[i] = append(samples[i], sample(i))
		}
		if time.Since(begin) > patience*time.Duration(n)*o.Time {
			rounds = (o.Rounds + 1) / 2
		}
	}
	return samples
}

// of returns r with what the samples come to.
func (r Result) of(samples []Sample) Result {
	field := func(f func(Sample) float64) []float64 {
		values := make([]float64, len(samples))
		for i, s := range samples {
			values[i] = f(s)
		}
		slices.Sort(values)
		return values
	}
	r.Sample = Sample{
		CPU:    median(field(func(s Sample) float64 { return s.CPU })),
		Wall:   median(field(func(s Sample) float64 { return s.Wall })),
		Allocs: median(field(func(s Sample) float64 { return s.Allocs })),
		Bytes:  median(field(func(s Sample) float64 { return s.Bytes })),
		Memory: median(field(func(s Sample) float64 { return s.Memory })),
	}
	for _, s := range samples {
		r.Costs = append(r.Costs, s.cost())
	}
	return r
}

// median returns the middle of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Cost is what is compared: the memory, where that is what was measured, or else the CPU time.
func (r Result) Cost() float64 { return r.cost() }

func (s Sample) cost() float64 {
	if s.Memory != 0 {
		return s.Memory
	}
	return s.CPU
}

// Ratio returns what r costs in terms of what other does. If they are of one case it is the median
// over the rounds, in each of which both had the same conditions.
func (r Result) Ratio(other Result) float64 {
	if r.Case != other.Case || len(r.Costs) != len(other.Costs) || len(r.Costs) == 0 {
		return r.Cost() / other.Cost()
	}
	ratios := make([]float64, len(r.Costs))
	for i := range ratios {
		ratios[i] = r.Costs[i] / other.Costs[i]
	}
	slices.Sort(ratios)
	return median(ratios)
}

// PerSeries is the cost for each series, and the cost where there are none.
func (r Result) PerSeries() float64 {
	if r.Memory != 0 || r.Series == 0 {
		return r.Cost()
	}
	return r.CPU / float64(r.Series)
}
