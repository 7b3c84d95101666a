package sliotlp

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const secret = "s3cr"

// secretVariables are values that OpenTelemetry cannot read, and would log.
var secretVariables = map[string]string{
	"OTEL_EXPORTER_OTLP_HEADERS":          "authorization=Bearer%ZZ" + secret,
	"OTEL_EXPORTER_OTLP_METRICS_HEADERS":  "authorization " + secret,
	"OTEL_EXPORTER_OTLP_ENDPOINT":         "http://user:" + secret + "%zzet@collector:4318",
	"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": " http://collector:4318:4318/?token=" + secret,
}

// childVariable makes a process of this test binary the one that has such variables.
const childVariable = "SLIOTLP_TEST_PROTOCOL"

// New refuses the variables before OpenTelemetry can log them, though options win over them. The log
// of OpenTelemetry goes to the standard error of the process, which is therefore one of its own.
func TestSecretsInTheEnvironmentAreNotShown(t *testing.T) {
	if name, protocol, ok := strings.Cut(os.Getenv(childVariable), " "); ok {
		newInTheEnvironment(t, name, protocol)
		return
	}
	t.Parallel()
	for name, value := range secretVariables {
		for _, protocol := range []string{"http/protobuf", "grpc"} {
			t.Run(name+" "+protocol, func(t *testing.T) {
				t.Parallel()
				child := exec.Command(os.Args[0], "-test.run=^TestSecretsInTheEnvironmentAreNotShown$", "-test.v")
				child.Env = append(os.Environ(), childVariable+"="+name+" "+protocol, name+"="+value)
				output, err := child.CombinedOutput()
				if err != nil || !strings.Contains(string(output), "variable "+name+" is malformed") {
					t.Errorf("%v: want that New names the variable\n%s", err, output)
				}
				if strings.Contains(string(output), secret) {
					t.Errorf("the value is shown\n%s", output)
				}
			})
		}
	}
}

func newInTheEnvironment(t *testing.T, name, protocol string) {
	t.Helper()
	var p Protocol
	if err := p.UnmarshalText([]byte(protocol)); err != nil {
		t.Fatal(err)
	}
	options := []Option{
		WithProtocol(p), WithEndpoint("http://127.0.0.1:4317"), WithHeaders(map[string]string{"a": "b"}),
	}
	if err := Validate(options...); err != nil {
		t.Errorf("Validate, which makes nothing that could log: %v", err)
	}
	_, err := New(t.Context(), options...)
	fmt.Println(err)
	if err == nil {
		t.Errorf("no error for %s", name)
	}
}

// A value that OpenTelemetry cannot read either, but that holds no secret, costs nobody the exporter.
func TestHarmlessEndpointVariable(t *testing.T) { //nolint:paralleltest // sets the environment
	for _, value := range []string{"127.0.0.1:4317", "http://[::1", "http://collector:4318", "http://user:" + secret + "@collector:4318"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", value)
		if err := checkEnvironment(); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}
