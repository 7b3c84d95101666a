package sliotlp

import (
	"strings"
	"testing"
)

// OpenTelemetry logs a value of these variables that it cannot decode. New must not get that far.
func TestMalformedHeaderVariableIsRefusedAndNotShown(t *testing.T) {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "authorization=Bearer%ZZsecret")
			_, err := New(t.Context(), WithHeaders(map[string]string{"a": "b"}))
			if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
				t.Errorf("New: %v, want an error that names %s and not its value", err, name)
			}
			if err := Validate(WithHeaders(map[string]string{"a": "b"})); err != nil {
				t.Errorf("Validate: %v", err)
			}
		})
	}
}
