package setup

import (
	"log/slog"
	"sync"
	"time"

	"github.com/otelsli/otelsli-go/internal/outage"
)

// WithOTelErrors writes what OpenTelemetry itself reports, by [otel.Handle], to the logger of
// [WithLogger], with no more than 10 lines in 5 minutes. The handler belongs to the whole process,
// tracing included, and stays after Shutdown, for OpenTelemetry has no way to give back the one before.
// Default: the handler is left as it is; unless somebody has set one it prints to standard error.
func WithOTelErrors() Option {
	return optionFunc(func(cfg *config) { cfg.observer.otelErrors = true })
}

// otelLines is how many lines there may be in an [outage.Interval].
const otelLines = 10

// otelErrors is an error handler of OpenTelemetry.
type otelErrors struct {
	logger *slog.Logger

	mu         sync.Mutex
	began      time.Time // of the interval
	lines      int       // written in it
	suppressed int       // since the last line
}

// Handle writes a line, unless there were many.
func (h *otelErrors) Handle(err error) {
	if err == nil {
		return
	}
	suppressed, ok := h.note(time.Now())
	switch {
	case !ok:
	case suppressed > 0:
		h.logger.Warn("otelsli: OpenTelemetry reports an error", "suppressed", suppressed, "error", briefError(err))
	default:
		h.logger.Warn("otelsli: OpenTelemetry reports an error", "error", briefError(err))
	}
}

func (h *otelErrors) note(now time.Time) (suppressed int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.began) >= outage.Interval {
		h.began, h.lines = now, 0
	}
	if h.lines >= otelLines {
		h.suppressed++
		return 0, false
	}
	h.lines++
	suppressed, h.suppressed = h.suppressed, 0
	return suppressed, true
}
