package otelsli_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

var errBroken = errors.New("broken")

func TestTimerThreshold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		took time.Duration
		err  error
		want otelsli.Outcome
	}{
		{0, nil, otelsli.Success},
		{300 * time.Millisecond, nil, otelsli.Success}, // satisfied is <=
		{300*time.Millisecond + 1, nil, otelsli.Slow},
		{time.Hour, errBroken, otelsli.Failed},
		{time.Hour, otelsli.Ignore(errBroken), otelsli.Ignored},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := declare(t, quiet(), checkout(), []pair{webGold})
			start := s.Start(t.Context(), webGold)
			bound := s.With(webGold).Start(t.Context())
			time.Sleep(tt.took)
			if start.Elapsed() != tt.took {
				t.Errorf("Elapsed() = %v, want %v", start.Elapsed(), tt.took)
			}
			start.End(&tt.err)
			bound.End(&tt.err)
			s.Observe(t.Context(), webGold, tt.took, tt.err)
			err := s.Do(t.Context(), webGold, func(context.Context) error {
				time.Sleep(tt.took)
				return tt.err
			})
			if !errors.Is(err, tt.err) {
				t.Errorf("Do returned %v, want %v", err, tt.err)
			}
			var want otelsli.Counts
			want[tt.want] = 4
			wantCounts(t, s, webGold, want)
		})
	}
}

func TestTimerNilError(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	func() {
		defer s.Start(t.Context(), webGold).End(nil)
	}()
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Success: 1})
	if got := new(otelsli.Timer).Elapsed(); got != 0 {
		t.Errorf("a zero timer has been running for %v", got)
	}
}

func TestTimerEndsOnce(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string][2]func(*otelsli.Timer){
		"End, End":     {func(x *otelsli.Timer) { x.End(&errBroken) }, func(x *otelsli.Timer) { x.End(nil) }},
		"EndAs, End":   {func(x *otelsli.Timer) { x.EndAs(otelsli.Failed) }, func(x *otelsli.Timer) { x.End(nil) }},
		"End, EndAs":   {func(x *otelsli.Timer) { x.End(&errBroken) }, func(x *otelsli.Timer) { x.EndAs(otelsli.Slow) }},
		"EndAs, EndAs": {func(x *otelsli.Timer) { x.EndAs(otelsli.Failed) }, func(x *otelsli.Timer) { x.EndAs(otelsli.Slow) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := declare(t, quiet(), checkout(), []pair{webGold})
			timer := s.Start(t.Context(), webGold)
			ends[0](timer)
			ends[1](timer)
			wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
		})
	}
}

// panics calls f and returns what it panicked with, and the stack as an outer recover sees it.
func panics(f func()) (value any, stack string) {
	defer func() {
		value = recover()
		stack = string(debug.Stack())
	}()
	f()
	return nil, ""
}

//go:noinline
func explode(v any) { panic(v) }

func TestPanicGoesOn(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*otelsli.SLI[pair], any){
		"End": func(s *otelsli.SLI[pair], v any) {
			err := errors.New("not looked at")
			defer s.Start(context.Background(), webGold).End(&err)
			explode(v)
		},
		"End of Bound": func(s *otelsli.SLI[pair], v any) {
			defer s.With(webGold).Start(context.Background()).End(nil)
			explode(v)
		},
		"Do": func(s *otelsli.SLI[pair], v any) {
			_ = s.Do(context.Background(), webGold, func(context.Context) error {
				explode(v)
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := declare(t, quiet(), checkout(), []pair{webGold})
			value := &struct{ string }{"original"}
			got, stack := panics(func() { run(s, value) })
			if got != value {
				t.Errorf("panicked with %v, want the original value", got)
			}
			if !strings.Contains(stack, "otelsli_test.explode") {
				t.Errorf("the stack has lost where the panic began:\n%s", stack)
			}
			if got, _ := panics(func() { run(s, http.ErrAbortHandler) }); got != any(http.ErrAbortHandler) {
				t.Errorf("panicked with %v, want http.ErrAbortHandler itself", got)
			}
			if got, _ := panics(func() { run(s, nil) }); got == nil {
				t.Error("panic(nil) was swallowed")
			}
			wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 3})
		})
	}
}

// TestPanicAfterEnd: an event that has been judged is not counted again.
func TestPanicAfterEnd(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	got, _ := panics(func() {
		timer := s.Start(t.Context(), webGold)
		defer timer.End(nil)
		timer.EndAs(otelsli.Ignored)
		explode("late")
	})
	if got != "late" {
		t.Errorf("panicked with %v", got)
	}
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Ignored: 1})
}

func TestGoexit(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = s.Do(context.Background(), webGold, func(context.Context) error {
			runtime.Goexit()
			return nil
		})
	}()
	<-exited
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
}

// TestCancelledContextRecords: the context is for judging alone.
func TestCancelledContextRecords(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), checkout(), []pair{webGold})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Record(ctx, webGold, otelsli.Success)
	s.Observe(ctx, webGold, 0, nil)
	s.Start(ctx, webGold).End(nil)
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Success: 3})
}
