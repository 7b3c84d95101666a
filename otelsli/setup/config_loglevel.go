package setup

import (
	"context"
	"log/slog"
	"math"
	"strings"
)

var logLevels = map[string]slog.Level{
	"all": slog.LevelDebug, "trace": slog.LevelDebug, "verbose": slog.LevelDebug, "debug": slog.LevelDebug,
	"info":    slog.LevelInfo,
	"warn":    slog.LevelWarn,
	"warning": slog.LevelWarn,
	"error":   slog.LevelError, "fatal": slog.LevelError,
	"none": math.MaxInt, "off": math.MaxInt,
}

// readLogLevel bounds this package's own lines. The logger of [WithLogger] says where they go, the
// variable which of them are written: whoever operates a service can ask for more, or less.
func (c *config) readLogLevel() {
	text, name := c.env.text("OTEL_LOG_LEVEL")
	if text == "" {
		return
	}
	level, ok := logLevels[strings.ToLower(text)]
	if !ok {
		c.env.wrong(name, text, "debug, info, warn, error or none")
		return
	}
	c.logger = slog.New(leveled{c.logger.Handler(), level})
}

// leveled is a handler with a level of its own, in the place of that of the handler within.
type leveled struct {
	slog.Handler
	level slog.Level
}

func (l leveled) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leveled{l.Handler.WithAttrs(attrs), l.level}
}

func (l leveled) WithGroup(name string) slog.Handler {
	return leveled{l.Handler.WithGroup(name), l.level}
}
