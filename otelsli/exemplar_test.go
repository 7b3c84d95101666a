package otelsli_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// inSpan returns a context with the span n of trace n.
func inSpan(ctx context.Context, n uint64, flags trace.TraceFlags) context.Context {
	var cfg trace.SpanContextConfig
	binary.BigEndian.PutUint64(cfg.TraceID[8:], n)
	binary.BigEndian.PutUint64(cfg.SpanID[:], n)
	cfg.TraceFlags = flags
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(cfg))
}

func sampled(ctx context.Context, n uint64) context.Context {
	return inSpan(ctx, n, trace.FlagsSampled)
}

// exemplarSpans reads the spans of all exemplars by `name{key=value,…}`.
func exemplarSpans(t testing.TB, c *otelsli.Catalog) map[string]uint64 {
	t.Helper()
	spans := make(map[string]uint64)
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				e, ok := p.Exemplar(i)
				if !ok {
					continue
				}
				key, span := seriesKey(counter.Name, p.Attributes(i)), binary.BigEndian.Uint64(e.SpanID[:])
				if n := binary.BigEndian.Uint64(e.TraceID[8:]); n != span {
					t.Errorf("%s has span %d of trace %d", key, span, n)
				}
				if v, ok := p.Value(i); !ok || v == 0 {
					t.Errorf("%s is %d and has an exemplar", key, v)
				}
				if e.Time.Before(p.Start) || e.Time.After(time.Now()) {
					t.Errorf("%s has an exemplar of %v, want one since %v", key, e.Time, p.Start)
				}
				spans[key] = span
			}
		}
	}
	return spans
}

func wantSpans(t testing.TB, c *otelsli.Catalog, want map[string]uint64) {
	t.Helper()
	if diff := cmp.Diff(want, exemplarSpans(t, c)); diff != "" {
		t.Errorf("spans of the exemplars (-want +got):\n%s", diff)
	}
}

// TestExemplarsOfCounters: which counter has the exemplar of which outcome.
func TestExemplarsOfCounters(t *testing.T) {
	t.Parallel()
	const noThreshold = "{channel=web,tier=free}"
	for layout, want := range map[otelsli.Layout]map[string]uint64{
		otelsli.Counters: {
			"sli.checkout.error.total{channel=web,tier=gold}": 3,
			"sli.checkout.apdex.total{channel=web,tier=gold}": 2,
			"sli.checkout.slow.total{channel=web,tier=gold}":  2,
			"sli.checkout.error.total" + noThreshold:          13,
		},
		otelsli.Outcomes: {
			"sli.events.total{channel=web,outcome=failed,sli=checkout,tier=gold}": 3,
			"sli.events.total{channel=web,outcome=slow,sli=checkout,tier=gold}":   2,
			"sli.events.total{channel=web,outcome=failed,sli=checkout,tier=free}": 13,
		},
	} {
		t.Run(layout.String(), func(t *testing.T) {
			t.Parallel()
			c := quiet()
			if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
				t.Fatal(err)
			}
			s := declare(t, c, checkout(), []pair{webGold, webFree}, otelsli.WithThreshold(func(l pair) time.Duration {
				if l == webFree {
					return -1
				}
				return 0
			}))
			for o := range otelsli.Outcome(4) {
				s.Record(sampled(t.Context(), 1+uint64(o)), webGold, o)
				s.Record(sampled(t.Context(), 11+uint64(o)), webFree, o)
			}
			wantSpans(t, c, want)
		})
	}
}

// TestExemplarsOfVerbs: however an event ends, its span is seen.
func TestExemplarsOfVerbs(t *testing.T) {
	t.Parallel()
	const failed, slow = "sli.checkout.error.total{channel=web,tier=gold}", "sli.checkout.slow.total{channel=web,tier=gold}"
	fail := func(context.Context) error { return errBroken }
	for name, test := range map[string]struct {
		counter string
		record  func(context.Context, *otelsli.SLI[pair])
	}{
		"Record":                {failed, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Record(ctx, webGold, otelsli.Failed) }},
		"Record, wrong outcome": {failed, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Record(ctx, webGold, 77) }},
		"Bound.Record":          {slow, func(ctx context.Context, s *otelsli.SLI[pair]) { s.With(webGold).Record(ctx, otelsli.Slow) }},
		"Observe":               {slow, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Observe(ctx, webGold, time.Second, nil) }},
		"Observe, error":        {failed, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Observe(ctx, webGold, 0, errBroken) }},
		"End":                   {failed, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Start(ctx, webGold).End(&errBroken) }},
		"EndAs":                 {slow, func(ctx context.Context, s *otelsli.SLI[pair]) { s.Start(ctx, webGold).EndAs(otelsli.Slow) }},
		"Do":                    {failed, func(ctx context.Context, s *otelsli.SLI[pair]) { _ = s.Do(ctx, webGold, fail) }},
		"End, panic": {failed, func(ctx context.Context, s *otelsli.SLI[pair]) {
			panics(func() {
				defer s.Start(ctx, webGold).End(nil)
				explode("boom")
			})
		}},
		"Do, panic": {failed, func(ctx context.Context, s *otelsli.SLI[pair]) {
			panics(func() { _ = s.Do(ctx, webGold, func(context.Context) error { panic("boom") }) })
		}},
		"Do, Goexit": {failed, func(ctx context.Context, s *otelsli.SLI[pair]) {
			var wg sync.WaitGroup
			wg.Go(func() { _ = s.Do(ctx, webGold, func(context.Context) error { runtime.Goexit(); return nil }) })
			wg.Wait()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := quiet()
			test.record(sampled(t.Context(), 5), declare(t, c, checkout(), []pair{webGold}))
			if got := exemplarSpans(t, c)[test.counter]; got != 5 {
				t.Errorf("the exemplar of %s is of span %d, want 5", test.counter, got)
			}
		})
	}
}

// TestExemplarsOfUndeclaredSeries: the kept ones and the overflow series have theirs.
func TestExemplarsOfUndeclaredSeries(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare[pair](t, c, checkout(), nil, otelsli.WithUndeclaredLimit(1))
	s.Record(sampled(t.Context(), 1), webGold, otelsli.Failed)
	s.Record(sampled(t.Context(), 2), webFree, otelsli.Failed)
	wantSpans(t, c, map[string]uint64{
		"sli.checkout.error.total{channel=web,tier=gold}":            1,
		"sli.checkout.error.total{channel=_overflow,tier=_overflow}": 2,
	})
}

func TestExemplarFilter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		filter                    otelsli.ExemplarFilter
		none, unsampled, isSample bool
	}{
		{otelsli.TraceBased, false, false, true},
		{otelsli.AlwaysOff, false, false, false},
		{otelsli.AlwaysOn, false, true, true},
	} {
		for name, span := range map[string]struct {
			ctx  context.Context
			want bool
		}{
			"no context": {nil, tt.none},
			"no span":    {t.Context(), tt.none},
			"no trace ID": {trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(
				trace.SpanContextConfig{SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})), tt.none},
			"unsampled": {inSpan(t.Context(), 1, 0), tt.unsampled},
			"sampled":   {sampled(t.Context(), 1), tt.isSample},
		} {
			t.Run(tt.filter.String()+", "+name, func(t *testing.T) {
				t.Parallel()
				c := quiet()
				if err := c.Configure(otelsli.WithExemplars(tt.filter)); err != nil {
					t.Fatal(err)
				}
				s := declare(t, c, checkout(), []pair{webGold})
				s.Record(span.ctx, webGold, otelsli.Failed)
				if _, got := exemplarSpans(t, c)["sli.checkout.error.total{channel=web,tier=gold}"]; got != span.want {
					t.Errorf("exemplar: %v, want %v", got, span.want)
				}
				wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
			})
		}
	}
}

// TestExemplarFilterChanges: it is not final, and AlwaysOff also hides what was left before.
func TestExemplarFilterChanges(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	s.Record(sampled(t.Context(), 1), webGold, otelsli.Failed)
	failed := map[string]uint64{"sli.checkout.error.total{channel=web,tier=gold}": 1}
	wantSpans(t, c, failed)
	if err := c.Configure(otelsli.WithExemplars(otelsli.AlwaysOff)); err != nil {
		t.Fatal(err)
	}
	s.Record(sampled(t.Context(), 2), webGold, otelsli.Slow)
	wantSpans(t, c, map[string]uint64{})
	if err := c.Configure(otelsli.WithExemplars(3)); err == nil || !strings.Contains(err.Error(),
		"WithExemplars is ExemplarFilter(3): want TraceBased, AlwaysOff or AlwaysOn") {
		t.Errorf("a filter that does not exist: %v", err)
	}
	if err := c.Configure(otelsli.WithPrefix("")); err != nil { // leaves the filter as it is
		t.Fatal(err)
	}
	wantSpans(t, c, map[string]uint64{})
	if err := c.Configure(otelsli.WithExemplars(otelsli.TraceBased)); err != nil {
		t.Fatal(err)
	}
	wantSpans(t, c, failed)
}

func TestExemplarFilterText(t *testing.T) {
	t.Parallel()
	for f, want := range map[otelsli.ExemplarFilter]string{
		otelsli.TraceBased: "trace_based", otelsli.AlwaysOff: "always_off", otelsli.AlwaysOn: "always_on",
	} {
		text, err := f.MarshalText()
		if err != nil || string(text) != want || f.String() != want {
			t.Errorf("%d: %q, %q, %v; want %q", f, f, text, err, want)
		}
		var back otelsli.ExemplarFilter
		if err := back.UnmarshalText(text); err != nil || back != f {
			t.Errorf("UnmarshalText(%q) = %v, %v", text, back, err)
		}
	}
	if got := otelsli.ExemplarFilter(3).String(); got != "ExemplarFilter(3)" {
		t.Errorf("String of a filter that does not exist: %q", got)
	}
	if _, err := otelsli.ExemplarFilter(3).MarshalText(); err == nil {
		t.Error("MarshalText accepts a filter that does not exist")
	}
	f := otelsli.AlwaysOn
	if err := f.UnmarshalText([]byte("sometimes")); err == nil || f != otelsli.AlwaysOn ||
		!strings.Contains(err.Error(), `exemplar filter "sometimes": want trace_based or always_off or always_on`) {
		t.Errorf("UnmarshalText: %v, %v", f, err)
	}
}

// TestExemplarInterval: the first of each interval stays, by series and outcome.
func TestExemplarInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		s := declare(t, c, checkout(), []pair{webGold, webFree})
		spans := func() [3]uint64 {
			all := exemplarSpans(t, c)
			return [3]uint64{
				all["sli.checkout.error.total{channel=web,tier=gold}"],
				all["sli.checkout.slow.total{channel=web,tier=gold}"],
				all["sli.checkout.error.total{channel=web,tier=free}"],
			}
		}
		for i, tt := range []struct {
			wait    time.Duration
			labels  pair
			outcome otelsli.Outcome
			want    [3]uint64
		}{
			{0, webGold, otelsli.Failed, [3]uint64{1, 0, 0}},
			{0, webGold, otelsli.Failed, [3]uint64{1, 0, 0}},
			{0, webGold, otelsli.Slow, [3]uint64{1, 3, 0}},
			{otelsli.ExemplarInterval - 1, webGold, otelsli.Failed, [3]uint64{1, 3, 0}},
			{0, webFree, otelsli.Failed, [3]uint64{1, 3, 5}},
			{1, webGold, otelsli.Failed, [3]uint64{6, 3, 5}},
			{time.Hour, webGold, otelsli.Success, [3]uint64{6, 3, 5}}, // the newest stays
			{0, webGold, otelsli.Slow, [3]uint64{6, 8, 5}},
		} {
			time.Sleep(tt.wait)
			s.Record(sampled(t.Context(), 1+uint64(i)), tt.labels, tt.outcome)
			if got := spans(); got != tt.want {
				t.Errorf("event %d: spans %v, want %v", i+1, got, tt.want)
			}
		}
	})
}

// TestExemplarsOfOneMoment: an event that another one overtakes while its span is looked up leaves
// the exemplar to that one.
func TestExemplarsOfOneMoment(t *testing.T) {
	t.Parallel()
	c := quiet()
	s := declare(t, c, checkout(), []pair{webGold})
	overtaken := interrupted{sampled(t.Context(), 1), sync.OnceFunc(func() {
		s.Record(sampled(t.Context(), 2), webGold, otelsli.Failed)
	})}
	s.Record(overtaken, webGold, otelsli.Failed)
	wantSpans(t, c, map[string]uint64{"sli.checkout.error.total{channel=web,tier=gold}": 2})
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 2})
}

// interrupted is a context that does something else before its values are read.
type interrupted struct {
	context.Context
	first func()
}

func (x interrupted) Value(key any) any {
	x.first()
	return x.Context.Value(key)
}

// TestEventIsCountedBeforeItsExemplar: what a context does when it is searched cannot undo that.
func TestEventIsCountedBeforeItsExemplar(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	var before otelsli.Counts
	s.Record(interrupted{sampled(t.Context(), 1), func() { before = s.With(webGold).Counts() }}, webGold, otelsli.Failed)
	if want := (otelsli.Counts{otelsli.Failed: 1}); before != want {
		t.Errorf("counted %v when the span is looked up, want %v", before, want)
	}
}

// TestExemplarsAreOfCountedEvents: an exemplar is never seen before its event. The event of span n is
// the n-th; each is recorded while the series is read.
func TestExemplarsAreOfCountedEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := quiet()
		s := declare(t, c, checkout(), []pair{webGold})
		const events, reads = 5000, 30
		go func() {
			for n := range uint64(events) {
				time.Sleep(otelsli.ExemplarInterval)
				s.Record(sampled(t.Context(), n+1), webGold, otelsli.Failed)
			}
		}()
		f := familyOf(t, c, s.Name())
		var span, counted int64
		for i := range events * reads {
			if i%reads == 0 {
				time.Sleep(otelsli.ExemplarInterval) // wakes up with the other one
			}
			for p := range f.Points() {
				e, _ := p.Exemplar(1)
				span, counted = int64(binary.BigEndian.Uint64(e.SpanID[:])), p.Counts[otelsli.Failed]
				if span > counted {
					t.Fatalf("the exemplar of event %d, when %d were counted", span, counted)
				}
			}
		}
		if counted < events-1 || span < counted-1 {
			t.Errorf("the last exemplar that was seen is of event %d, when %d were counted", span, counted)
		}
	})
}

// TestExemplarOfHostileContext: recording never panics.
func TestExemplarOfHostileContext(t *testing.T) {
	t.Parallel()
	c := quiet()
	spec := checkout()
	spec.Name = "hostile"
	s := declare(t, c, spec, []pair{webGold})
	got := handles(func() { s.Record(hostileContext{t.Context()}, webGold, otelsli.Failed) },
		`SLI "hostile": reading the span of an event panicked, it leaves no exemplar: no value for you`)
	if len(got) != 1 {
		t.Errorf("reported %q, want one line", got)
	}
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
	wantSpans(t, c, map[string]uint64{})
}

type hostileContext struct{ context.Context }

func (hostileContext) Value(any) any { panic("no value for you") }

// TestAllocationsOfExemplars: no success ever allocates, and a failure only when it leaves an
// exemplar.
func TestAllocationsOfExemplars(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	if raceEnabled || testing.CoverMode() != "" {
		t.Skip("the race detector allocates, and functions that count their coverage are not inlined")
	}
	s := declare(t, quiet(), checkout(), []pair{webGold})
	bound := s.With(webGold)
	none, unsampled, span := context.Background(), inSpan(context.Background(), 1, 0), sampled(context.Background(), 1)
	for name, f := range map[string]func(){
		"success, by labels":      func() { s.Record(span, webGold, otelsli.Success) },
		"success, bound":          func() { bound.Record(span, otelsli.Success) },
		"success, observed":       func() { bound.Observe(span, 0, nil) },
		"success, timed":          func() { placeBound(span, bound) },
		"failed, no span":         func() { bound.Record(none, otelsli.Failed) },
		"failed, unsampled":       func() { bound.Record(unsampled, otelsli.Failed) },
		"failed, again and again": func() { bound.Record(span, otelsli.Failed) },
		"slow, again and again":   func() { bound.Record(span, otelsli.Slow) },
	} {
		if got := testing.AllocsPerRun(1000, f); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

// TestSizeOfSeriesInfo: what a series that never fails pays for exemplars is one pointer.
func TestSizeOfSeriesInfo(t *testing.T) {
	t.Parallel()
	if strings.Contains("386 arm mips mipsle", runtime.GOARCH) {
		t.Skip("pointers of 32 bits")
	}
	if otelsli.SeriesInfoSize > 96 { // a size class of the allocator
		t.Errorf("what is kept beside the cells has %d bytes, want at most 96", otelsli.SeriesInfoSize)
	}
}

// TestRecordIsInlined: the success path is one atomic add in the code of the caller.
func TestRecordIsInlined(t *testing.T) {
	t.Parallel()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	out, err := exec.CommandContext(t.Context(), goTool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range []string{"Bound.Record", "(*series).add", "now", "instant.elapsed"} {
		if !strings.Contains(string(out), fmt.Sprintf("can inline %s\n", f)) {
			t.Errorf("the compiler does not inline %s", f)
		}
	}
}
