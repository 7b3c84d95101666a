package sliotlp

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.issue("client")
	ca := a.file()
	for name, test := range map[string]struct {
		options []Option
		want    Description
	}{
		"defaults": {nil, Description{
			Endpoint: "http://localhost:4318/v1/metrics", Timeout: DefaultTimeout, Retry: defaultRetry, MaxRequestSize: DefaultMaxRequestSize,
		}},
		"everything": {
			[]Option{
				WithProtocol(GRPC), WithEndpoint("https://here"), WithHeaders(map[string]string{"b": "s3cret", "A": "s3cret"}),
				WithCompression(Gzip), WithTemporality(Delta), WithHistogramAggregation(ExponentialBuckets), WithTLSFiles(ca, cert, key),
				WithTimeout(time.Second), WithoutRetry(), WithMaxRequestSize(1 << 20),
			},
			Description{
				Protocol: GRPC, Endpoint: "https://here", Headers: []string{"A", "b"}, Compression: Gzip, Temporality: Delta,
				Histograms: ExponentialBuckets, CA: ca, Certificate: cert, Key: key, Timeout: time.Second, MaxRequestSize: 1 << 20,
			},
		},
		"TLS in code, one delay": {
			[]Option{WithMetricsEndpoint("https://here/x"), WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}), WithRetry(Retry{Initial: time.Second})},
			Description{
				Endpoint: "https://here/x", TLSConfig: true, Timeout: DefaultTimeout, MaxRequestSize: DefaultMaxRequestSize,
				Retry: Retry{Initial: time.Second, Max: defaultRetry.Max, MaxElapsed: defaultRetry.MaxElapsed},
			},
		},
	} {
		got, err := Describe(test.options...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(fmt.Sprintf("%+v", got), "s3cret") {
			t.Errorf("%s: %+v shows a secret", name, got)
		}
	}
}

func TestDescribeWhatIsRefused(t *testing.T) {
	t.Parallel()
	got, err := Describe(WithTimeout(0))
	if err == nil || err.Error() != Validate(WithTimeout(0)).Error() {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(Description{}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func ExampleDescribe() {
	d, err := Describe(WithEndpoint("https://collector.example.com"), WithHeaders(map[string]string{"Authorization": "Bearer s3cret"}))
	fmt.Println(d.Endpoint, d.Headers, d.Compression, d.Timeout, err)
	// Output: https://collector.example.com/v1/metrics [Authorization] none 10s <nil>
}
