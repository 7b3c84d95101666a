package setup_test

import (
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// Every variable: what it accepts, and what it says when it does not.
func TestEnvironment(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want []string // parts of the error; none: no error
	}{
		{"nothing set", nil, nil},
		{"empty is unset", map[string]string{"OTEL_METRICS_EXPORTER": " ", "OTEL_METRIC_EXPORT_INTERVAL": "", "OTEL_SDK_DISABLED": ""}, nil},
		{"none", map[string]string{"OTEL_METRICS_EXPORTER": "none"}, nil},
		{"a list", map[string]string{"OTEL_METRICS_EXPORTER": "otlp, console ,prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": "0"}, nil},
		{
			"unknown exporter",
			map[string]string{"OTEL_METRICS_EXPORTER": "otlp,zipkin"},
			[]string{`variable OTEL_METRICS_EXPORTER is "zipkin": want a list of otlp, prometheus, graphite, console, none`},
		},
		{
			"exporter twice",
			map[string]string{"OTEL_METRICS_EXPORTER": "otlp,otlp"},
			[]string{"OTEL_METRICS_EXPORTER", "otlp only once"},
		},
		{
			"none and another",
			map[string]string{"OTEL_METRICS_EXPORTER": "none,otlp"},
			[]string{"OTEL_METRICS_EXPORTER", `"none" alone`},
		},
		{
			"interval with a unit",
			map[string]string{"OTEL_METRIC_EXPORT_INTERVAL": "10s"},
			[]string{`variable OTEL_METRIC_EXPORT_INTERVAL is "10s": want a whole number of milliseconds`},
		},
		{
			"negative timeout",
			map[string]string{"OTEL_METRIC_EXPORT_TIMEOUT": "-1"},
			[]string{"OTEL_METRIC_EXPORT_TIMEOUT", "milliseconds"},
		},
		{
			"disabled is no boolean",
			map[string]string{"OTEL_SDK_DISABLED": "yes"},
			[]string{`variable OTEL_SDK_DISABLED is "yes": want true or false`},
		},
		{
			"prometheus port",
			map[string]string{"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": "http"},
			[]string{"OTEL_EXPORTER_PROMETHEUS_PORT", "a port from 0 to 65535"},
		},
		{
			"endpoint without a scheme",
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
			[]string{`variable OTEL_EXPORTER_OTLP_ENDPOINT is "localhost:4318": want http://localhost:4318`},
		},
		{
			"endpoint of metrics alone",
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://a", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "ftp://b"},
			[]string{`variable OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is "ftp://b"`},
		},
		{
			"certificate that is not there",
			map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such/file"},
			[]string{"variable OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file"},
		},
		{
			"compression",
			map[string]string{"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION": "brotli"},
			[]string{"variable OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "brotli", "gzip"},
		},
		{
			"temporality",
			map[string]string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "sometimes"},
			[]string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "sometimes", "cumulative"},
		},
		{
			"histogram aggregation",
			map[string]string{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "linear"},
			[]string{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "linear"},
		},
		{
			"protocol",
			map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http"},
			[]string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
		},
		{
			"headers never show their value",
			map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%ZZsecret"},
			[]string{"OTEL_EXPORTER_OTLP_HEADERS", "authorization"},
		},
		{
			"resource attributes",
			map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "novalue"},
			[]string{"OTEL_RESOURCE_ATTRIBUTES", "novalue"},
		},
		{
			"all problems at once",
			map[string]string{
				"OTEL_METRICS_EXPORTER": "otlp,zipkin", "OTEL_METRIC_EXPORT_INTERVAL": "soon", "OTEL_SDK_DISABLED": "maybe",
				"OTEL_EXPORTER_OTLP_ENDPOINT": "backend:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "udp",
			},
			[]string{"zipkin", "soon", "maybe", "backend:4318", "udp"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			c, _ := newSLI(t)
			telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard))
			if err == nil {
				ctx, cancel := contextThatEnds(t)
				defer cancel()
				_ = telemetry.Shutdown(ctx) // nobody listens at the default endpoint
			}
			if len(test.want) == 0 {
				if err != nil {
					t.Errorf("start: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("start succeeded")
			}
			wantContains(t, err.Error(), test.want...)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestDisabled(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "TRUE")
	c, sli := newSLI(t)
	exporter := &backend{}
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithExporter("push", exporter), setup.WithPrometheus("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	sli.Record(t.Context(), labels{"web"}, 0)
	if _, err := telemetry.MeterProvider().Meter("app").Int64Counter("jobs"); err != nil {
		t.Error(err)
	}
	if addr := telemetry.PrometheusAddr(); addr != "" {
		t.Errorf("serving on %q", addr)
	}
	if err := telemetry.Flush(t.Context()); err != nil {
		t.Errorf("flush: %v", err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if exporter.exports != 0 || exporter.shutdowns() != 1 {
		t.Errorf("%d exports and %d shutdowns of the exporter, want 0 and 1", exporter.exports, exporter.shutdowns())
	}
}

// An alias that turns everything off says so: somebody may have set it for another program.
func TestDisabledByAnAlias(t *testing.T) {
	t.Setenv("OTEL_ENABLED", "false")
	c, _ := newSLI(t)
	log := &logFile{}
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithLogger(log.logger()))
	if err != nil {
		t.Fatal(err)
	}
	defer telemetry.Shutdown(t.Context())
	wantContains(t, log.text(), "OTEL_ENABLED is an alias of OTEL_SDK_DISABLED")
}

func TestOptionsBeatTheEnvironment(t *testing.T) {
	t.Setenv("OTEL_METRICS_EXPORTER", "otlp,prometheus")
	t.Setenv("OTEL_EXPORTER_PROMETHEUS_PORT", "1")
	c, _ := newSLI(t)
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithPrometheus("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer telemetry.Shutdown(t.Context())
	wantContains(t, get(t, "http://"+telemetry.PrometheusAddr()+"/metrics"), "sli_order_total")
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	exporter := &backend{}
	_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(),
		setup.WithInterval(-1), setup.WithTimeout(-1), setup.WithShutdownTimeout(-1),
		setup.WithExporter("", exporter), setup.WithExporter("x", nil), setup.WithExporter("same", &backend{}), setup.WithExporter("same", &backend{}),
		setup.WithPrometheus("9464"))
	if err == nil {
		t.Fatal("start succeeded")
	}
	wantContains(t, err.Error(), "WithInterval", "WithTimeout", "WithShutdownTimeout", "WithExporter: name", `WithExporter("x") is nil`,
		`"same" twice`, `WithPrometheus is "9464"`, `such as ":9464"`)
	if exporter.shutdowns() != 1 {
		t.Errorf("the exporter was shut down %d times, want once", exporter.shutdowns())
	}
}
