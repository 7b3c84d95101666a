package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
)

// A variableCase is what one variable takes and refuses.
type variableCase struct {
	name  string
	with  map[string]string // what else must be set, such as the exporter that reads it
	good  []string
	shown string   // of the first good one in the report; "" is the value itself, hidden is nothing
	bad   []string // "": nothing is wrong that can be told
}

const (
	hidden = "-"
	secret = "s3cr3t-t0ken"
)

var (
	prometheus = map[string]string{"OTEL_METRICS_EXPORTER": "prometheus"}
	graphite   = map[string]string{"OTEL_METRICS_EXPORTER": "graphite"}
)

var variableCases = []variableCase{
	{name: "OTEL_SDK_DISABLED", good: []string{"false", "True"}, bad: []string{"yes", "1"}},
	{name: "OTEL_ENABLED", good: []string{"true", "0"}, shown: hidden, bad: []string{"perhaps"}},
	{name: "OTEL_CONFIG_FILE", bad: []string{"otel.yaml"}},
	{name: "OTEL_EXPERIMENTAL_CONFIG_FILE", bad: []string{"otel.yaml"}},
	{name: "OTEL_LOG_LEVEL", good: []string{"debug", "INFO", "warn", "error", "none"}, bad: []string{"loud"}},
	{name: "OTEL_SERVICE_NAME", good: []string{"shop"}},
	{name: "OTEL_RESOURCE_ATTRIBUTES", good: []string{"team=pay,tier=1"}},
	{name: "OTEL_METRICS_EXPORTER", good: []string{"otlp, prometheus ,graphite,console", "none", "logging", "OTLP,Console", "Logging"}, bad: []string{"zipkin", "otlp,otlp", "none,otlp", "otlp/stdout", ","}},
	{name: "OTEL_EXPORTER", good: []string{"console", "otlp", "none"}, shown: hidden, bad: []string{"stdout", " , "}},
	{name: "OTEL_METRICS_ENABLED", good: []string{"true", "off"}, bad: []string{"perhaps"}},
	{name: "PROMETHEUS_METRICS_ENABLED", good: []string{"true", "no"}, bad: []string{"perhaps"}},
	{name: "METRICS_ENABLED", with: map[string]string{"METRICS_SLI_UUID": "1234"}, good: []string{"yes", "false"}, bad: []string{"perhaps"}},
	{name: "METRICS_AGENT_URL", with: graphite, good: []string{"tcp://agent:18126"}, shown: hidden, bad: []string{"http://agent:1"}},
	{name: "METRICS_SERVICE_NAME", with: graphite, good: []string{"gprofiler"}, shown: hidden},
	{name: "METRICS_SLI_UUID", with: graphite, good: []string{"1234-abcd"}, shown: hidden},
	{name: "OTEL_METRIC_EXPORT_INTERVAL", good: []string{"1000"}, bad: []string{"10s", "0", "-1", "86400001"}},
	{name: "OTEL_METRICS_EXPORT_INTERVAL_MILLIS", good: []string{"1000"}, shown: hidden, bad: []string{"1m"}},
	{name: "OTEL_METRIC_EXPORT_TIMEOUT", good: []string{"1000"}, bad: []string{"soon"}},
	{name: "OTEL_METRICS_EXEMPLAR_FILTER", good: []string{"trace_based", "ALWAYS_ON", "always_off"}, bad: []string{"sometimes"}},
	{name: "OTEL_EXPORTER_OTLP_ENDPOINT", good: []string{"https://collector:4318/base", "http://[::1]:4318"}, bad: []string{"localhost:4318", "ftp://a", "https://user:" + secret + "@host", "https://host/v1/traces", "http://host:99999", "http://host?key=" + secret}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", good: []string{"https://collector/write"}, shown: hidden, bad: []string{"collector"}},
	{name: "OTEL_OTLP_ENDPOINT", good: []string{"http://localhost:4317", "https://gateway/otlp"}, shown: hidden, bad: []string{"localhost:4317"}},
	{name: "OTEL_EXPORTER_OTLP_PROTOCOL", good: []string{"http/protobuf", "GRPC"}, bad: []string{"http", "http/json"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", good: []string{"grpc"}, shown: hidden, bad: []string{"udp"}},
	{name: "OTEL_EXPORTER_OTLP_HEADERS", good: []string{"Authorization=Bearer%20" + secret + ",x-scope=a"}, shown: "authorization=xxxxx,x-scope=xxxxx", bad: []string{"authorization=Bearer%ZZ" + secret, secret, "a=" + secret + ",a=2"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_HEADERS", good: []string{"a=" + secret}, shown: hidden, bad: []string{"bad name=" + secret}},
	{name: "OTEL_EXPORTER_OTLP_HEADERS_FILE", good: []string{"testdata/headers"}, shown: hidden, bad: []string{"/no/such/file", "testdata", "testdata/empty", "testdata/headers-malformed"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_HEADERS_FILE", good: []string{"testdata/headers"}, shown: hidden, bad: []string{"/no/such/file"}},
	{name: "OTEL_EXPORTER_OTLP_TIMEOUT", good: []string{"500"}, bad: []string{"10s"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", good: []string{"500"}, shown: hidden, bad: []string{"10s"}},
	{name: "OTEL_EXPORTER_OTLP_COMPRESSION", good: []string{"gzip", "None"}, bad: []string{"zstd"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", good: []string{"gzip"}, shown: hidden, bad: []string{"brotli"}},
	{name: "OTEL_EXPORTER_OTLP_INSECURE", with: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, good: []string{"true", "false"}, bad: []string{"yes"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_INSECURE", good: []string{"true"}, shown: hidden, bad: []string{"1"}},
	{name: "OTEL_EXPORTER_OTLP_CERTIFICATE", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a"}, good: []string{"testdata/cert.pem"}, bad: []string{"/no/such/file", "testdata/headers"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, bad: []string{"testdata/cert.pem"}},
	{name: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "testdata/key.pem"}, good: []string{"testdata/cert.pem"}, bad: []string{"/no/such/file", "testdata/key.pem"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a"}, bad: []string{"testdata/cert.pem"}},
	{name: "OTEL_EXPORTER_OTLP_CLIENT_KEY", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a"}, bad: []string{"testdata/key.pem"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", with: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a"}, bad: []string{"testdata/key.pem"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", good: []string{"delta", "LowMemory"}, bad: []string{"sometimes"}},
	{name: "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", good: []string{"base2_exponential_bucket_histogram"}, bad: []string{"linear"}},
	{name: "OTEL_EXPORTER_PROMETHEUS_HOST", with: prometheus, good: []string{"127.0.0.1", "::1", "shop.internal"}, bad: []string{"0.0.0.0:9464", "[::1]", "http://shop"}},
	{name: "OTEL_EXPORTER_PROMETHEUS_PORT", with: prometheus, good: []string{"9100"}, bad: []string{"http", "99999"}},
	{name: "OTELSLI_GRAPHITE_ENDPOINT", with: graphite, good: []string{"tcp://a:2003,tls://b"}, bad: []string{"carbon:2003", "udp://carbon", "tcp://a?key=" + secret, "tcp://user:" + secret + "@a", ","}},
	{name: "OTELSLI_GRAPHITE_FORMAT", with: graphite, good: []string{"graphite-tagged", "OPENTSDB"}, bad: []string{"pickle"}},
	{name: "OTELSLI_GRAPHITE_MODE", with: graphite, good: []string{"stream"}, bad: []string{"udp"}},
	{name: "OTELSLI_GRAPHITE_PREFIX", with: graphite, good: []string{"prod"}},
	{name: "OTELSLI_GRAPHITE_TEMPLATE", with: graphite, good: []string{"{prefix}.{name}.{suffix}"}, bad: []string{"{nam}"}},
	{name: "OTELSLI_GRAPHITE_INSTANCE", with: graphite, good: []string{"one"}},
	{name: "OTELSLI_GRAPHITE_RESOURCE_ATTRIBUTES", with: graphite, good: []string{"service.name"}},
	{name: "OTELSLI_GRAPHITE_TEMPORALITY", with: graphite, good: []string{"Delta"}, bad: []string{"lowmemory"}},
	{name: "OTELSLI_GRAPHITE_TIMEOUT", with: graphite, good: []string{"2000"}, bad: []string{"1s"}},
	{name: "OTELSLI_GRAPHITE_CERTIFICATE", with: graphite, good: []string{"testdata/cert.pem"}, bad: []string{"/no/such/file", "testdata/headers"}},
	{name: "OTELSLI_GRAPHITE_CLIENT_CERTIFICATE", with: graphite, bad: []string{"/no/such/file"}},
	{name: "OTELSLI_GRAPHITE_CLIENT_KEY", with: map[string]string{"OTEL_METRICS_EXPORTER": "graphite", "OTELSLI_GRAPHITE_CLIENT_CERTIFICATE": "testdata/cert.pem"}, good: []string{"testdata/key.pem"}, bad: []string{"testdata/cert.pem"}},
	{name: "OTELSLI_GRAPHITE_SERVER_NAME", with: graphite, good: []string{"carbon.example.com"}},
	{name: "OTELSLI_GRAPHITE_SLI_UUID", with: graphite, good: []string{"1234-abcd"}},
	{name: "OTELSLI_GRAPHITE_SERVICE", with: graphite, good: []string{"shop"}},
	{name: "OTEL_GO_X_CARDINALITY_LIMIT", good: []string{"10000", "0", "-1"}, bad: []string{"many"}},
	{name: "OTEL_GO_X_OBSERVABILITY", good: []string{"true"}, bad: []string{"1"}},
	{name: "OTEL_GO_X_PER_SERIES_START_TIMESTAMPS", good: []string{"true"}, bad: []string{"on"}},
	{name: "OTEL_GO_X_RESOURCE", good: []string{"false"}, bad: []string{"x"}},
}

// checkWith is Check in an environment that has these variables and nothing else.
func checkWith(t *testing.T, variables map[string]string, options ...Option) *Report {
	t.Helper()
	cfg := newConfig(append([]Option{WithCatalog(otelsli.NewCatalog())}, options...))
	cfg.env = environment{
		lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		all: func() (all []string) {
			for name, value := range variables {
				all = append(all, name+"="+value)
			}
			return all
		},
	}
	r := cfg.report(t.Context())
	if err := discard(t.Context(), cfg.specs); err != nil {
		t.Errorf("discard: %v", err)
	}
	return r
}

// Every variable: unset, empty, good, bad. The golden file is for people to read.
func TestVariables(t *testing.T) {
	t.Parallel()
	var texts bytes.Buffer
	for _, c := range variableCases {
		t.Run(c.name, func(t *testing.T) {
			unset := checkWith(t, c.with)
			empty := checkWith(t, c.and("  "))
			if diff := cmp.Diff(unset.Settings, empty.Settings); diff != "" {
				t.Errorf("empty is not as unset (-unset +empty):\n%s", diff)
			}
			for _, value := range c.good {
				c.takes(t, value)
			}
			for _, value := range c.bad {
				r := checkWith(t, c.and(value))
				if len(r.Problems) == 0 {
					t.Errorf("%q is taken", value)
				}
				noSecret(t, r)
				fmt.Fprintf(&texts, "%s=%s\n", c.name, value)
				for _, p := range r.Problems {
					fmt.Fprintf(&texts, "    %s\n", p.Text)
				}
			}
		})
	}
	golden.Compare(t, "testdata/variables.golden", texts.Bytes())
}

func (c variableCase) and(value string) map[string]string {
	all := map[string]string{c.name: value}
	maps.Copy(all, c.with)
	return all
}

// takes checks that a value is taken, and shown with where it comes from.
func (c variableCase) takes(t *testing.T, value string) {
	t.Helper()
	r := checkWith(t, c.and(value))
	if len(r.Problems) > 0 {
		t.Errorf("%q: %v", value, r.Err())
	}
	noSecret(t, r)
	from := func(s Setting) bool { return s.Source.Name == c.name || slices.Contains(s.Beaten, c.name) }
	i := slices.IndexFunc(r.Settings, from)
	switch {
	case i < 0:
		t.Errorf("%q: no setting comes from it: %+v", value, r.Settings)
	case c.shown == hidden || value != c.good[0]:
	case c.shown == "" && r.Settings[i].Value != value, c.shown != "" && r.Settings[i].Value != c.shown:
		t.Errorf("%q is shown as %q", value, r.Settings[i].Value)
	}
}

func noSecret(t *testing.T, r *Report) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret) {
		t.Errorf("the report shows a secret:\n%s", text)
	}
}

// No variable without a case: the guard and the lifecycle have tests of their own.
func TestEveryVariableHasACase(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"OTEL_RESOURCE_DETECTORS", "OTELSLI_RUNTIME_METRICS", "OTELSLI_TERMINATION_DELAY", "OTELSLI_GRACE_PERIOD"}
	for _, name := range knownNames() {
		has := slices.ContainsFunc(variableCases, func(c variableCase) bool { return c.name == name })
		if !has && !strings.HasPrefix(name, guardPrefix) && !slices.Contains(elsewhere, name) {
			t.Errorf("%s has no case in TestVariables", name)
		}
	}
}
