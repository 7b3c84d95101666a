package graphitebridge

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
)

// named returns the name of a series.
func named(t *testing.T, metric string) func() (line.Name, bool) {
	return func() (line.Name, bool) {
		n, _, ok := line.PutName(metric, []line.Tag{{Key: "k", Value: "v"}}, nil, 0)
		return n, ok
	}
}

func TestTallyLimit(t *testing.T) {
	t.Parallel()
	tl := newTally(2)
	for i, want := range []bool{true, true, false} {
		if got := tl.add(strconv.Itoa(i), named(t, "m"+strconv.Itoa(i))); got != want {
			t.Errorf("series %d: %v", i, got)
		}
	}
	if !tl.add("0", nil) {
		t.Error("a series that is known was refused")
	}
	if tl.add("unnamed", func() (line.Name, bool) { return line.Name{}, false }) {
		t.Error("a series without a name was taken")
	}
	tl.close()
	if tl.add("0", nil) {
		t.Error("an event was taken after close")
	}
}

func TestTallySharesNames(t *testing.T) {
	t.Parallel()
	tl := newTally(10)
	tl.add("a b", named(t, "a b"))
	tl.add("a_b", named(t, "a_b"))
	b := batch{limit: 1000, now: 100}
	tl.fill(&b)
	if got := string(b.data); got != "put a_b 100 2 k=v\n" || b.lines != 1 || !b.increments {
		t.Errorf("batch %q", got)
	}
}

func TestTallyTakesAndRestores(t *testing.T) {
	t.Parallel()
	tl := newTally(10)
	fill := func(now int64, want string) {
		t.Helper()
		b := batch{limit: 1000, now: now}
		tl.fill(&b)
		if string(b.data) != want {
			t.Errorf("at %d: %q, want %q", now, b.data, want)
		}
	}
	tl.add("k", named(t, "m"))
	fill(100, "put m 100 1 k=v\n")
	tl.add("k", nil)
	tl.restore(false)
	fill(100, "put m 100 2 k=v\n") // no receiver has seen the first
	tl.settle()
	tl.add("k", nil)
	fill(100, "") // within the second of the last
	fill(105, "put m 105 1 k=v\n")
	tl.settle()
	fill(106, "")
}

func TestTallyForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tl := newTally(10)
		tl.add("idle", named(t, "idle"))
		tl.add("busy", named(t, "busy"))
		tl.fill(&batch{limit: 1000, now: time.Now().Unix()})
		tl.settle()
		for range maxIdle + 2 {
			tl.add("busy", nil)
			tl.begin()
		}
		if len(tl.byName) != 2 {
			t.Error("a series is forgotten within the second of its last event")
		}
		time.Sleep(2 * time.Second)
		tl.add("busy", nil)
		tl.begin()
		if len(tl.byName) != 1 || len(tl.series) != 1 || tl.series["busy"] == nil {
			t.Errorf("kept: %v", tl.byName)
		}
	})
}

func TestTallyConcurrently(t *testing.T) {
	t.Parallel()
	tl := newTally(10)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				tl.add("k", named(t, "m"))
			}
		})
	}
	sent := int64(0)
	for now := range int64(50) {
		b := batch{limit: 1000, now: now + 1}
		tl.begin()
		tl.fill(&b)
		for _, s := range tl.taken {
			sent += s.taken
		}
		tl.settle()
	}
	all.Wait()
	for _, s := range tl.byName {
		sent += s.waiting
	}
	if sent != 4000 {
		t.Errorf("%d events", sent)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for i, key := range []string{
		keyOf("a", "b", "", nil), keyOf("ab", "", "", nil), keyOf("a", "", "b", nil), keyOf("", "a", "b", nil),
		keyOf("a", "b", "", map[string]string{"k": "v"}), keyOf("a", "b", "", map[string]string{"kv": ""}),
		keyOf("a", "b", "", map[string]string{"k": "v", "l": "w"}), keyOf("a", "b", "", map[string]string{"k": "v\x01l\x01w"}),
	} {
		if j, double := seen[key]; double {
			t.Errorf("keys %d and %d are equal", i, j)
		}
		seen[key] = i
	}
	if keyOf("a", "b", "", map[string]string{"x": "1", "y": "2"}) != keyOf("a", "b", "", map[string]string{"y": "2", "x": "1"}) {
		t.Error("the order of tags matters")
	}
}
