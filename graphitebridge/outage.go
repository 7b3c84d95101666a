package graphitebridge

import (
	"log/slog"
	"sync"
	"time"
)

// DefaultLogInterval is the time between two warnings about the same outage.
const DefaultLogInterval = 5 * time.Minute

// An outage logs that something fails, at most once in an interval, and once that it works again.
type outage struct {
	logger *slog.Logger
	what   string // fails
	every  time.Duration

	mu       sync.Mutex
	since    time.Time // zero: no failure since the last success
	warned   time.Time // the last warning
	failures int       // since then
}

// failed records a failure.
func (o *outage) failed(err error, details ...any) {
	now := time.Now()
	if n, warn := o.note(now); warn {
		o.log().Warn("graphitebridge: "+o.what+" fails", append(details, "failures", n, "error", err)...)
	}
}

func (o *outage) note(now time.Time) (failures int, warn bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		o.since = now
	}
	o.failures++
	if !o.warned.IsZero() && now.Sub(o.warned) < o.every {
		return 0, false
	}
	failures, o.failures, o.warned = o.failures, 0, now
	return failures, true
}

// succeeded records a success. Even an outage too short for its own warning has its recovery
// logged, so that the last line of the log is always right.
func (o *outage) succeeded() {
	if since := o.end(); !since.IsZero() {
		o.log().Info("graphitebridge: "+o.what+" works again", "after", time.Since(since).Round(time.Millisecond))
	}
}

func (o *outage) end() (since time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	since, o.since = o.since, time.Time{}
	return since
}

func (o *outage) log() *slog.Logger {
	if o.logger == nil {
		return slog.Default()
	}
	return o.logger
}
