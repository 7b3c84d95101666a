package guard

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// logEvery is how often the same is logged at most, for strangers decide how often it happens.
const logEvery = time.Minute

// A throttle lets one event through in a while, and counts the others.
type throttle struct {
	mu      sync.Mutex
	next    time.Time
	skipped int
}

// pass reports whether to speak of an event, and how many there were since the last time.
func (t *throttle) pass() (n int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skipped++
	now := time.Now()
	if now.Before(t.next) {
		return 0, false
	}
	t.next = now.Add(logEvery)
	n, t.skipped = t.skipped, 0
	return n, true
}

// refusals logs that requests were refused. What they had for credentials is nobody's affair.
type refusals struct {
	logger   func() *slog.Logger
	throttle throttle
}

func (r *refusals) note(remote string) {
	if n, ok := r.throttle.pass(); ok {
		r.logger().Warn("otelsli: requests without valid credentials refused", "count", n, "last_from", remote)
	}
}

// serverLog is where a server complains, by far the most about clients that broke off their
// handshake. Panics have a throttle of their own, not to drown in it.
type serverLog struct {
	slog.Handler
	clients, panics *throttle
}

func newServerLog(h slog.Handler) serverLog {
	return serverLog{Handler: h, clients: &throttle{}, panics: &throttle{}}
}

// Handle implements [slog.Handler].
func (s serverLog) Handle(ctx context.Context, r slog.Record) error {
	t := s.clients
	if strings.HasPrefix(r.Message, "http: panic") {
		t = s.panics
	}
	n, ok := t.pass()
	if !ok {
		return nil
	}
	if n > 1 {
		r = r.Clone()
		r.AddAttrs(slog.Int("count", n))
	}
	return s.Handler.Handle(ctx, r)
}
