package otelsli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	alive := t.Context()
	cancelled, cancel := context.WithCancel(alive)
	cancel()
	expired, cancelExpired := context.WithDeadline(alive, time.Unix(0, 0))
	defer cancelExpired()
	const within, after = time.Second, time.Second + 1

	for _, tt := range []struct {
		name      string
		ctx       context.Context
		err       error
		took      time.Duration
		threshold time.Duration
		want      otelsli.Outcome
	}{
		{"success", alive, nil, within, time.Second, otelsli.Success},
		{"slow", alive, nil, after, time.Second, otelsli.Slow},
		{"latency not judged", alive, nil, after, 0, otelsli.Success},
		{"latency not judged here", alive, nil, after, -1, otelsli.Success},
		{"success though cancelled", cancelled, nil, within, time.Second, otelsli.Success},
		{"error", alive, errBroken, within, time.Second, otelsli.Failed},
		{"ignored", alive, otelsli.Ignore(errBroken), after, time.Second, otelsli.Ignored},
		{"ignored within", alive, fmt.Errorf("search: %w", otelsli.Ignore(errBroken)), within, time.Second, otelsli.Ignored},
		{"ignored joined", alive, errors.Join(io.EOF, otelsli.Ignore(errBroken)), within, time.Second, otelsli.Ignored},
		{"gave up", cancelled, context.Canceled, within, time.Second, otelsli.Ignored},
		{"gave up, wrapped", cancelled, fmt.Errorf("read: %w", context.Canceled), within, time.Second, otelsli.Ignored},
		{"gave up on a hung service", cancelled, context.Canceled, after, time.Second, otelsli.Failed},
		{"gave up, latency not judged", cancelled, context.Canceled, after, 0, otelsli.Ignored},
		{"cancelled inside", alive, context.Canceled, within, time.Second, otelsli.Failed},
		{"other error after cancelling", cancelled, errBroken, within, time.Second, otelsli.Failed},
		{"deadline", expired, context.DeadlineExceeded, within, time.Second, otelsli.Failed},
		{"cancelled inside, deadline outside", expired, context.Canceled, within, time.Second, otelsli.Failed},
		{"no context", nil, context.Canceled, within, time.Second, otelsli.Failed},
	} {
		if got := otelsli.Classify(tt.ctx, otelsli.Event{Err: tt.err, Took: tt.took, Threshold: tt.threshold}); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestIgnoreChangesNothingElse(t *testing.T) {
	t.Parallel()
	if otelsli.Ignore(nil) != nil {
		t.Error("Ignore(nil) is an error")
	}
	cause := &customError{"disk"}
	err := otelsli.Ignore(fmt.Errorf("read: %w", cause))
	if err.Error() != "read: disk" || !errors.Is(err, cause) {
		t.Errorf("text %q, Is %v", err, errors.Is(err, cause))
	}
	if got, ok := errors.AsType[*customError](err); !ok || got != cause {
		t.Error("errors.AsType does not find the cause")
	}
}

// customError has methods that a nil pointer of it panics in.
type customError struct{ text string }

func (e *customError) Error() string        { return e.text }
func (e *customError) Is(target error) bool { return e.text == target.Error() }

func TestClassifier(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		outcome otelsli.Outcome
		took    time.Duration
		want    otelsli.Outcome
	}{
		{"success in time", otelsli.Success, time.Second, otelsli.Success},
		{"success too late", otelsli.Success, time.Hour, otelsli.Slow},
		{"failed", otelsli.Failed, time.Hour, otelsli.Failed},
		{"ignored", otelsli.Ignored, time.Hour, otelsli.Ignored},
		{"no such outcome", 77, time.Second, otelsli.Failed},
	} {
		var seen otelsli.Event
		spec := checkout()
		spec.Threshold = time.Second
		s := declare(t, quiet(), spec, []pair{webGold}, otelsli.WithClassifier(func(ctx context.Context, e otelsli.Event) otelsli.Outcome {
			seen = e
			if ctx != t.Context() {
				t.Errorf("%s: not the context of the caller", tt.name)
			}
			return tt.outcome
		}))
		s.Observe(t.Context(), webGold, tt.took, errBroken)
		var want otelsli.Counts
		want[tt.want] = 1
		wantCounts(t, s, webGold, want)
		if seen != (otelsli.Event{Err: errBroken, Took: tt.took, Threshold: time.Second}) {
			t.Errorf("%s: the classifier saw %+v", tt.name, seen)
		}
	}
}

func TestPanicOfClassifier(t *testing.T) {
	t.Parallel()
	spec := otelsli.Spec{Name: "panic_of_classifier"}
	s := declare(t, quiet(), spec, []pair{webGold}, otelsli.WithClassifier(
		func(context.Context, otelsli.Event) otelsli.Outcome { panic("no idea") }))
	got := handles(func() {
		s.Observe(t.Context(), webGold, 0, nil)
		s.Start(t.Context(), webGold).End(nil)
		if err := s.Do(t.Context(), webGold, func(context.Context) error { return errBroken }); !errors.Is(err, errBroken) {
			t.Errorf("Do returned %v", err)
		}
	}, `SLI "panic_of_classifier"`, "no idea")
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 3})
	if len(got) != 3 {
		t.Errorf("otel.Handle got %q, want a line by event", got)
	}
}

// TestPanicOfError: a nil pointer in an error interface is a common fault.
func TestPanicOfError(t *testing.T) {
	t.Parallel()
	s := declare(t, quiet(), otelsli.Spec{Name: "panic_of_error"}, []pair{webGold})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := handles(func() { s.Observe(ctx, webGold, 0, (*customError)(nil)) }, `SLI "panic_of_error"`, "counts as failed")
	wantCounts(t, s, webGold, otelsli.Counts{otelsli.Failed: 1})
	if len(got) != 1 {
		t.Errorf("otel.Handle got %q, want one line", got)
	}
}
