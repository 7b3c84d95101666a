package slisdk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

func newDelta() *exporterFake { return &exporterFake{temporality: metricdata.DeltaTemporality} }

func TestDeltaHasEverySeriesEveryTime(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	e := newDelta()
	p := newPipeline(t, c, e)
	flush(t, p)
	s.Record(t.Context(), labels{"web", "gold"}, otelsli.Failed)
	flush(t, p)
	flush(t, p)
	all := e.arrived()
	for i, got := range all {
		if diff := cmp.Diff(all[0].series(), got.series()); diff != "" {
			t.Errorf("series of export %d (-first +it):\n%s", i, diff)
		}
		if want := float64(i % 2); got.values[webGold] != want {
			t.Errorf("export %d: %s is %v, want %v", i, webGold, got.values[webGold], want)
		}
		if got.monotone["sli.order.total"] != metricdata.DeltaTemporality {
			t.Errorf("export %d is %v", i, got.monotone["sli.order.total"])
		}
	}
}

func TestDeltaIntervalsAdjoin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		born := time.Now()
		s := newSLI(t, c, "order")
		e := newDelta()
		p := newPipeline(t, c, e)
		step := func(act func(context.Context) error) metricdata.DataPoint[int64] {
			time.Sleep(time.Minute)
			s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
			e.setAct(act)
			_ = p.Flush(t.Context())
			all := e.tried()
			return all[len(all)-1].points[webGold]
		}
		fail := func(context.Context) error { return errors.New("no") }
		minute := func(n int) time.Time { return born.Add(time.Duration(n) * time.Minute) }
		for i, want := range []struct {
			act         func(context.Context) error
			start, time int
			value       int64
		}{
			{nil, 0, 1, 1},
			{nil, 1, 2, 1},
			{fail, 2, 3, 1},
			{fail, 2, 4, 2},
			{nil, 2, 5, 3},
			{nil, 5, 6, 1},
		} {
			got := step(want.act)
			if !got.StartTime.Equal(minute(want.start)) || !got.Time.Equal(minute(want.time)) || got.Value != want.value {
				t.Errorf("step %d: %d from %v to %v, want %d from %d to %d min", i,
					got.Value, got.StartTime.Sub(born), got.Time.Sub(born), want.value, want.start, want.time)
			}
		}
		s.Record(t.Context(), labels{"late", "late"}, otelsli.Success)
		bornLate := time.Now()
		time.Sleep(time.Second)
		flush(t, p)
		late := e.arrived()[len(e.arrived())-1].points["sli.order.total{channel=late,tier=late}"]
		if !late.StartTime.Equal(bornLate) || late.Value != 1 {
			t.Errorf("first delta of a late series: %d from %v, want 1 from %v", late.Value, late.StartTime, bornLate)
		}
	})
}

// TestDeltaAddsUpExactly lets exports fail at random, time out after they arrived or were refused
// in part, and pipelines come and go, while others record and declare.
func TestDeltaAddsUpExactly(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := otelsli.NewCatalog()
			s := newSLI(t, c, "order")
			var recorded [4]int
			var recorders sync.WaitGroup
			for g := range recorded {
				recorders.Go(func() { recorded[g] = recordAll(s, g) })
			}
			e := newDelta()
			random := rand.New(rand.NewPCG(seed, 1))
			e.setAct(func(context.Context) error { return unless(random.IntN(3) == 0, "failed by chance") })
			lives(t, c, e, &recorders)
			e.setAct(nil)
			shutdownNow(t, c, e)

			want := 0
			for _, n := range recorded {
				want += n
			}
			if got := e.sum("sli.order.total"); got != float64(want) {
				t.Errorf("the deltas add up to %v, recorded were %d", got, want)
			}
			checkNothingMissing(t, e)
		})
	}
}

func recordAll(s *otelsli.SLI[labels], g int) int {
	for i := range 30_000 {
		l := declared[i%3]
		if i%3000 == 0 {
			l = labels{fmt.Sprint("g", g), fmt.Sprint("i", i)}
		}
		s.Record(context.Background(), l, otelsli.Outcome(i%3))
	}
	return 30_000
}

func unless(failed bool, text string) error {
	if failed {
		return errors.New(text)
	}
	return nil
}

// lives starts and shuts down pipelines of one name until the recorders are done.
func lives(t *testing.T, c *otelsli.Catalog, e *exporterFake, recorders *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { defer close(done); recorders.Wait() }()
	for {
		p := newPipeline(t, c, e, WithInterval(time.Millisecond), WithErrorHandler(func(error) {}))
		p.Start()
		for range 5 {
			_ = p.Flush(t.Context())
		}
		_ = p.Shutdown(t.Context())
		select {
		case <-done:
			return
		default:
		}
	}
}

// shutdownNow delivers what is left.
func shutdownNow(t *testing.T, c *otelsli.Catalog, e *exporterFake) {
	t.Helper()
	p := newPipeline(t, c, e)
	flush(t, p)
	shutdown(t, p)
}

// checkNothingMissing wants every declared series in every export.
func checkNothingMissing(t *testing.T, e *exporterFake) {
	t.Helper()
	if len(e.arrived()) < 3 || len(e.tried()) == len(e.arrived()) {
		t.Fatalf("%d exports, %d of them arrived: the test shows nothing", len(e.tried()), len(e.arrived()))
	}
	for i, got := range e.tried() {
		for _, l := range declared {
			for _, metric := range []string{"total", "error.total", "ignored.total", "apdex.total", "apdex.success.total", "slow.total"} {
				series := fmt.Sprintf("sli.order.%s{channel=%s,tier=%s}", metric, l.Channel, l.Tier)
				if v, ok := got.values[series]; !ok || v < 0 {
					t.Fatalf("export %d: %s is %v (exists: %v)", i, series, v, ok)
				}
			}
		}
	}
}

func TestDeltaOfPartialSuccessIsDelivered(t *testing.T) {
	t.Parallel()
	partial := errors.New("OTLP partial success: too old (3 metric data points rejected)")
	for name, test := range map[string]struct {
		err  error
		want float64 // in the next export
	}{
		"partial success":         {partial, 0},
		"wrapped partial success": {fmt.Errorf("failed to upload metrics: %w", errors.Join(partial, nil)), 0},
		"another error":           {fmt.Errorf("failed: %w", errors.Join(errors.New("no OTLP partial success: none"))), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := otelsli.NewCatalog()
			s := newSLI(t, c, "order")
			e := newDelta()
			p := newPipeline(t, c, e)
			s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
			e.setAct(func(context.Context) error { return test.err })
			if err := p.Flush(t.Context()); !errors.Is(err, test.err) {
				t.Errorf("Flush returned %v", err)
			}
			e.setAct(nil)
			flush(t, p)
			if got := e.arrived()[0].values[webGold]; got != test.want {
				t.Errorf("the next delta is %v, want %v", got, test.want)
			}
		})
	}
}

// TestDeltaOfLateExportIsSettled abandons an export that arrives later.
func TestDeltaOfLateExportIsSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		e := newDelta()
		e.setAct(func(context.Context) error { time.Sleep(time.Minute); return nil })
		p := newPipeline(t, c, e, WithTimeout(10*time.Second))
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		wantError(t, p.Flush(t.Context()), `pipeline "test": export: has not returned in time and is abandoned: context deadline exceeded`)
		wantError(t, p.Flush(t.Context()), "an export before it has not returned")
		time.Sleep(time.Minute)
		e.setAct(nil)
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		flush(t, p)
		if got := e.sum("sli.order.total"); got != 2 || e.most != 1 {
			t.Errorf("the deltas add up to %v, want 2; %d exports at a time", got, e.most)
		}
	})
}

// TestDeltaOfAbandonedPipelineIsNotSettled lets an export return when another pipeline has followed:
// that one has sent the interval itself, and goes on from there.
func TestDeltaOfAbandonedPipelineIsNotSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		slow := newDelta()
		slow.setAct(func(context.Context) error { time.Sleep(time.Hour); return nil })
		old := newPipeline(t, c, slow, WithTimeout(10*time.Second))
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		_ = old.Flush(t.Context())
		_ = old.Shutdown(t.Context())

		e := newDelta()
		p := newPipeline(t, c, e)
		flush(t, p)
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		flush(t, p)
		time.Sleep(time.Hour)
		s.Record(t.Context(), labels{"web", "gold"}, otelsli.Success)
		flush(t, p)
		var got []float64
		for _, c := range e.arrived() {
			got = append(got, c.values[webGold])
		}
		if !slices.Equal(got, []float64{1, 1, 1}) {
			t.Errorf("deltas %v, want 1 each", got)
		}
	})
}
