package otelsli_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli"
)

// eventsOfConsistency is the number of events of TestConsistency.
func eventsOfConsistency() int {
	switch {
	case raceEnabled:
		return 200_000
	case testing.Short():
		return 1_000_000
	}
	return 10_000_000
}

// TestConsistency records from 8 goroutines while 2 declare and 3 collect: no collection shows a
// part that exceeds its whole or a counter that goes back, and at the end no event is missing.
func TestConsistency(t *testing.T) { //nolint:paralleltest // needs all processors
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			c := quiet()
			if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
				t.Fatal(err)
			}
			s := declare(t, c, checkout(), []pair{webGold, webFree, appGold}, otelsli.WithUndeclaredLimit(5))
			want := busy(t, c, s, eventsOfConsistency()/2)
			if got := sum(t, c, s.Name()); got != want {
				t.Errorf("counted %v, want %v", got, want)
			}
		})
	}
}

// busy records n events and returns how many of each outcome, while others declare and collect.
func busy(t *testing.T, c *otelsli.Catalog, s *otelsli.SLI[pair], n int) otelsli.Counts {
	const recorders, declarers, collectors = 8, 2, 3
	var recording, others sync.WaitGroup
	done := make(chan struct{})
	for range collectors {
		others.Go(func() { collectUntil(t, c, done) })
	}
	for d := range declarers {
		others.Go(func() { declareUntil(t, s, d, done) })
	}
	for r := range recorders {
		recording.Go(func() { recordMany(t, s, r, n/recorders) })
	}
	recording.Wait()
	close(done)
	others.Wait()

	var want otelsli.Counts
	for i := range n / recorders {
		want[outcomeOf(i)] += recorders
	}
	return want
}

// outcomeOf is the outcome of event i: of ten, one each is slow and ignored and two failed.
func outcomeOf(i int) otelsli.Outcome {
	return [10]otelsli.Outcome{6: otelsli.Slow, 7: otelsli.Failed, 8: otelsli.Failed, 9: otelsli.Ignored}[i%10]
}

// recordMany records on declared series, on those that are being declared, and on undeclared ones.
func recordMany(t *testing.T, s *otelsli.SLI[pair], goroutine, n int) {
	labels := []pair{webGold, webFree, appGold, {"later", "0"}, {"later", "1"}, {"never", fmt.Sprint(goroutine)}}
	bound := s.With(webGold)
	for i := range n {
		if i%2 == 0 {
			bound.Record(t.Context(), outcomeOf(i))
		} else {
			s.Record(t.Context(), labels[i/2%len(labels)], outcomeOf(i))
		}
	}
}

func declareUntil(t *testing.T, s *otelsli.SLI[pair], goroutine int, done <-chan struct{}) {
	for i := range 500 {
		select {
		case <-done:
			return
		default:
		}
		if err := s.Declare(pair{"later", fmt.Sprint(i)}, pair{fmt.Sprint(goroutine), fmt.Sprint(i)}); err != nil {
			t.Error(err)
		}
	}
}

// collectUntil checks collection after collection.
func collectUntil(t *testing.T, c *otelsli.Catalog, done <-chan struct{}) {
	last := make(map[*otelsli.Family][]otelsli.Counts)
	for {
		for f := range c.Collect() {
			next := 0
			for p := range f.Points() {
				if p.Index != next {
					t.Errorf("%s: index %d, want %d", f.Name(), p.Index, next)
				}
				next++
				if p.Index == len(last[f]) {
					last[f] = append(last[f], otelsli.Counts{})
				}
				checkPoint(t, f, p, last[f][p.Index])
				last[f][p.Index] = p.Counts
			}
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func checkPoint(t *testing.T, f *otelsli.Family, p otelsli.Point, before otelsli.Counts) {
	for o, n := range p.Counts.Sub(before) {
		if n < 0 {
			t.Errorf("%s, series %d: %v went back by %d", f.Name(), p.Index, otelsli.Outcome(o), -n)
		}
	}
	if len(f.Counters()) != 6 {
		return // not the layout Counters, whose counters are parts of each other
	}
	value := func(i int) int64 {
		v, _ := p.Value(i)
		return v
	}
	total, failed, apdex, satisfied, slow := value(0), value(1), value(3), value(4), value(5)
	if failed > total || apdex > total || satisfied > apdex || satisfied+slow != apdex || failed+apdex != total {
		t.Errorf("series %d: total %d, error %d, apdex %d, apdex success %d, slow %d", p.Index, total, failed, apdex, satisfied, slow)
	}
}
