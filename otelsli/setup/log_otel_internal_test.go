package setup

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestErrorsOfOpenTelemetryAreThrottled and none of them is forgotten.
func TestErrorsOfOpenTelemetryAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h := &otelErrors{logger: slog.New(slog.NewTextHandler(&out, nil))}
		for range 60 { // one every 10 seconds, 10 minutes long
			h.Handle(errors.New("duplicate instrument"))
			time.Sleep(10 * time.Second)
		}
		if n := strings.Count(out.String(), "\n"); n != 20 {
			t.Errorf("%d lines in 10 minutes, want 20:\n%s", n, out.String())
		}
		if n := strings.Count(out.String(), "suppressed=20"); n != 1 {
			t.Errorf("%d lines tell of the 20 that were suppressed, want 1:\n%s", n, out.String())
		}
	})
}
