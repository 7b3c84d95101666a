package e2e

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Server is a server that tests can start. Its name is the one that scripts/install-servers knows it by.
type Server string

const (
	// Prometheus2 is Debian's Prometheus: old, widely deployed, pull only.
	Prometheus2 Server = "prometheus2"
	// Prometheus3 is a current Prometheus, which also receives OTLP and reads created timestamps.
	Prometheus3 Server = "prometheus3"
	// OTelCollector is the OpenTelemetry Collector.
	OTelCollector Server = "otelcol"
	// Carbon is Graphite's carbon-cache, with whisper to read what it has stored.
	Carbon Server = "carbon"
	// VictoriaMetrics receives lines of Graphite and of OpenTSDB, and answers PromQL.
	VictoriaMetrics Server = "victoriametrics"
	// InfluxDB is Debian's InfluxDB 1, which receives lines of OpenTSDB over TLS.
	InfluxDB Server = "influxdb"
	// Alertmanager is Debian's Alertmanager. Its amtool is beside it.
	Alertmanager Server = "alertmanager"
)

// ModeVariable is the environment variable that says what happens when a server is missing; see the package comment.
const ModeVariable = "OTELSLI_E2E"

var (
	//go:embed _servers/prometheus3/version
	prometheus3Version string
	//go:embed _servers/otelcol/version
	collectorVersion string
)

// A program is where to look for a server's executable.
type program struct {
	name     string // the executable's name, in the cache and on PATH
	version  string // the version that the cache holds; empty when the server is never built
	ask      string // the argument that makes one found on PATH print its version; empty when any will do
	accepted string // what it must print then
}

var programs = map[Server]program{
	Prometheus2:   {name: "prometheus", ask: "--version", accepted: "version 2."},
	Prometheus3:   {name: "prometheus", version: strings.TrimSpace(prometheus3Version), ask: "--version", accepted: "version 3."},
	OTelCollector: {name: "otelcol", version: strings.TrimSpace(collectorVersion), ask: "--version", accepted: "otelcol version"},
	// Neither of Debian's two prints a version.
	Carbon:          {name: "carbon-cache"},
	VictoriaMetrics: {name: "victoria-metrics"},
	InfluxDB:        {name: "influxd", ask: "version", accepted: "InfluxDB v1."},
	Alertmanager:    {name: "prometheus-alertmanager"},
}

// Require skips or fails the test, as the environment variable OTELSLI_E2E says, unless all servers are installed.
func Require(t testing.TB, servers ...Server) {
	t.Helper()
	mode := os.Getenv(ModeVariable)
	switch mode {
	case "", "auto", "required":
	case "off":
		t.Skipf("end-to-end tests are off (%s=off); run them with: make e2e", ModeVariable)
	default:
		t.Fatalf("%s=%q: want auto, required or off", ModeVariable, mode)
	}
	for _, server := range servers {
		_, err := server.find()
		switch {
		case err == nil:
		case mode == "required":
			t.Fatalf("%v; install it with: scripts/install-servers %s", err, server)
		default:
			t.Skipf("%v; install it with: scripts/install-servers %s", err, server)
		}
	}
}

// Binary requires the server and returns the path of its executable.
func (s Server) Binary(t testing.TB) string {
	t.Helper()
	Require(t, s)
	path, err := s.find()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// find returns the server's executable: the one that scripts/install-servers built, else the one on PATH if its
// version will do.
func (s Server) find() (string, error) {
	want, ok := programs[s]
	if !ok {
		return "", fmt.Errorf("unknown server %q", s)
	}
	if want.version != "" {
		path := filepath.Join(cacheDir(), "servers", string(s)+"-"+want.version, want.name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(want.name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed", s)
	}
	if want.ask == "" {
		return path, nil
	}
	version, err := exec.Command(path, want.ask).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %s %s: %w", s, path, want.ask, err)
	}
	if !strings.Contains(string(version), want.accepted) {
		return "", fmt.Errorf("%s is not installed (%s says %q)", s, path, firstLine(version))
	}
	return path, nil
}

// cacheDir mirrors scripts/install-servers.
func cacheDir() string {
	if dir := os.Getenv("OTELSLI_CACHE"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "otelsli")
	}
	return filepath.Join(os.Getenv("HOME"), ".cache", "otelsli")
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
