package otelsli_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/otelsli/otelsli-go/otelsli"
)

var overflowPair = pair{otelsli.OverflowValue, otelsli.OverflowValue}

func TestUndeclaredKeptThenFolded(t *testing.T) {
	t.Parallel()
	c, log := logged(t)
	s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(2))
	for range 3 { // again: nothing is logged twice
		for _, tier := range []string{"a", "b", "c", "d"} {
			s.Record(t.Context(), pair{"web", tier}, otelsli.Failed)
		}
	}
	wantCounts(t, s, pair{"web", "a"}, otelsli.Counts{otelsli.Failed: 3})
	wantCounts(t, s, pair{"web", "b"}, otelsli.Counts{otelsli.Failed: 3})
	wantCounts(t, s, overflowPair, otelsli.Counts{otelsli.Failed: 6})
	if _, ok := s.Lookup(pair{"web", "c"}); ok {
		t.Error("a folded combination has a series of its own")
	}
	if kept, overflow := undeclared(t, c, "checkout"); kept != 6 || overflow != 6 {
		t.Errorf("undeclared events: %d kept, %d overflow; want 6 and 6", kept, overflow)
	}
	if n := points(t, c, "checkout"); n != 4 {
		t.Errorf("%d series, want 4", n)
	}
	for words, want := range map[string]int{"kept as a series": 2, "folded": 1, "level=WARN": 3} {
		if got := log.with(words, "sli=checkout", "limit=2"); len(got) != want {
			t.Errorf("%d log lines with %q, want %d: %q", len(got), words, want, got)
		}
	}
	if got := log.with("kept as a series", `labels="[channel tier]" values="[web a]"`); len(got) != 1 {
		t.Errorf("the log does not name labels and values: %q", got)
	}
}

func TestUndeclaredStrict(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, -5} {
		c, log := logged(t)
		s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(limit))
		s.Record(t.Context(), appGold, otelsli.Success)
		s.With(webFree).Record(t.Context(), otelsli.Success)
		wantCounts(t, s, overflowPair, otelsli.Counts{otelsli.Success: 2})
		if got := log.with("WARN"); len(got) != 1 {
			t.Errorf("limit %d: want one log line: %q", limit, got)
		}
	}
}

func TestUndeclaredDefaultLimit(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare[pair](t, c, checkout(), nil)
	for i := range otelsli.DefaultUndeclaredLimit + 50 {
		s.Record(t.Context(), pair{"web", fmt.Sprint(i)}, otelsli.Success)
	}
	if n := points(t, c, "checkout"); n != otelsli.DefaultUndeclaredLimit+1 {
		t.Errorf("%d series, want the limit and the overflow", n)
	}
	wantCounts(t, s, overflowPair, otelsli.Counts{otelsli.Success: 50})
}

// TestUndeclaredOverflowLabels: an event may give the labels of the overflow series. It is counted
// there, once, and starts no folding.
func TestUndeclaredOverflowLabels(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(1))
	s.Record(t.Context(), overflowPair, otelsli.Success)
	s.Record(t.Context(), appGold, otelsli.Success) // kept
	s.Record(t.Context(), webFree, otelsli.Success) // folded
	wantCounts(t, s, appGold, otelsli.Counts{otelsli.Success: 1})
	wantCounts(t, s, overflowPair, otelsli.Counts{otelsli.Success: 2})
	if kept, overflow := undeclared(t, c, "checkout"); kept != 1 || overflow != 2 {
		t.Errorf("undeclared events: %d kept, %d overflow; want 1 and 2", kept, overflow)
	}
}

// TestUndeclaredThenDeclared: events from the declaration on are not undeclared ones, and the
// number of those that were does not go back.
func TestUndeclaredThenDeclared(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(1))
	s.Record(t.Context(), appGold, otelsli.Success)
	if err := s.Declare(appGold); err != nil {
		t.Fatal(err)
	}
	s.Record(t.Context(), appGold, otelsli.Success)
	s.Record(t.Context(), webFree, otelsli.Success) // takes the place that is free again
	wantCounts(t, s, appGold, otelsli.Counts{otelsli.Success: 2})
	wantCounts(t, s, webFree, otelsli.Counts{otelsli.Success: 1})
	if kept, overflow := undeclared(t, c, "checkout"); kept != 2 || overflow != 0 {
		t.Errorf("undeclared events: %d kept, %d overflow; want 2 and 0", kept, overflow)
	}
	if b, _ := s.Lookup(appGold); !b.Declared() {
		t.Error("not declared")
	}
}

func TestUndeclaredThreshold(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(2),
		otelsli.WithThreshold(func(l pair) time.Duration {
			if l.Tier == "slow" {
				return time.Minute
			}
			return 0
		}))
	for l, want := range map[pair]time.Duration{{"web", "slow"}: time.Minute, {"web", "x"}: 300 * time.Millisecond} {
		if got := s.With(l).Threshold(); got != want {
			t.Errorf("%v: threshold %v, want %v", l, got, want)
		}
	}
	if got := s.With(pair{"fold", "slow"}).Threshold(); got != 300*time.Millisecond {
		t.Errorf("overflow series: threshold %v, want that of the spec", got)
	}
}

// grade has many values that are exported as one.
type grade int

func (g grade) String() string {
	if g == 1 {
		return "first"
	}
	return "other"
}

// TestHostileSpellings: many spellings of the same canonical values are one series, and do not grow
// the index.
func TestHostileSpellings(t *testing.T) {
	t.Parallel()
	n := 100_000
	if raceEnabled || testing.Short() {
		n = 5_000
	}
	type labels struct {
		Name  string
		Grade grade
	}
	for name, spelling := range map[string]func(i int) labels{
		"stringer":   func(i int) labels { return labels{"x", grade(i + 2)} },
		"long value": func(i int) labels { return labels{strings.Repeat("x", 256) + fmt.Sprint(i), 2} },
		"not UTF-8": func(i int) labels {
			b := []byte(strings.Repeat("\xff", 8))
			for j := range b {
				b[j] -= byte(i >> (j * 4) & 7) // 0xf8 to 0xff occur in no UTF-8
			}
			return labels{string(b), 2}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := quiet()
			s := declare(t, c, otelsli.Spec{Name: "pay"}, []labels{{"a", 1}, {"b", 1}}, otelsli.WithUndeclaredLimit(10))
			for i := range n {
				s.Record(t.Context(), spelling(i), otelsli.Success)
			}
			if got := points(t, c, "pay"); got != 3 {
				t.Errorf("%d series, want 3", got)
			}
			keys := otelsli.IndexKeys(s)
			if len(keys) > 3+10 {
				t.Errorf("the index has %d entries, for 3 series and a limit of 10", len(keys))
			}
			for _, key := range keys {
				if len(key.Name) > otelsli.MaxLabelValueLength {
					t.Errorf("the index keeps a value of %d bytes", len(key.Name))
				}
			}
			if got := sum(t, c, "pay"); got[otelsli.Success] != int64(n) {
				t.Errorf("%d events, want %d", got[otelsli.Success], n)
			}
		})
	}
}

// TestHostileLabelsAreBounded: whatever labels events have, series and index stay within bounds and
// no event is lost.
func TestHostileLabelsAreBounded(t *testing.T) {
	t.Parallel()
	perGoroutine := 25_000
	if raceEnabled || testing.Short() {
		perGoroutine = 1_000
	}
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range perGoroutine {
				s.Record(t.Context(), pair{fmt.Sprint(g), fmt.Sprint(i)}, otelsli.Failed)
			}
		})
	}
	wg.Wait()
	const most = 1 + otelsli.DefaultUndeclaredLimit + 1
	if got := points(t, c, "checkout"); got != most {
		t.Errorf("%d series, want %d", got, most)
	}
	if got := len(otelsli.IndexKeys(s)); got > most {
		t.Errorf("the index has %d entries, want at most %d", got, most)
	}
	if got, want := sum(t, c, "checkout")[otelsli.Failed], int64(4*perGoroutine); got != want {
		t.Errorf("%d events, want %d", got, want)
	}
	if kept, overflow := undeclared(t, c, "checkout"); kept+overflow != int64(4*perGoroutine) {
		t.Errorf("undeclared events: %d kept, %d overflow; want %d together", kept, overflow, 4*perGoroutine)
	}
}

// TestUndeclaredPinsNoRequest: labels are often cut from the buffer of a request.
func TestUndeclaredPinsNoRequest(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	request := strings.Repeat("GET /orders HTTP/1.1", 1000)
	s.Record(t.Context(), pair{request[:3], request[4:11]}, otelsli.Success)
	var kept []string
	for _, key := range otelsli.IndexKeys(s) {
		kept = append(kept, key.Channel, key.Tier)
	}
	for _, b := range s.Catalog().Series() {
		for _, v := range b.Labels() {
			kept = append(kept, v)
		}
	}
	if len(kept) != 2*2*2 {
		t.Fatalf("%d values, want those of the declared labels and of the event, in the index and in the series", len(kept))
	}
	begin := uintptr(unsafe.Pointer(unsafe.StringData(request)))
	for _, v := range kept {
		if at := uintptr(unsafe.Pointer(unsafe.StringData(v))); at >= begin && at < begin+uintptr(len(request)) {
			t.Errorf("%q is kept, a part of the request", v)
		}
	}
}

func TestUndeclaredLogIsShort(t *testing.T) {
	t.Parallel()
	c, log := logged(t)
	s := declare(t, c, checkout(), []pair{webGold})
	s.Record(t.Context(), pair{strings.Repeat("€", 10_000), "\xff\n"}, otelsli.Success)
	got := log.with("kept as a series")
	if len(got) != 1 || len(got[0]) > 400 || strings.Contains(got[0], `\x`) {
		t.Errorf("want one short line of valid UTF-8: %q", got)
	}
}

// TestPanicOfCaller: functions of the caller that run on the way of an event may panic. The event
// is counted, and other combinations are kept as before.
func TestPanicOfCaller(t *testing.T) {
	t.Parallel()
	type labels struct {
		Level level
		Name  string
	}
	for name, bad := range map[string]labels{
		"panic_of_stringer":  {Level: 99, Name: "fine"},
		"panic_of_threshold": {Level: 1, Name: "bad"},
	} {
		c := quiet()
		s := declare[labels](t, c, otelsli.Spec{Name: name}, nil, otelsli.WithThreshold(func(l labels) time.Duration {
			if l.Name == "bad" {
				panic("no threshold")
			}
			return time.Second
		}))
		got := handles(func() {
			s.Record(t.Context(), bad, otelsli.Failed)
			s.Start(t.Context(), bad).EndAs(otelsli.Failed)
		}, `SLI "`+name+`": reading labels panicked`, "overflow series")
		if len(got) != 2 {
			t.Errorf("%s: otel.Handle got %q, want a line by event", name, got)
		}
		fine := labels{1, "fine"}
		s.Record(t.Context(), fine, otelsli.Failed)
		wantCounts(t, s, fine, otelsli.Counts{otelsli.Failed: 1})
		if kept, overflow := undeclared(t, c, name); kept != 1 || overflow != 2 {
			t.Errorf("%s: undeclared events: %d kept, %d overflow; want 1 and 2", name, kept, overflow)
		}
	}
}
