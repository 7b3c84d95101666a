package setup

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/graphitebridge"
)

// Each option is known for what it sets, also where its value is wrong, and for nothing else.
func TestDecidedBy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		option sliotlp.Option
		want   []string
	}{
		{sliotlp.WithEndpoint("http://a"), []string{"WithEndpoint"}},
		{sliotlp.WithEndpoint("wrong"), []string{"WithEndpoint"}},
		{sliotlp.WithMetricsEndpoint("http://a"), []string{"WithEndpoint"}},
		{sliotlp.WithProtocol(sliotlp.GRPC), []string{"WithProtocol"}},
		{sliotlp.WithProtocol(sliotlp.HTTPProtobuf), []string{"WithProtocol"}},
		{sliotlp.WithHeaders(map[string]string{"a": "b"}), []string{"WithHeaders"}},
		{sliotlp.WithHeaders(nil), []string{"WithHeaders"}},
		{sliotlp.WithCompression(sliotlp.NoCompression), []string{"WithCompression"}},
		{sliotlp.WithTemporality(sliotlp.Delta), []string{"WithTemporality"}},
		{sliotlp.WithHistogramAggregation(sliotlp.ExplicitBuckets), []string{"WithHistogramAggregation"}},
		{sliotlp.WithTimeout(time.Second), []string{"WithTimeout"}},
		{sliotlp.WithTimeout(0), []string{"WithTimeout"}},
		{sliotlp.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}), []string{"WithTLSFiles"}},
		{sliotlp.WithTLSFiles("testdata/cert.pem", "", ""), []string{"WithTLSFiles"}},
		{sliotlp.WithoutRetry(), nil},
		{sliotlp.WithRetry(sliotlp.Retry{Initial: -1}), nil},
	} {
		var got []string
		for option, decided := range decidedBy([]sliotlp.Option{test.option}) {
			if decided {
				got = append(got, option)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// Code wins over variables that are more special, and over those that would not go with it.
func TestOptionsOfOTLPBeatVariables(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "nowhere", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such/file", "OTEL_EXPORTER_OTLP_INSECURE": "what",
		"OTEL_EXPORTER_OTLP_PROTOCOL": "pigeon", "OTEL_EXPORTER_OTLP_TIMEOUT": "soon", "OTEL_EXPORTER_OTLP_HEADERS": "nonsense", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
	}, WithOTLP(sliotlp.WithEndpoint("https://here"), sliotlp.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}), sliotlp.WithProtocol(sliotlp.HTTPProtobuf),
		sliotlp.WithTimeout(time.Second), sliotlp.WithHeaders(nil)))
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	want := Setting{
		Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Value: "https://here/v1/metrics", Source: Source{Kind: FromOption, Name: "WithOTLP"},
		Beaten: []string{"OTEL_EXPORTER_OTLP_INSECURE", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"},
	}
	if diff := cmp.Diff(want, settingOf(t, r, want.Name)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := settingOf(t, r, "OTEL_EXPORTER_OTLP_COMPRESSION"); got.Value != "gzip" || got.Source.Kind != FromVariable {
		t.Errorf("%+v", got)
	}
	if got := r.Pipelines[0].Target; got != "https://here/v1/metrics over HTTP" {
		t.Errorf("target %q", got)
	}
}

// The report shows what code sets as the variables would have it, but for what is secret.
func TestReportShowsWhatCodeSets(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}, WithOTLP(
		sliotlp.WithEndpoint("https://here:4317"), sliotlp.WithHeaders(map[string]string{"b": secret, "A": secret}), sliotlp.WithCompression(sliotlp.Gzip),
		sliotlp.WithTemporality(sliotlp.Delta), sliotlp.WithHistogramAggregation(sliotlp.ExponentialBuckets), sliotlp.WithTimeout(1500*time.Millisecond),
		sliotlp.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12})))
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	noSecret(t, r)
	for name, want := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":                              "https://here:4317",
		"OTEL_EXPORTER_OTLP_HEADERS":                               "a=xxxxx,b=xxxxx",
		"OTEL_EXPORTER_OTLP_COMPRESSION":                           "gzip",
		"OTEL_EXPORTER_OTLP_TIMEOUT":                               "1500",
		"OTEL_EXPORTER_OTLP_CERTIFICATE":                           "a tls.Config",
		"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE":        "delta",
		"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram",
	} {
		if s := settingOf(t, r, name); s.Value != want || s.Source != (Source{Kind: FromOption, Name: "WithOTLP"}) {
			t.Errorf("%+v, want %q", s, want)
		}
	}
	if got := r.Pipelines[0].Target; got != "https://here:4317 over gRPC" {
		t.Errorf("target %q", got)
	}
}

func TestFilesInCode(t *testing.T) {
	t.Parallel()
	d := sliotlp.Description{CA: "a", Certificate: "b", Key: "c"}
	for _, test := range []struct{ variable, want string }{{"CERTIFICATE", "a"}, {"CLIENT_CERTIFICATE", "b"}, {"CLIENT_KEY", "c"}} {
		if got := valueInCode(d, "WithTLSFiles", otlpPrefix+test.variable); got != test.want {
			t.Errorf("%s: %q, want %q", test.variable, got, test.want)
		}
	}
	if got := valueInCode(d, "WithProtocol", otlpPrefix+"PROTOCOL"); got != "http/protobuf" {
		t.Errorf("protocol: %q", got)
	}
}

// A value that may be for somebody else is no problem where the standard variable has spoken.
func TestSwitchesOfOthersAreNoProblem(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{"OTEL_METRICS_EXPORTER": "console", "METRICS_ENABLED": "statsd", "PROMETHEUS_METRICS_ENABLED": "true"})
	if err := r.Err(); err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], prometheusSwitch) {
		t.Errorf("%v, %q", err, r.Warnings)
	}
	for _, value := range []string{"statsd", "true"} { // the same for Graphite, which has more to read
		r = checkWith(t, map[string]string{"OTEL_METRICS_EXPORTER": "graphite", "METRICS_ENABLED": value})
		if err := r.Err(); err != nil || len(r.Warnings) > 0 {
			t.Errorf("METRICS_ENABLED=%s beside OTEL_METRICS_EXPORTER: %v, %q", value, err, r.Warnings)
		}
		r = checkWith(t, map[string]string{"METRICS_ENABLED": value}, WithGraphite(graphitebridge.Config{}))
		if err := r.Err(); err != nil || len(r.Warnings) > 0 {
			t.Errorf("METRICS_ENABLED=%s beside WithGraphite: %v, %q", value, err, r.Warnings)
		}
	}
}
