package sliotlp

import (
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// checkEnvironment keeps secrets out of the log. OpenTelemetry's exporters read the variables for
// headers and endpoints even if options override them, and log a value that they cannot parse in
// full. Nothing is taken from the variables here.
func checkEnvironment() error {
	var errs []error
	for _, signal := range []string{"METRICS_", ""} {
		if name := "OTEL_EXPORTER_OTLP_" + signal + "HEADERS"; malformedHeaders(variable(name)) {
			errs = append(errs, unreadable(name, "key=value pairs joined by commas, values percent-encoded"))
		}
		if name := "OTEL_EXPORTER_OTLP_" + signal + "ENDPOINT"; malformedSecretURL(variable(name)) {
			errs = append(errs, unreadable(name, "a URL without user and password, which headers carry"))
		}
	}
	return errors.Join(errs...)
}

func unreadable(name, want string) error {
	return &otelsli.FieldError{
		Field: "OTLP exporter: variable " + name,
		Value: "malformed, and OpenTelemetry would log it as it is",
		Want:  want + ", or no such variable",
	}
}

// variable returns the value as OpenTelemetry reads it.
func variable(name string) string {
	return strings.TrimSpace(os.Getenv(name)) //nolint:forbidigo // see checkEnvironment
}

func malformedHeaders(value string) bool {
	_, err := ParseHeaders(value)
	return err != nil
}

// malformedSecretURL reports whether value is not a URL and may hold something to mask. Other values
// that are not URLs, such as 127.0.0.1:4317, do no harm.
func malformedSecretURL(value string) bool {
	_, err := url.Parse(value)
	return err != nil && strings.ContainsAny(value, "@?#")
}
