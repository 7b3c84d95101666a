package graphitebridge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// export exports within a second, and lets some seconds pass.
func export(t *testing.T, e *Exporter, rm *metricdata.ResourceMetrics) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := e.Export(ctx, rm)
	time.Sleep(3 * time.Second)
	return err
}

// lines returns what was sent without the times, which are those of the bubble.
func lines(batches ...string) []string {
	got := []string{}
	for _, b := range batches {
		for text := range strings.Lines(b) {
			name, _, value := parseLine(text)
			got = append(got, fmt.Sprint(name, " ", value))
		}
	}
	return got
}

func TestTotalsKeepTheNewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(refused, vanishes, torn)}
		e := newTestExporter(t, quiet(), r)
		for i := range int64(4) {
			metrics := []metricdata.Metrics{counter("orders", i), gauge("temp", float64(i)+0.5)}
			if i == 1 {
				metrics = append(metrics, gauge("once", 7)) // collected once, during the outage
			}
			err := export(t, e, data(metrics...))
			if (err == nil) != (i == 3) {
				t.Errorf("export %d: %v", i, err)
			}
		}
		want := []string{"orders;instance=i 3", "temp;instance=i 3.5", "once;instance=i 7"}
		b := r.batches()
		if diff := cmp.Diff(want, lines(b[len(b)-1])); diff != "" {
			t.Errorf("after the outage (-want +got):\n%s", diff)
		}
		if err := e.ForceFlush(t.Context()); err != nil || len(r.batches()) != len(b) {
			t.Errorf("a flush with nothing to send: %v, %d batches", err, len(r.batches()))
		}
	})
}

func TestIncrementsAreFrozenOnceWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fates []fate
		want  []string // values, by delivery
		same  [2]int   // deliveries that are equal byte by byte
	}{
		{[]fate{refused}, []string{"5", "8", "1"}, [2]int{0, 0}},
		{[]fate{refused, refused}, []string{"5", "8", "9"}, [2]int{0, 0}},
		{[]fate{vanishes}, []string{"5", "5", "3", "1"}, [2]int{0, 1}},
		{[]fate{ambiguous}, []string{"5", "5", "3", "1"}, [2]int{0, 1}},
		{[]fate{torn, refused}, []string{"5", "5", "5", "4"}, [2]int{0, 2}},
		{[]fate{hangs, arrives, refused}, []string{"5", "5", "3", "4"}, [2]int{0, 1}},
	} {
		t.Run(fmt.Sprint(c.fates), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(c.fates...)}
				config := quiet()
				config.Increments = true
				e := newTestExporter(t, config, r)
				for _, total := range []int64{5, 8, 9} {
					_ = export(t, e, data(counter("orders", total)))
				}
				var got []string
				for _, text := range lines(r.batches()...) {
					got = append(got, strings.TrimPrefix(text, "orders;instance=i "))
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("values (-want +got):\n%s", diff)
				}
				if b := r.batches(); b[c.same[0]] != b[c.same[1]] {
					t.Errorf("sent again as %q, was %q", b[c.same[1]], b[c.same[0]])
				}
				if got := r.sums()["orders;instance=i"]; got != 9 {
					t.Errorf("adds up to %v", got)
				}
				r.noConflicts(t)
			})
		})
	}
}

func TestOneSecondHasOneIncrement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		for _, total := range []int64{1, 3, 6} { // no time passes
			if err := e.Export(t.Context(), data(counter("orders", total), sum("queue", false, -total))); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"orders;instance=i 1", "queue;instance=i -1"}
		if diff := cmp.Diff(want, lines(r.batches()...)); diff != "" {
			t.Errorf("within a second (-want +got):\n%s", diff)
		}
		if s := e.snapshot(); s.buffered != 2 {
			t.Errorf("%d lines wait, want 2", s.buffered)
		}
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if orders, queue := r.sums()["orders;instance=i"], r.newest()["queue;instance=i"]; orders != 6 || queue != -6 {
			t.Errorf("after Shutdown orders add up to %v and the queue is %v", orders, queue)
		}
		r.noConflicts(t)
	})
}

func TestRestartedCounter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(arrives, refused, ambiguous)}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		restarted := counter("orders", 7)
		restarted.Data.(metricdata.Sum[int64]).DataPoints[0].StartTime = born.Add(time.Hour)
		again := counter("orders", 2) // less than before, with the same start
		again.Data.(metricdata.Sum[int64]).DataPoints[0].StartTime = born.Add(time.Hour)
		for _, m := range []metricdata.Metrics{counter("orders", 5), counter("orders", 6), restarted, again} {
			_ = export(t, e, data(m))
		}
		if got := r.sums()["orders;instance=i"]; got != 6+7+2 {
			t.Errorf("adds up to %v, want 15", got)
		}
		r.noConflicts(t)
	})
}

func TestDeltasOfOtherSources(t *testing.T) {
	t.Parallel()
	for _, increments := range []bool{false, true} {
		t.Run(fmt.Sprint(increments), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(arrives, refused, vanishes)}
				c := quiet()
				c.Increments = increments
				e := newTestExporter(t, c, r)
				for i := range int64(5) {
					_ = export(t, e, data(deltaCounter("orders", i)))
				}
				got := r.newest()
				if increments {
					got = r.sums()
				}
				if got["orders;instance=i"] != 10 {
					t.Errorf("got %v, want 10", got)
				}
			})
		})
	}
}

func TestBoundsAreKeptApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(refused, refused)}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		later := born.Add(time.Hour)
		_ = export(t, e, data(histogram("h", born, []float64{1, 2}, 5, 3, 2)))
		_ = export(t, e, data(histogram("h", later, []float64{1, 5}, 3, 3, 1)))
		for range 2 { // the former bounds, then the new ones in another second
			if err := export(t, e, data(histogram("h", later, []float64{1, 5}, 3, 3, 1))); err != nil {
				t.Fatal(err)
			}
		}
		b := r.batches()
		want := [][]string{
			{"h.count;instance=i 10", "h.sum;instance=i 17", "h.bucket;instance=i;le=1 5", "h.bucket;instance=i;le=2 8", "h.bucket;instance=i;le=+Inf 10"},
			{"h.count;instance=i 7", "h.sum;instance=i 12", "h.bucket;instance=i;le=1 3", "h.bucket;instance=i;le=5 6", "h.bucket;instance=i;le=+Inf 7"},
		}
		if diff := cmp.Diff(want, [][]string{lines(b[2]), lines(b[3])}); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		r.noConflicts(t)
	})
}

// TestBoundsChangeWhileHeld changes the bounds when what was counted in the former ones is in a
// batch that is sent again.
func TestBoundsChangeWhileHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(vanishes, vanishes)}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		later := born.Add(time.Hour)
		_ = export(t, e, data(histogram("h", born, []float64{1, 2}, 5, 3, 2)))
		_ = export(t, e, data(histogram("h", born, []float64{1, 2}, 5, 3, 6))) // 4 more, not in the batch
		for range 2 {
			_ = export(t, e, data(histogram("h", later, []float64{1, 5}, 3, 3, 1)))
		}
		var got []string
		for _, text := range lines(r.batches()...) {
			if n, ok := strings.CutPrefix(text, "h.count;instance=i "); ok {
				got = append(got, n)
			}
		}
		if diff := cmp.Diff([]string{"10", "10", "10", "4", "7"}, got); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		r.noConflicts(t)
	})
}

// TestBucketsGrow gives an exponential histogram more buckets while its increments wait, and while
// they are held.
func TestBucketsGrow(t *testing.T) {
	t.Parallel()
	for _, f := range []fate{arrives, refused, vanishes} {
		t.Run(fmt.Sprint(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(f)}
				c := quiet()
				c.Increments = true
				e := newTestExporter(t, c, r)
				_ = export(t, e, data(exponential("h", 0, 2)))        // (1, 2]
				_ = export(t, e, data(exponential("h", -1, 4, 3, 5))) // (0.5, 1] and (2, 4] as well
				_ = export(t, e, data(exponential("h", -1, 4, 4, 5)))
				got := r.sums()
				want := map[string]float64{
					"count;instance=i": 13, "sum;instance=i": 0,
					"bucket;instance=i;le=0": 0, "bucket;instance=i;le=1": 4, "bucket;instance=i;le=2": 8,
					"bucket;instance=i;le=4": 13 - 2, "bucket;instance=i;le=+Inf": 13, // 2 were sent before le=4 was
				}
				if f == refused {
					want["bucket;instance=i;le=4"] = 13
				}
				for name, w := range want {
					if got["h."+name] != w {
						t.Errorf("%s adds up to %v, want %v", name, got["h."+name], w)
					}
				}
				r.noConflicts(t)
			})
		})
	}
}

func TestSumThatIsAbsentForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		for _, v := range []float64{5, math.NaN(), 9} {
			p := metricdata.HistogramDataPoint[float64]{StartTime: born, Time: time.Now(), Count: 1, BucketCounts: []uint64{1}, Sum: v}
			_ = export(t, e, data(metricdata.Metrics{Name: "h", Data: metricdata.Histogram[float64]{
				Temporality: metricdata.CumulativeTemporality, DataPoints: []metricdata.HistogramDataPoint[float64]{p},
			}}))
		}
		if got := r.sums()["h.sum;instance=i"]; got != 9 || len(r.points["h.sum;instance=i"]) != 2 {
			t.Errorf("adds up to %v", got)
		}
	})
}

func TestBoundsThatKeepChanging(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: func(int) fate { return refused }}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		const changes = 10
		for i := range changes {
			_ = export(t, e, data(histogram("h", born.Add(time.Duration(i)*time.Hour), []float64{float64(i)}, 1, 1)))
		}
		r.fate = nil
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		// One waits with its own bounds, and maxFormer with theirs.
		if got := r.sums()["h.count;instance=i"]; got != 2*(1+maxFormer) {
			t.Errorf("count adds up to %v", got)
		}
		if got := e.snapshot().drops[line.Bounds]; got != (changes-1-maxFormer)*4 {
			t.Errorf("%d lines dropped", got)
		}
		r.noConflicts(t)
	})
}

func TestMergedSums(t *testing.T) {
	t.Parallel()
	for _, increments := range []bool{false, true} {
		t.Run(fmt.Sprint(increments), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(arrives, vanishes)}
				c := quiet()
				c.Increments = increments
				e := newTestExporter(t, c, r)
				for i := range int64(4) {
					metrics := []metricdata.Metrics{counter("orders", 10*i, "k", "a;b")}
					if i != 2 { // the total of one that is missing once does not fall
						metrics = append(metrics, counter("orders", i, "k", "a_b"))
					}
					_ = export(t, e, data(metrics...))
				}
				got := r.newest()
				if increments {
					got = r.sums()
				}
				if diff := cmp.Diff(map[string]float64{"orders;instance=i;k=a_b": 33}, got); diff != "" {
					t.Errorf("values (-want +got):\n%s", diff)
				}
				if s := e.snapshot(); s.merged != 3 {
					t.Errorf("merged %d", s.merged)
				}
			})
		})
	}
}

func TestSeriesCapAndEviction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		c := quiet()
		c.Line.MaxSeries = 10
		e := newTestExporter(t, c, r)
		many := func(name string) *metricdata.ResourceMetrics {
			var list []metricdata.Metrics
			for i := range 12 {
				list = append(list, gauge(name, 1.5, "i", fmt.Sprint(i)))
			}
			return data(list...)
		}
		for _, name := range []string{"a", "b", "b"} { // those of a are forgotten when b needs their place
			_ = export(t, e, many(name))
		}
		b := r.batches()
		if len(b) != 2 || strings.Count(b[1], "b;") != 10 || e.snapshot().drops[line.SeriesCap] != 2+12+2 {
			t.Errorf("batches %q, drops %v", b, e.snapshot().drops)
		}
	})
}

func TestIncrementsAreNotEvicted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		c := quiet()
		c.Increments = true
		c.Line.MaxSeries = 1
		e := newTestExporter(t, c, r)
		for _, m := range []metricdata.Metrics{counter("a", 5), gauge("b", 1), gauge("b", 1), counter("a", 6)} {
			_ = export(t, e, data(m))
		}
		if got := r.sums()["a;instance=i"]; got != 6 {
			t.Errorf("a counter that was away for a while adds up to %v, want 6", got)
		}
	})
}

// TestOutageIsBounded fails for ten minutes at an interval of a second: what is kept is that of
// the first failure.
func TestOutageIsBounded(t *testing.T) {
	t.Parallel()
	for _, increments := range []bool{false, true} {
		t.Run(fmt.Sprint(increments), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const series = 200
				r := &receiverFake{fate: func(n int) fate { return []fate{refused, vanishes}[min(n, 1)] }}
				c := quiet()
				c.Increments = increments
				e := newTestExporter(t, c, r)
				start := time.Now()
				for i := range int64(600) {
					var list []metricdata.Metrics
					for s := range series {
						list = append(list, counter("orders", i, "s", fmt.Sprint(s)))
					}
					_ = export(t, e, data(list...))
					r.deliveries = r.deliveries[:1]
				}
				waiting := series
				if increments {
					waiting = 2 * series // the batch that is held, and what came after it
				}
				if s := e.snapshot(); s.buffered != waiting || cap(e.state.queue) > 4*series || len(e.state.entries) != series {
					t.Errorf("%d lines wait in a queue of %d", s.buffered, cap(e.state.queue))
				} else if s.oldest.Sub(start) > 10*time.Second {
					t.Errorf("the oldest waits since %v after the start", s.oldest.Sub(start))
				}
				r.fate = nil
				if err := e.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := r.newest()
				if increments {
					got = r.sums()
				}
				for name, v := range got {
					if v != 599 {
						t.Fatalf("%s is %v", name, v)
					}
				}
				if len(got) != series {
					t.Errorf("%d series", len(got))
				}
			})
		})
	}
}

func TestBatchesAreSplit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(arrives, arrives, refused)}
		c := quiet()
		c.BatchBytes = 500
		e := newTestExporter(t, c, r)
		var list []metricdata.Metrics
		for s := range 100 {
			list = append(list, counter("orders", 1, "s", fmt.Sprint(s)))
		}
		if err := export(t, e, data(list...)); err == nil {
			t.Error("no error of the third batch")
		}
		sent := len(r.points)
		if err := e.ForceFlush(t.Context()); err != nil || len(r.points) != 100 || sent == 0 || sent == 100 {
			t.Errorf("flush: %v, %d series after %d", err, len(r.points), sent)
		}
		for _, b := range r.batches() {
			if len(b) > 600 {
				t.Errorf("a batch of %d bytes", len(b))
			}
		}
	})
}

func TestNoAcknowledgementWithoutError(t *testing.T) {
	t.Parallel()
	o := newOutbox(silent{}, 100, &state{})
	o.batch.data, o.batch.increments, o.held = append(o.batch.data, "x 1 1\n"...), true, true
	if err := o.flush(t.Context(), false); !errors.Is(err, errUnacknowledged) {
		t.Errorf("error %v", err)
	}
	if !slices.Equal(o.batch.data, []byte("x 1 1\n")) {
		t.Errorf("the batch is %q", o.batch.data)
	}
}
