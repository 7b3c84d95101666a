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

// readLogLevel filters this package's own lines. The logger of [WithLogger] decides where they go;
// the variable decides which are written, so an operator can ask for more or fewer.
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

// leveled is a handler with its own level, which replaces that of the inner handler.
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
