package outage

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Interval is the minimum time between two lines about the same outage.
	Interval = 5 * time.Minute

	// Burst is how many outages within one [Interval] begin with a line.
	Burst = 3
)

// A Log logs about one thing that can fail.
type Log struct {
	logger        *slog.Logger
	fails, worked string
	attrs         []any

	mu       sync.Mutex
	since    time.Time // zero: no outage
	failures int       // of this outage
	shown    bool      // this outage has a line
	last     time.Time // the newest warning
	begun    [Burst]time.Time
}

// New creates a log with the messages for a failure and for a recovery, and with attributes for
// both, as for [slog.Logger.With]. A nil logger means [slog.Default] at the time of logging.
func New(logger *slog.Logger, fails, worked string, attrs ...any) *Log {
	return &Log{logger: logger, fails: fails, worked: worked, attrs: attrs}
}

// Failed records a failure. The attributes apply to this failure only.
func (l *Log) Failed(err error, attrs ...any) {
	if l == nil {
		return
	}
	failures, since, ok := l.note(time.Now())
	if !ok {
		return
	}
	if failures > 1 {
		attrs = append(attrs, "failures", failures, "since", since.UTC().Format(time.RFC3339), "for", round(time.Since(since)))
	}
	l.write(slog.LevelWarn, l.fails, append(attrs, "error", err))
}

// note returns what to log about a failure, and whether to log it.
func (l *Log) note(now time.Time) (failures int, since time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.since.IsZero()
	if first {
		l.since, l.failures, l.shown = now, 0, false
	}
	l.failures++
	if first {
		ok = l.begin(now)
	} else {
		ok = now.Sub(l.last) >= Interval
	}
	if ok {
		l.shown, l.last = true, now
	}
	return l.failures, l.since, ok
}

// begin reports whether an outage may begin with a line now.
func (l *Log) begin(now time.Time) bool {
	if oldest := l.begun[0]; !oldest.IsZero() && now.Sub(oldest) < Interval {
		return false
	}
	copy(l.begun[:], l.begun[1:])
	l.begun[Burst-1] = now
	return true
}

// Worked records a success.
func (l *Log) Worked() {
	if l == nil {
		return
	}
	if failures, since, shown := l.end(); shown {
		l.write(slog.LevelInfo, l.worked, []any{"failures", failures, "after", round(time.Since(since))})
	}
}

func (l *Log) end() (failures int, since time.Time, shown bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	failures, since, shown = l.failures, l.since, l.shown && !l.since.IsZero()
	l.since = time.Time{}
	return failures, since, shown
}

func (l *Log) write(level slog.Level, message string, attrs []any) {
	logger := l.logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.With(l.attrs...).Log(context.Background(), level, message, attrs...)
}

// round formats a duration readably, also for JSON.
func round(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
