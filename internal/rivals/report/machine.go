package report

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// A Machine is where a run was made, and with what.
type Machine struct {
	CPU     string            `json:"cpu"`
	CPUs    int               `json:"cpus"` // that the process may use
	OS      string            `json:"os"`
	Arch    string            `json:"arch"`
	Go      string            `json:"go"`
	Modules map[string]string `json:"modules"` // versions by path
}

// compared are the modules whose versions are told.
var compared = []string{
	"github.com/VictoriaMetrics/metrics",
	"github.com/hashicorp/go-metrics",
	"github.com/prometheus/client_golang",
	"github.com/slok/go-http-metrics",
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp",
	"go.opentelemetry.io/otel/exporters/prometheus",
	"go.opentelemetry.io/otel/sdk/metric",
}

// ThisMachine describes the one that the process runs on.
func ThisMachine() Machine {
	m := Machine{
		CPU:     cmp.Or(cpuModel(), "unknown CPU"),
		CPUs:    runtime.GOMAXPROCS(0),
		OS:      runtime.GOOS,
		Arch:    runtime.GOARCH,
		Go:      runtime.Version(),
		Modules: make(map[string]string),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if slices.Contains(compared, module.Path) {
				m.Modules[module.Path] = module.Version
			}
		}
	}
	return m
}

// cpuModel is known on Linux.
func cpuModel() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// String describes the machine in a line.
func (m Machine) String() string {
	cpus := "1 CPU"
	if m.CPUs != 1 {
		cpus = fmt.Sprintf("%d CPUs", m.CPUs)
	}
	return fmt.Sprintf("%s, %s, %s/%s, %s", m.CPU, cpus, m.OS, m.Arch, m.Go)
}

// versions lists the modules.
func (m Machine) versions() []string {
	var all []string
	for _, path := range compared {
		if version := m.Modules[path]; version != "" {
			all = append(all, path+" "+version)
		}
	}
	return all
}
