package guard

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/internal/throttle"
)

// logEvery is the minimum time between two log lines of one kind, because strangers decide how
// often they occur.
const logEvery = time.Minute

// refusals logs that requests were refused, without their credentials.
type refusals struct {
	logger   func() *slog.Logger
	throttle throttle.Throttle
}

func (r *refusals) note(remote string) {
	if skipped, ok := r.throttle.Pass(logEvery, 1); ok {
		r.logger().Warn("otelsli: requests without valid credentials refused", "count", skipped+1, "last_from", remote)
	}
}

// serverLog is the error log of a server. Most of its lines are about clients that aborted their
// handshake. Panics have their own throttle, so that they are not drowned out.
type serverLog struct {
	slog.Handler
	clients, panics *throttle.Throttle
}

func newServerLog(h slog.Handler) serverLog {
	return serverLog{Handler: h, clients: &throttle.Throttle{}, panics: &throttle.Throttle{}}
}

// Handle implements [slog.Handler].
func (s serverLog) Handle(ctx context.Context, r slog.Record) error {
	same := s.clients
	if strings.HasPrefix(r.Message, "http: panic") {
		same = s.panics
	}
	skipped, ok := same.Pass(logEvery, 1)
	if !ok {
		return nil
	}
	if skipped > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("count", skipped+1))
	}
	return s.Handler.Handle(ctx, r)
}
