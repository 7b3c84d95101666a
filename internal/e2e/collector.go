package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Collector is a running OpenTelemetry Collector that writes every metric it receives into a file.
type Collector struct {
	*Process
	// GRPC and HTTP are the host:port of its OTLP receivers, without TLS.
	GRPC, HTTP string

	file string
}

const collectorConfig = `
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "$GRPC"}
      http: {endpoint: "$HTTP"}
exporters:
  file: {path: "$FILE", format: json, flush_interval: 50ms}
service:
  telemetry:
    metrics: {level: none} # else it listens on a fixed port
  pipelines:
    metrics: {receivers: [otlp], exporters: [file]}
`

// StartCollector starts a Collector with OTLP receivers over gRPC and HTTP and waits until it accepts connections.
func StartCollector(t testing.TB) *Collector {
	t.Helper()
	binary, dir := OTelCollector.Binary(t), t.TempDir()
	c := &Collector{GRPC: FreeAddr(t), HTTP: FreeAddr(t), file: filepath.Join(dir, "metrics.jsonl")}
	config := strings.NewReplacer("$GRPC", c.GRPC, "$HTTP", c.HTTP, "$FILE", c.file).Replace(collectorConfig)
	configFile := filepath.Join(dir, "collector.yaml")
	writeFile(t, configFile, []byte(config))
	c.Process = StartProcess(t, binary, "--config", configFile)
	waitReady(t, c.Process, func() error { return probeTCP(c.GRPC) })
	waitReady(t, c.Process, func() error { return probeTCP(c.HTTP) })
	return c
}

// Points returns every number data point received so far, in the order of arrival. The Collector writes with a delay of
// 50 ms: wait with [Eventually] or [Collector.EventuallyTotals], or stop it first.
func (c *Collector) Points(t testing.TB) []Point {
	t.Helper()
	data, err := os.ReadFile(c.file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	points, err := parsePoints(data)
	if err != nil {
		t.Fatalf("read what the collector received: %v", err)
	}
	return points
}

// EventuallyTotals waits until every series in want has the wanted total; see [Totals]. Other series may exist.
func (c *Collector) EventuallyTotals(t testing.TB, want map[string]float64, limit time.Duration) {
	t.Helper()
	Eventually(t, limit, func() error { return compareTotals(Totals(c.Points(t)), want) })
}
