package work

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// manySeries is the number of series of the cases with many; a power of two.
const manySeries = 1024

// goroutines are the numbers of goroutines that count at the same time.
var goroutines = []int{1, 2, 8}

// events returns the cases of counting one event.
func events() []Case {
	var all []Case
	for _, g := range goroutines {
		all = append(all, boundCase(g, false))
		if g > 1 {
			all = append(all, boundCase(g, true))
		}
	}
	for _, g := range goroutines {
		all = append(all, labelledCase(g, 1), labelledCase(g, manySeries))
	}
	return append(all, mixed(), spans(), timed())
}

// boundCase counts by series that are resolved, all goroutines on one or each on one of its own.
func boundCase(g int, own bool) Case {
	c := Case{
		Name:       fmt.Sprintf("event/bound/%d on one", g),
		Title:      fmt.Sprintf("event, bound, %s on one series", times(g)),
		Goroutines: g,
	}
	if own {
		c.Name, c.Title = fmt.Sprintf("event/bound/%d on own", g), fmt.Sprintf("event, bound, %s on series of their own", times(g))
	}
	for _, contender := range contenders {
		c.Rivals = append(c.Rivals, Rival{Name: contender.name, New: func() Subject {
			counters := contender.make(manySeries)
			loops := make([]func(int), g)
			for i := range loops {
				series := 0
				if own {
					series = i
				}
				loops[i] = counters.bound(series)
			}
			return counting(counters, together(loops))
		}})
	}
	return c
}

// labelledCase counts by labels, of one series or of all in turn.
func labelledCase(g, series int) Case {
	c := Case{
		Name:       fmt.Sprintf("event/labels/%d on %d", g, series),
		Title:      fmt.Sprintf("event, by labels, %s on %s", times(g), plural(series, "series")),
		Goroutines: g,
	}
	for _, contender := range contenders {
		name := contender.name
		if name == Limit {
			name = LabelsLimit
		}
		c.Rivals = append(c.Rivals, Rival{Name: name, New: func() Subject {
			counters := contender.make(manySeries)
			loops := make([]func(int), g)
			for i := range loops {
				labels := combinations(series) // each goroutine has strings of its own, as those of requests are
				half := i * series / 2 % series
				loops[i] = counters.labelled(slices.Concat(labels[half:], labels[:half]))
			}
			return counting(counters, together(loops))
		}})
	}
	return c
}

// counting is a subject that counts events.
func counting(c counters, run func(int)) Subject {
	return Subject{Run: run, Result: func() string { return strconv.FormatInt(c.counted(), 10) }}
}

// together returns a loop that runs all loops at the same time and shares the operations out among them.
func together(loops []func(int)) func(int) {
	if len(loops) == 1 {
		return loops[0]
	}
	return func(n int) {
		var all sync.WaitGroup
		for i, loop := range loops {
			share := n*(i+1)/len(loops) - n*i/len(loops)
			all.Go(func() { loop(share) })
		}
		all.Wait()
	}
}

func times(g int) string { return plural(g, "goroutine") }

func plural(n int, what string) string {
	if n != 1 && what != "series" {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
