package setup

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

func (machine) host() ([]attribute.KeyValue, error) {
	attributes := []attribute.KeyValue{semconv.HostArchKey.String(hostArch(runtime.GOARCH))}
	name, err := os.Hostname()
	if err != nil {
		return attributes, fmt.Errorf("host.name: %w", err)
	}
	return append(attributes, semconv.HostName(name)), nil
}

func (machine) os() ([]attribute.KeyValue, error) {
	return []attribute.KeyValue{semconv.OSTypeKey.String(osType(runtime.GOOS))}, nil
}

func (machine) process() ([]attribute.KeyValue, error) {
	name := runtime.Compiler
	if name == "gc" {
		name = "go" // its name in the semantic conventions
	}
	return []attribute.KeyValue{
		semconv.ProcessPID(os.Getpid()),
		semconv.ProcessExecutableName(filepath.Base(os.Args[0])),
		semconv.ProcessRuntimeName(name),
		semconv.ProcessRuntimeVersion(runtime.Version()),
		semconv.ProcessRuntimeDescription(fmt.Sprintf("go version %s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)),
	}, nil
}

// hostArch returns the name of an architecture in the semantic conventions.
func hostArch(goarch string) string {
	switch goarch {
	case "386":
		return "x86"
	case "arm":
		return "arm32"
	case "ppc64le":
		return "ppc64"
	}
	return goarch // amd64, arm64, s390x and others are the same
}

// osType returns the name of an operating system in the semantic conventions.
func osType(goos string) string {
	switch goos {
	case "dragonfly":
		return "dragonflybsd"
	case "zos":
		return "z_os"
	case "ios":
		return "darwin"
	case "android":
		return "linux"
	}
	return goos
}
