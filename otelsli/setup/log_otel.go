package setup

import (
	"log/slog"

	"github.com/otelsli/otelsli-go/internal/outage"
	"github.com/otelsli/otelsli-go/internal/throttle"
)

// WithOTelErrors logs what OpenTelemetry itself reports through [otel.Handle] to the logger of
// [WithLogger], at most 10 lines in 5 minutes. The handler applies to the whole process, tracing
// included, and stays after Shutdown, because OpenTelemetry has no way to restore the previous one.
// Default: the handler is left as it is; unless another was set, it prints to standard error.
func WithOTelErrors() Option {
	return optionFunc(func(cfg *config) { cfg.observer.otelErrors = true })
}

// otelLines is the maximum number of lines in an [outage.Interval].
const otelLines = 10

// otelErrors is an OpenTelemetry error handler.
type otelErrors struct {
	logger   *slog.Logger
	throttle throttle.Throttle
}

// Handle logs an error, unless there were too many.
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
