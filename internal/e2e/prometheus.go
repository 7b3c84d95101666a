package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Targets are addresses (host:port, scraped at /metrics) by job name.
type Targets map[string][]string

// PrometheusConfig says how a Prometheus is to run. The zero value scrapes nothing.
type PrometheusConfig struct {
	// Targets are scraped. [Prometheus.SetTargets] changes them later.
	Targets Targets
	// ScrapeInterval is also the scrape timeout and the interval of rule evaluation; default 1s.
	ScrapeInterval time.Duration
	// ScrapeSettings are added to every scrape_config, such as {"scrape_native_histograms": true}.
	ScrapeSettings map[string]any
	// Settings are top-level parts of the configuration file, such as "otlp".
	Settings map[string]any
	// Rules is the text of a rule file.
	Rules string
	// Features are values of --enable-feature.
	Features []string
	// Args are further arguments.
	Args []string
}

// Values of [PrometheusConfig.Features], for a Prometheus 3.
const (
	// CreatedTimestamps writes a sample of 0 at the start time that a new series carries, whether it was scraped
	// (protobuf, which carries start times, is then preferred) or came by OTLP. A start in the same millisecond as the
	// first sample gets none.
	CreatedTimestamps = "created-timestamp-zero-ingestion"
	// AnchoredSelectors allows increase(x[5m] anchored), which is exact. Without it increase extrapolates: 45 events
	// between two samples that are a second apart come out as 67.5.
	AnchoredSelectors = "promql-extended-range-selectors"
)

// Prometheus is a running Prometheus.
type Prometheus struct {
	*Process
	// URL is the base URL, without a slash at the end.
	URL string
	// API asks anything that Query and Eventually do not.
	API v1.API

	targetsDir string
}

// StartPrometheus starts a Prometheus ([Prometheus2] or [Prometheus3]) and waits until it is ready. A Prometheus 3
// receives OTLP.
func StartPrometheus(t testing.TB, server Server, config PrometheusConfig) *Prometheus {
	t.Helper()
	binary, dir, addr := server.Binary(t), t.TempDir(), FreeAddr(t)
	p := &Prometheus{URL: "http://" + addr, targetsDir: dir}
	for job, addrs := range config.Targets {
		p.SetTargets(t, job, addrs...)
	}
	if config.Rules != "" {
		writeFile(t, filepath.Join(dir, "rules.yml"), []byte(config.Rules))
	}
	configFile := filepath.Join(dir, "prometheus.yml")
	writeFile(t, configFile, config.file(t, dir))

	args := []string{
		"--config.file=" + configFile,
		"--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + addr,
		"--scrape.discovery-reload-interval=100ms", // hidden; the default of 5s is what tests would wait for
	}
	if server == Prometheus3 {
		args = append(args, "--web.enable-otlp-receiver")
	}
	if len(config.Features) > 0 {
		args = append(args, "--enable-feature="+strings.Join(config.Features, ","))
	}
	p.Process = StartProcess(t, binary, append(args, config.Args...)...)
	waitReady(t, p.Process, func() error { return probeHTTP(p.URL + "/-/ready") })

	client, err := api.NewClient(api.Config{Address: p.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.API = v1.NewAPI(client)
	return p
}

// OTLPEndpoint returns the host:port and the path that OTLP over HTTP goes to, on a Prometheus 3.
func (p *Prometheus) OTLPEndpoint() (addr, path string) {
	return strings.TrimPrefix(p.URL, "http://"), "/api/v1/otlp/v1/metrics"
}

// SetTargets changes what a job scrapes. The job must be one of the configuration's. Prometheus 2 takes up to 5
// seconds to follow.
func (p *Prometheus) SetTargets(t testing.TB, job string, addrs ...string) {
	t.Helper()
	if addrs == nil {
		addrs = []string{}
	}
	data, err := json.Marshal([]map[string]any{{"targets": addrs}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, targetsFile(p.targetsDir, job), data)
}

// Query evaluates an instant query now. Anything but a vector is an error.
func (p *Prometheus) Query(ctx context.Context, promql string) (model.Vector, error) {
	value, _, _, err := p.API.Query(ctx, promql, time.Now())
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", promql, err)
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return nil, fmt.Errorf("query %s: answer is a %s, not a vector", promql, value.Type())
	}
	return vector, nil
}

// Value evaluates an instant query that must answer with exactly one sample, and returns its value.
func (p *Prometheus) Value(ctx context.Context, promql string) (float64, error) {
	vector, err := p.Query(ctx, promql)
	if err != nil {
		return 0, err
	}
	if len(vector) != 1 {
		return 0, fmt.Errorf("query %s: %d samples, want 1: %v", promql, len(vector), vector)
	}
	return float64(vector[0].Value), nil
}

// Eventually waits until the query answers with exactly one sample of exactly that value.
//
// A target that is gone takes its series out of instant queries (OTLP series stay for 5 minutes): ask for
// last_over_time(…[5m]) once a process has ended.
func (p *Prometheus) Eventually(t testing.TB, promql string, want float64, limit time.Duration) {
	t.Helper()
	Eventually(t, limit, func() error {
		got, err := p.Value(t.Context(), promql)
		if err == nil && got != want {
			err = fmt.Errorf("query %s: %v, want %v", promql, got, want)
		}
		return err
	})
}

// file returns the configuration file. It is JSON, which Prometheus reads as the YAML that it is.
func (c PrometheusConfig) file(t testing.TB, dir string) []byte {
	t.Helper()
	interval := c.ScrapeInterval
	if interval == 0 {
		interval = time.Second
	}
	duration := model.Duration(interval).String()
	scrapes := []map[string]any{}
	for job := range c.Targets {
		scrape := map[string]any{
			"job_name":        job,
			"file_sd_configs": []any{map[string]any{"files": []string{targetsFile(dir, job)}, "refresh_interval": "1s"}},
		}
		maps.Copy(scrape, c.ScrapeSettings)
		scrapes = append(scrapes, scrape)
	}
	file := map[string]any{
		"global": map[string]any{
			"scrape_interval":     duration,
			"scrape_timeout":      duration,
			"evaluation_interval": duration,
		},
		"scrape_configs": scrapes,
	}
	if c.Rules != "" {
		file["rule_files"] = []string{filepath.Join(dir, "rules.yml")}
	}
	maps.Copy(file, c.Settings)
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func targetsFile(dir, job string) string { return filepath.Join(dir, "targets-"+job+".json") }

// writeFile replaces the file at once: Prometheus must never read half of it.
func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	part := path + ".part"
	if err := os.WriteFile(part, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, path); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
