package setup

import (
	"log/slog"

	"github.com/otelsli/otelsli-go/internal/outage"
	"github.com/otelsli/otelsli-go/internal/throttle"
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
	logger   *slog.Logger
	throttle throttle.Throttle
}

// Handle writes a line, unless there were many.
func (h *otelErrors) Handle(err error) {
	if err == nil {
		return
	}
	suppressed, ok := h.throttle.Pass(outage.Interval, otelLines)
	switch {
	case !ok:
	case suppressed > 0:
		h.logger.Warn("otelsli: OpenTelemetry reports an error", "suppressed", suppressed, "error", briefError(err))
	default:
		h.logger.Warn("otelsli: OpenTelemetry reports an error", "error", briefError(err))
	}
}
