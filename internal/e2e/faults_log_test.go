package e2e

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// A logbook keeps what is logged, debugging aside, one line each.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// Write implements [io.Writer].
func (b *logbook) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

// lines returns all lines so far.
func (b *logbook) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(b.text.String()), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

// alarms are the lines of warnings and errors, news the others.
func alarms(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.HasPrefix(line, "level=INFO") })
}

func news(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, "level=INFO") })
}
