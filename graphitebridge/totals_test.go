package graphitebridge

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A spoken line is a total with its second, counted from the start of the test.
type spokenLine struct {
	Second int64
	Value  float64
}

// spoken returns the lines that were sent of one series, repeats included.
func spoken(r *receiverFake, name string, start time.Time) (got []spokenLine) {
	for text := range strings.Lines(strings.Join(r.batches(), "")) {
		if n, second, value := parseLine(text); n == name {
			got = append(got, spokenLine{second - start.Unix(), value})
		}
	}
	return got
}

// TestFinalTotals ends an application that flushed, recorded and exported once more, all within one
// second: the final totals have a later second than those before.
func TestFinalTotals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		e := newTestExporter(t, quiet(), r)
		start := time.Now()
		collect := func(i int64) *metricdata.ResourceMetrics {
			return data(counter("orders", i), counter("idle", 7), gauge("temp", float64(i)),
				histogram("h", born, []float64{1}, uint64(i), 1))
		}
		for i := range int64(4) {
			if err := e.Export(t.Context(), collect(i)); err != nil {
				t.Fatal(err)
			}
			if err := e.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if s := e.snapshot(); s.buffered != 6 { // 1 of orders, 1 of temp, 4 of h
			t.Errorf("%d lines wait, want 6", s.buffered)
		}
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string][]spokenLine{
			"orders;instance=i":         {{0, 0}, {1, 3}},
			"temp;instance=i":           {{0, 0}, {1, 3}},
			"h.count;instance=i":        {{0, 1}, {1, 4}},
			"h.bucket;instance=i;le=1":  {{0, 0}, {1, 3}},
			"idle;instance=i":           {{0, 7}},
			"nobody has sent;instance=": nil,
		} {
			if diff := cmp.Diff(want, spoken(r, name, start)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		r.noConflicts(t)
	})
}

// TestTotalsWaitForTheNextSecond: a flush in the next second sends what waited, in its newest state,
// and so does an export.
func TestTotalsWaitForTheNextSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		e := newTestExporter(t, quiet(), r)
		start := time.Now()
		do := func(after time.Duration, f func() error) {
			t.Helper()
			time.Sleep(after)
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
		value := int64(0)
		more := func() error {
			value++
			return e.Export(t.Context(), data(counter("orders", value)))
		}
		flush := func() error { return e.ForceFlush(t.Context()) }
		do(0, more)
		do(100*time.Millisecond, more)
		do(100*time.Millisecond, more)
		do(time.Second, flush)                         // second 1
		do(100*time.Millisecond, more)                 // waits
		do(time.Second, more)                          // second 2
		do(10*time.Second, more)                       // second 12
		do(10*time.Second, flush)                      // nothing waits
		do(0, func() error { value--; return more() }) // unchanged, in another second
		want := []spokenLine{{0, 1}, {1, 3}, {2, 5}, {12, 6}, {22, 6}}
		if diff := cmp.Diff(want, spoken(r, "orders;instance=i", start)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// TestTotalsAfterAFailure fails in the second in which the next export comes: what a receiver may
// have seen keeps its second, and what nobody has seen gives it back.
func TestTotalsAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fates  []fate
		values []int64 // exported within one second
		want   []spokenLine
	}{
		{"refused", []fate{refused}, []int64{1, 2}, []spokenLine{{0, 1}, {0, 2}}},
		{"refused twice", []fate{refused, refused}, []int64{1, 2, 3}, []spokenLine{{0, 1}, {0, 2}, {0, 3}}},
		{"ambiguous, unchanged", []fate{ambiguous}, []int64{1, 1, 1}, []spokenLine{{0, 1}, {0, 1}}},
		{"ambiguous, changed", []fate{ambiguous}, []int64{1, 2}, []spokenLine{{0, 1}, {1, 2}}},
		{"ambiguous, refused, changed", []fate{ambiguous, refused}, []int64{1, 1, 2}, []spokenLine{{0, 1}, {0, 1}, {1, 2}}},
		{"arrives, refused at the end", []fate{arrives, refused}, []int64{1, 2}, []spokenLine{{0, 1}, {1, 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(c.fates...)}
				e := newTestExporter(t, quiet(), r)
				start := time.Now()
				for _, v := range c.values {
					_ = e.Export(t.Context(), data(counter("orders", v)))
				}
				err := e.Shutdown(t.Context())
				if refusedLast := len(r.batches()) <= len(c.fates) && c.fates[len(r.batches())-1] == refused; (err != nil) != refusedLast {
					t.Errorf("Shutdown: %v", err)
				}
				if diff := cmp.Diff(c.want, spoken(r, "orders;instance=i", start)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				r.noConflicts(t)
			})
		})
	}
}

// TestRefusedTotalIsNotForgotten: the total that was refused a second later is not taken for the one
// that arrived before.
func TestRefusedTotalIsNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(arrives, refused)}
		e := newTestExporter(t, quiet(), r)
		start := time.Now()
		for v := range int64(2) {
			if err := e.Export(t.Context(), data(counter("orders", v))); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			time.Sleep(time.Second)
			if err := e.ForceFlush(t.Context()); (err != nil) != (i == 0) {
				t.Errorf("flush %d: %v", i, err)
			}
		}
		if diff := cmp.Diff([]spokenLine{{0, 0}, {1, 1}, {1, 1}}, spoken(r, "orders;instance=i", start)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// TestWaitingIsNoRecovery: an export whose totals wait for another second tells nothing of the
// receiver.
func TestWaitingIsNoRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := quiet()
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		e := newTestExporter(t, c, &receiverFake{fate: fates(ambiguous)})
		for i, recovered := range []bool{false, false, true} {
			_ = e.Export(t.Context(), data(counter("orders", int64(i))))
			if got := strings.Contains(log.String(), "works again"); got != recovered {
				t.Errorf("export %d: recovered is %v", i, got)
			}
			time.Sleep(600 * time.Millisecond)
		}
	})
}

// TestChangedBoundsOfOneSecond: the count of a histogram is a line of two shapes.
func TestChangedBoundsOfOneSecond(t *testing.T) {
	t.Parallel()
	for _, f := range []fate{arrives, ambiguous, refused} {
		t.Run(fmt.Sprint(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &receiverFake{fate: fates(f)}
				e := newTestExporter(t, quiet(), r)
				_ = e.Export(t.Context(), data(histogram("h", born, []float64{1}, 1, 1)))
				_ = e.Export(t.Context(), data(histogram("h", born.Add(time.Hour), []float64{2}, 4, 1)))
				if err := e.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := r.newest()["h.count;instance=i"]; got != 5 {
					t.Errorf("the count is %v", got)
				}
				r.noConflicts(t)
			})
		})
	}
}
