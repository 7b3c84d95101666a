package delivery

import (
	"bytes"
	"log/slog"
	"sync"
	"time"
)

// replyInterval is the minimum time between two log records about replies.
const replyInterval = 5 * time.Minute

// replies counts what servers send. In these protocols replies are always errors.
type replies struct {
	count  *counters
	logger *slog.Logger

	mu     sync.Mutex
	logged time.Time
}

// from returns the reply function for a connection.
func (r *replies) from(server Server) func([]byte) {
	return func(text []byte) {
		r.count.update(func(s *Stats) {
			s.Replies.add(Traffic{Lines: countLines(text), Bytes: int64(len(text))})
		})
		if r.due() {
			first, _, _ := bytes.Cut(text, []byte("\n"))
			r.logger.Warn("a Graphite or OpenTSDB receiver answered: it may have rejected lines",
				"server", server.String(), "reply", quote(string(first)))
		}
	}
}

func (r *replies) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.logged.IsZero() && time.Since(r.logged) < replyInterval {
		return false
	}
	r.logged = time.Now()
	return true
}

func countLines(text []byte) int64 { return int64(bytes.Count(text, []byte("\n"))) }
