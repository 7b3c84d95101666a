package outage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/outage"
)

var errRefused = errors.New("connection refused")

func plain(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// TestWhatIsWritten plays a course of failures (x) and successes (.), one every step.
func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	const (
		first = `level=WARN msg="it fails" door=a error="connection refused"`
		again = `level=WARN msg="it fails" door=a failures=`
	)
	for name, test := range map[string]struct {
		course string
		step   time.Duration
		want   []string
	}{
		"all is well":   {"......", time.Second, nil},
		"one failure":   {"x", time.Second, []string{first}},
		"and its end":   {"x.", time.Second, []string{first, `level=INFO msg="it works" door=a failures=1 after=1s`}},
		"more failures": {"xxx..", time.Second, []string{first, `level=INFO msg="it works" door=a failures=3 after=3s`}},
		"a long outage": {strings.Repeat("x", 8) + ".", time.Minute, []string{
			first,
			again + `6 since=2000-01-01T00:00:00Z for=5m0s error="connection refused"`,
			`level=INFO msg="it works" door=a failures=8 after=8m0s`,
		}},
		"in turns": {"x.x.x.x.x.", time.Second, []string{
			first, `level=INFO msg="it works" door=a failures=1 after=1s`,
			first, `level=INFO msg="it works" door=a failures=1 after=1s`,
			first, `level=INFO msg="it works" door=a failures=1 after=1s`,
		}},
		"in turns, then for long": {"x.x.x.xxxxxx.", time.Minute, []string{
			first, `level=INFO msg="it works" door=a failures=1 after=1m0s`,
			first, `level=INFO msg="it works" door=a failures=1 after=1m0s`,
			first, `level=INFO msg="it works" door=a failures=1 after=1m0s`,
			first, again + `6 since=2000-01-01T00:06:00Z for=5m0s error="connection refused"`,
			`level=INFO msg="it works" door=a failures=6 after=6m0s`,
		}},
		"seldom": {"x.x.x.x.", 3 * time.Minute, []string{
			first, `level=INFO msg="it works" door=a failures=1 after=3m0s`,
			first, `level=INFO msg="it works" door=a failures=1 after=3m0s`,
			first, `level=INFO msg="it works" door=a failures=1 after=3m0s`,
			first, `level=INFO msg="it works" door=a failures=1 after=3m0s`,
		}},
		"begun without a line": {"x.x.x.xxxxxxx.", 50 * time.Second, []string{
			first, `level=INFO msg="it works" door=a failures=1 after=50s`,
			first, `level=INFO msg="it works" door=a failures=1 after=50s`,
			first, `level=INFO msg="it works" door=a failures=1 after=50s`,
			first, again + `7 since=2000-01-01T00:05:00Z for=5m0s error="connection refused"`,
			`level=INFO msg="it works" door=a failures=7 after=5m50s`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				log := outage.New(plain(&out), "it fails", "it works", "door", "a")
				for _, c := range test.course {
					if c == 'x' {
						log.Failed(errRefused)
					} else {
						log.Worked()
					}
					time.Sleep(test.step)
				}
				var got []string
				for line := range strings.Lines(out.String()) {
					got = append(got, strings.TrimSuffix(line, "\n"))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestAnOutageThatBeganWithoutALine has one as soon as there may be one.
func TestAnOutageThatBeganWithoutALine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := outage.New(plain(&out), "it fails", "it works")
		for range outage.Burst + 1 {
			log.Worked()
			log.Failed(errRefused)
		}
		begun := strings.Count(out.String(), "it fails")
		time.Sleep(outage.Interval)
		log.Failed(errRefused)
		log.Worked()
		if n := strings.Count(out.String(), "it fails"); begun != outage.Burst || n != begun+1 || !strings.HasSuffix(out.String(), "after=5m0s\n") {
			t.Errorf("%d outages began with a line, then there were %d:\n%s", begun, n, out.String())
		}
	})
}

func TestAttributesOfAFailure(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := outage.New(plain(&out), "it fails", "it works", "door", "a")
	log.Failed(errRefused, "kept", "everything")
	log.Worked()
	want := `level=WARN msg="it fails" door=a kept=everything error="connection refused"`
	if got, _, _ := strings.Cut(out.String(), "\n"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if strings.Count(out.String(), "kept") != 1 {
		t.Errorf("an attribute of the failure is on another line:\n%s", out.String())
	}
}

func TestNilLogIsSilent(t *testing.T) {
	t.Parallel()
	var log *outage.Log
	log.Failed(errRefused)
	log.Worked()
}

// TestLoggerMayCallBack wants no lock held while the logger is called.
func TestLoggerMayCallBack(t *testing.T) {
	t.Parallel()
	var log *outage.Log
	log = outage.New(slog.New(callback{slog.DiscardHandler, func() { log.Worked() }}), "it fails", "it works")
	log.Failed(errRefused)
}

type callback struct {
	slog.Handler
	call func()
}

func (c callback) Enabled(ctx context.Context, level slog.Level) bool {
	c.call()
	return c.Handler.Enabled(ctx, level)
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := outage.New(plain(&out), "it fails", "it works")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				log.Failed(errRefused)
			}
		})
	}
	wg.Wait()
	log.Worked()
	if n := strings.Count(out.String(), "\n"); n != 2 || !strings.Contains(out.String(), "failures=800") {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}

//nolint:paralleltest // AllocsPerRun counts the allocations of the process
func TestSuccessAllocatesNothing(t *testing.T) {
	log := outage.New(nil, "it fails", "it works")
	if n := testing.AllocsPerRun(100, log.Worked); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func Example() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "after" {
			return slog.Attr{} // not the same each time
		}
		return a
	}}))
	exports := outage.New(logger, "export fails", "export works again", "pipeline", "otlp")
	exports.Failed(errRefused)
	exports.Failed(errRefused) // within the interval
	exports.Worked()
	// Output:
	// level=WARN msg="export fails" pipeline=otlp error="connection refused"
	// level=INFO msg="export works again" pipeline=otlp failures=2
}
