package declarative

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/contrib/otelconf"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Variables that otelconf reads as well.
const (
	variable           = "OTEL_CONFIG_FILE"
	deprecatedVariable = "OTEL_EXPERIMENTAL_CONFIG_FILE"
)

// locate returns the path of the file. otelconf would let the variable override the code silently.
func locate(path string) (string, error) {
	fromEnv, set := os.LookupEnv(variable)
	if old := os.Getenv(deprecatedVariable); old != "" {
		return "", wrong("variable "+deprecatedVariable, strconv.Quote(old), "%s, which has replaced it", variable)
	}
	switch {
	case set && fromEnv == "":
		return "", wrong("variable "+variable, `""`, "the path of a file, or no such variable")
	case path == "" && !set:
		return "", wrong("path", `""`, "the path of a file, here or in %s", variable)
	case path != "" && set && path != fromEnv:
		return "", wrong("variable "+variable, strconv.Quote(fromEnv), "%q, as in the code, or one of the two", path)
	case path == "":
		return fromEnv, nil
	}
	return path, nil
}

// load reads the file and checks what otelconf does not.
func load(path string) (*otelconf.OpenTelemetryConfiguration, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, fmt.Errorf("declarative: %w", err)
	}
	file, err := otelconf.ParseYAML(text)
	if err != nil {
		return nil, fmt.Errorf("declarative: %s: %s", path, withoutValues(oneLine(err)))
	}
	if name := unreplaced(text, file); name != "" {
		return nil, wrong(path+": "+name, "not replaced",
			"it in block style, with a line for each key: otelconf does not see variables inside {…}")
	}
	return file, check(path, file)
}

// unreplaced returns a variable reference that was not replaced, without its default, which may be
// a secret, or "" if there is none. A file that escapes such text may legitimately contain it.
func unreplaced(text []byte, file *otelconf.OpenTelemetryConfiguration) (reference string) {
	if bytes.Contains(text, []byte("$$")) {
		return ""
	}
	for _, value := range texts(file, func(string) bool { return true }) {
		if _, after, ok := strings.Cut(value, "${"); ok {
			name, _, _ := strings.Cut(after, "}")
			name, _, _ = strings.Cut(name, ":-")
			return "${" + name + "}"
		}
	}
	return ""
}

func check(path string, file *otelconf.OpenTelemetryConfiguration) error {
	if !strings.HasPrefix(file.FileFormat, "1.") {
		return wrong(path+": file_format", strconv.Quote(file.FileFormat), `"1.0"`)
	}
	if disabled(file) {
		return nil
	}
	const why = "a meter_provider with a reader: without one the SLIs are not exported"
	switch provider := file.MeterProvider; {
	case provider == nil:
		return wrong(path+": meter_provider", "missing", why)
	case len(provider.Readers) == 0:
		return wrong(path+": meter_provider.readers", "empty", why)
	}
	for i, r := range file.MeterProvider.Readers {
		if r.Pull != nil {
			return wrong(fmt.Sprintf("%s: meter_provider.readers[%d]", path, i), "a pull reader",
				"a periodic one, which is all that otelconf has; for Prometheus the package setup")
		}
	}
	return nil
}

func disabled(file *otelconf.OpenTelemetryConfiguration) bool {
	return file.Disabled != nil && *file.Disabled
}

// tellsInstances reports whether two processes of the service differ in their resource. otelconf
// does not read attributes_list.
func tellsInstances(file *otelconf.OpenTelemetryConfiguration) bool {
	const key = "service.instance.id"
	return strings.Contains(os.Getenv("OTEL_RESOURCE_ATTRIBUTES"), key+"=") ||
		file.Resource != nil && slices.ContainsFunc(file.Resource.Attributes, func(a otelconf.AttributeNameValue) bool {
			return a.Name == key
		})
}

func wrong(field, value, want string, args ...any) error {
	return &otelsli.FieldError{Field: field, Value: value, Want: fmt.Sprintf(want, args...)}
}

// oneLine joins the lines of errors.Join, except those that only locate the next one within
// otelconf's own types.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for len(lines) > 1 && strings.HasPrefix(lines[0], "unmarshal error in ") {
		lines = lines[1:]
	}
	return strings.Join(lines, ": ")
}
