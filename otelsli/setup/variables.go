package setup

import (
	"slices"
	"strings"
)

// A variable is one that this package reads, or that the SDK reads itself.
type variable struct {
	name   string
	unset  string // the default
	text   string // for docs/setup.md
	metric bool   // also as OTEL_EXPORTER_OTLP_METRICS_…, which wins
	secret bool   // never shown; also read from the file that …_FILE names
}

// variables lists all of them, in the order of the documentation.
var variables = slices.Concat(generalVariables, otlpVariables, prometheusVariables, guardVariables, graphiteVariables, sdkVariables)

var generalVariables = []variable{
	{name: "OTEL_SDK_DISABLED", unset: "false", text: "`true`: nothing is exported, everything works, and no other variable is looked at but the two times of `setup.Run`"},
	{name: "OTEL_CONFIG_FILE", text: "declarative configuration: refused here, read by `otelsli/setup/declarative`"},
	{name: "OTEL_LOG_LEVEL", unset: "the logger's", text: "the least level of this package's own log lines: `debug`, `info`, `warn`, `error` or `none`"},
	{name: "OTEL_SERVICE_NAME", unset: "unknown_service:…", text: "the resource attribute `service.name`"},
	{name: "OTEL_RESOURCE_ATTRIBUTES", text: "`key=value,key2=value2`, values percent-encoded"},
	{name: "OTEL_RESOURCE_DETECTORS", text: "a list of `container`, `host`, `kubernetes`, `os`, `process`, or `all` or `none`: what the resource says about where the process runs"},
	{name: "OTEL_METRICS_EXPORTER", unset: "otlp", text: "a list of `otlp`, `prometheus`, `graphite`, `console`, or `none`; only where no pipeline is set in code"},
	{name: "OTEL_METRIC_EXPORT_INTERVAL", unset: "60000", text: "milliseconds between two exports"},
	{name: "OTEL_METRIC_EXPORT_TIMEOUT", unset: "30000", text: "milliseconds for a collection and its export"},
	{name: "OTEL_METRICS_EXEMPLAR_FILTER", unset: "trace_based", text: "which events leave exemplars: `trace_based`, `always_on` or `always_off`; of SLIs and of all other instruments"},
	{name: "OTELSLI_RUNTIME_METRICS", unset: "false", text: "`true`: metrics of the Go runtime"},
	{name: "OTELSLI_TERMINATION_DELAY", unset: "0", text: "milliseconds that `setup.Run` goes on after SIGTERM"},
	{name: "OTELSLI_GRACE_PERIOD", unset: "no limit", text: "milliseconds that `setup.Run` waits for its function to end"},
}

var otlpVariables = []variable{
	{name: otlpPrefix + "ENDPOINT", unset: "http://localhost:4318, gRPC: 4317", metric: true, text: "with its scheme; for HTTP, `/v1/metrics` is added, but not to `…_METRICS_ENDPOINT`"},
	{name: otlpPrefix + "PROTOCOL", unset: "http/protobuf", metric: true, text: "or `grpc`"},
	{name: otlpPrefix + "HEADERS", metric: true, secret: true, text: "`key=value,key2=value2`, values percent-encoded"},
	{name: otlpPrefix + "TIMEOUT", unset: "10000", metric: true, text: "milliseconds"},
	{name: otlpPrefix + "COMPRESSION", unset: "none", metric: true, text: "or `gzip`"},
	{name: otlpPrefix + "INSECURE", unset: "false", metric: true, text: "only for gRPC and an endpoint without a scheme: `true` is `http://`, `false` is `https://`"},
	{name: otlpPrefix + "CERTIFICATE", unset: "the system's roots", metric: true, text: "file in PEM: the authorities of the receiver"},
	{name: otlpPrefix + "CLIENT_CERTIFICATE", metric: true, text: "file in PEM, to be shown to the receiver"},
	{name: otlpPrefix + "CLIENT_KEY", metric: true, text: "file in PEM: the key of that certificate"},
	{name: metricsPrefix + "TEMPORALITY_PREFERENCE", unset: "cumulative", text: "or `delta`, `lowmemory`"},
	{name: metricsPrefix + "DEFAULT_HISTOGRAM_AGGREGATION", unset: "explicit_bucket_histogram", text: "or `base2_exponential_bucket_histogram`"},
}

var prometheusVariables = []variable{
	{name: "OTEL_EXPORTER_PROMETHEUS_HOST", unset: "localhost", text: "the address of `/metrics`, where the code gives none"},
	{name: "OTEL_EXPORTER_PROMETHEUS_PORT", unset: "9464", text: "its port"},
}

var graphiteVariables = []variable{
	{name: graphitePrefix + "ENDPOINT", unset: defaultGraphite, text: "receivers, in order of preference"},
	{name: graphitePrefix + "FORMAT", unset: "graphite", text: "`graphite`, `graphite-tagged` or `opentsdb`"},
	{name: graphitePrefix + "MODE", unset: "ack", text: "`ack`, `stream` or `sync`"},
	{name: graphitePrefix + "PREFIX", text: "first part of all names"},
	{name: graphitePrefix + "TEMPLATE", unset: "{prefix}.{name}{suffix}", text: "the metric's name"},
	{name: graphitePrefix + "INSTANCE", unset: "service.instance.id", text: "tells the processes of a service apart"},
	{name: graphitePrefix + "RESOURCE_ATTRIBUTES", unset: "service.name", text: "a list of resource attributes that become tags"},
	{name: graphitePrefix + "TEMPORALITY", unset: "cumulative", text: "or `delta`"},
	{name: graphitePrefix + "TIMEOUT", unset: "that of exports", text: "milliseconds for an export"},
	{name: graphitePrefix + "CERTIFICATE", unset: "the system's roots", text: "file in PEM: the authorities of the receivers"},
	{name: graphitePrefix + "CLIENT_CERTIFICATE", text: "file in PEM, to be shown to the receivers"},
	{name: graphitePrefix + "CLIENT_KEY", text: "file in PEM: the key of that certificate"},
	{name: graphitePrefix + "SERVER_NAME", unset: "the host of the endpoint", text: "the name in the receiver's certificate"},
	{name: graphitePrefix + "SLI_UUID", text: "sends error-budget counters under this ID"},
	{name: graphitePrefix + "SERVICE", unset: "service.name", text: "the service of the error-budget counters"},
}

// sdkVariables are read by the OpenTelemetry SDK, which ignores bad values; here they are only
// validated.
var sdkVariables = []variable{
	{name: "OTEL_GO_X_CARDINALITY_LIMIT", unset: "2000", text: "series of each instrument of the application; not of SLIs, which have limits of their own"},
	{name: "OTEL_GO_X_OBSERVABILITY", unset: "false", text: "`true`: metrics of the SDK about itself"},
	{name: "OTEL_GO_X_PER_SERIES_START_TIMESTAMPS", unset: "false", text: "`true`: start times for each series of the application's instruments; SLIs always have them"},
	{name: "OTEL_GO_X_RESOURCE", unset: "false", text: "`true`: more resource attributes from the SDK's experimental detectors"},
}

// findVariable returns what is known about a variable, by any of its names.
func findVariable(name string) (variable, bool) {
	for _, v := range variables {
		if slices.Contains(v.names(), name) {
			return v, true
		}
	}
	return variable{}, false
}

// names returns all names of the variable, the documented one first.
func (v variable) names() []string {
	names := []string{v.name}
	if v.metric {
		names = append(names, metricsPrefix+strings.TrimPrefix(v.name, otlpPrefix))
	}
	if v.secret {
		for _, name := range slices.Clone(names) {
			names = append(names, name+fileSuffix)
		}
	}
	return names
}

// hasFile reports whether a variable has a counterpart that names a file.
func hasFile(name string) bool {
	v, ok := findVariable(name)
	return ok && v.secret && !strings.HasSuffix(name, fileSuffix)
}

// isSecret reports whether the value of a variable must not be shown, because it is known to hold a
// secret or because its name suggests so.
func isSecret(name string) bool {
	if strings.HasSuffix(name, fileSuffix) {
		return false
	}
	for _, part := range []string{"HEADERS", "TOKEN", "PASSWORD", "SECRET", "CREDENTIAL", "BASIC_AUTH", "API_KEY"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return hasFile(name)
}
