package sliotlp

import (
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestEnvironmentChangesNothing sets every variable that OpenTelemetry's exporters read.
func TestEnvironmentChangesNothing(t *testing.T) { //nolint:paralleltest // sets the environment
	a := newAuthority(t)
	cert, key := a.issue("client")
	for _, signal := range []string{"", "METRICS_"} {
		for name, value := range map[string]string{
			"ENDPOINT":                              "https://127.0.0.1:1/elsewhere",
			"HEADERS":                               "x-from=environment,authorization=stolen",
			"COMPRESSION":                           "gzip",
			"TIMEOUT":                               "1",
			"INSECURE":                              "true",
			"CERTIFICATE":                           a.file(),
			"CLIENT_CERTIFICATE":                    cert,
			"CLIENT_KEY":                            key,
			"PROTOCOL":                              "grpc",
			"TEMPORALITY_PREFERENCE":                "delta",
			"DEFAULT_HISTOGRAM_AGGREGATION":         "base2_exponential_bucket_histogram",
			"METRICS_TEMPORALITY_PREFERENCE":        "delta",
			"METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram",
		} {
			t.Setenv("OTEL_EXPORTER_OTLP_"+signal+name, value)
		}
	}
	for _, p := range []Protocol{HTTPProtobuf, GRPC} {
		for _, secure := range []bool{false, true} {
			r, options := listen(t, p, nil), []Option{WithProtocol(p)}
			if secure {
				r = listen(t, p, a.server(false))
				options = append(options, WithTLSConfig(a.client()))
			}
			e := newTestExporter(t, append(options, WithEndpoint(r.url))...)
			if err := export(t, e); err != nil {
				t.Errorf("%v, TLS %v: %v", p, secure, err)
				continue
			}
			got := r.got()[0]
			if got.compressed || got.header.Get("X-From") != "" || got.header.Get("Authorization") != "" {
				t.Errorf("%v: compressed %v, headers %v", p, got.compressed, got.header)
			}
			if p == HTTPProtobuf && got.path != "/v1/metrics" {
				t.Errorf("path %s", got.path)
			}
			if e.Temporality(sdkmetric.InstrumentKindCounter) != metricdata.CumulativeTemporality {
				t.Errorf("%v: temporality from the environment", p)
			}
			if _, ok := e.Aggregation(sdkmetric.InstrumentKindHistogram).(sdkmetric.AggregationExplicitBucketHistogram); !ok {
				t.Errorf("%v: aggregation from the environment", p)
			}
		}
	}
	// A certificate authority in the environment is trusted by nobody.
	for _, p := range []Protocol{HTTPProtobuf, GRPC} {
		r := listen(t, p, a.server(false))
		if err := export(t, newTestExporter(t, WithProtocol(p), WithEndpoint(r.url), WithoutRetry())); err == nil {
			t.Errorf("%v: trusts the authority of the environment", p)
		}
	}
}
