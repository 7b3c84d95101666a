package setup_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// An operator can ask for more lines than the application's logger has, or for fewer.
func TestLogLevel(t *testing.T) {
	for _, test := range []struct {
		level string
		inner slog.Level
		want  bool // the note about an alias, which is of level info
	}{
		{"", slog.LevelInfo, true},
		{"", slog.LevelError, false},
		{"debug", slog.LevelError, true},
		{"Warn", slog.LevelInfo, false},
		{"none", slog.LevelDebug, false},
	} {
		t.Run(test.level, func(t *testing.T) {
			t.Setenv("OTEL_LOG_LEVEL", test.level)
			t.Setenv("OTEL_EXPORTER", "none")
			var log bytes.Buffer
			c, _ := newSLI(t)
			telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(),
				setup.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: test.inner})).With("a", 1).WithGroup("g")))
			if err != nil {
				t.Fatal(err)
			}
			if err := telemetry.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(log.String(), "OTEL_EXPORTER is an alias"); got != test.want {
				t.Errorf("logged: %v, want %v:\n%s", got, test.want, &log)
			}
		})
	}
}
