package setup_test

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

const (
	gateway      = "https://otlp-gateway-prod-eu-west-0.grafana.net"
	grafanaToken = "glc_s3cr3t"
)

func basic(credentials string) string {
	return "authorization=Basic%20" + base64.StdEncoding.EncodeToString([]byte(credentials))
}

// What is wrong in the variables for Grafana Cloud is an error of Start, not of every export.
func TestGrafanaCloudByVariables(t *testing.T) {
	right := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": gateway + "/otlp",
		"OTEL_EXPORTER_OTLP_HEADERS":  basic("123456:" + grafanaToken),
	}
	tests := []struct {
		name   string
		change map[string]string
		want   []string // parts of the error; none: no error
	}{
		{"right", nil, nil},
		{"slash at the end", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": gateway + "/otlp/"}, nil},
		{"metrics alone", map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": gateway + "/otlp/v1/metrics"}, nil},
		{"lower case", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": strings.Replace(basic("1:"+grafanaToken), "Basic", "basic", 1)}, nil},
		{"space", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": strings.Replace(basic("1:"+grafanaToken), "%20", " ", 1)}, nil},
		{"another host", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x"}, nil},
		{"gRPC", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, []string{"variable OTEL_EXPORTER_OTLP_ENDPOINT is", "want OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and " + gateway + "/otlp", "does not take gRPC"}},
		{"gRPC without a path", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": gateway}, []string{"does not take gRPC"}},
		{"signal path", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": gateway + "/otlp/v1/metrics"}, []string{"variable OTEL_EXPORTER_OTLP_ENDPOINT is", "want " + gateway + "/otlp, to which /v1/metrics is appended"}},
		{"no path", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": gateway}, []string{"want " + gateway + "/otlp"}},
		{"no signal path", map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": gateway + "/otlp"}, []string{"variable OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is", "want " + gateway + "/otlp/v1/metrics, for this variable is used as it is"}},
		{"no TLS", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http" + strings.TrimPrefix(gateway, "https") + "/otlp"}, []string{"want " + gateway + "/otlp, for Grafana Cloud takes https alone"}},
		{"nobody", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": ""}, []string{"variable OTEL_EXPORTER_OTLP_HEADERS: authorization is missing", "Basic and the base64 of instanceID:token"}},
		{"Bearer", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20" + grafanaToken}, []string{"does not take Bearer"}},
		{"raw", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20123456:" + grafanaToken}, []string{"what follows Basic is not base64"}},
		{"token alone", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": basic(grafanaToken)}, []string{"no colon"}},
		{"swapped", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": basic(grafanaToken + ":123456")}, []string{"what is before the colon is not the instance ID of the stack"}},
		{"another scheme", map[string]string{"OTEL_EXPORTER_OTLP_METRICS_HEADERS": "authorization=Digest%20x"}, []string{"variable OTEL_EXPORTER_OTLP_METRICS_HEADERS: authorization is text that is not shown"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, value := range right {
				t.Setenv(name, value)
			}
			for name, value := range test.change {
				t.Setenv(name, value)
			}
			c, _ := newSLI(t)
			_, err := setup.Check(t.Context(), setup.WithCatalog(c))
			if len(test.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantContains(t, err.Error(), test.want...)
			if strings.Contains(err.Error(), grafanaToken) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestWithGrafanaCloud(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, endpoint, instance, token string
		want                            []string // of the target, or of the error
	}{
		{"zone", "prod-eu-west-0", "123456", grafanaToken, []string{gateway + "/otlp/v1/metrics over HTTP"}},
		{"URL", gateway + "/otlp/", "123456", grafanaToken + "\n", []string{gateway + "/otlp/v1/metrics over HTTP"}},
		{"private", "https://grafana.internal/otlp", "1", grafanaToken, []string{"https://grafana.internal/otlp/v1/metrics over HTTP"}},
		{"nothing", "", "", "", []string{`endpoint is ""`, `instanceID is ""`, `token is ""`, "prod-eu-west-0", "metrics:write"}},
		{"no path", gateway, "1", grafanaToken, []string{"want " + gateway + "/otlp"}},
		{"signal path", gateway + "/otlp/v1/metrics", "1", grafanaToken, []string{"to which /v1/metrics is appended"}},
		{"no TLS", "http://grafana.internal/otlp", "1", grafanaToken, []string{"want https"}},
		{"private signal path", "https://grafana.internal/v1/metrics", "1", grafanaToken, []string{"without /v1/metrics"}},
		{"swapped", "prod-eu-west-0", grafanaToken, "123456", []string{"instanceID is text that is not shown", "a number"}},
		{"token first", grafanaToken, "123456", "prod-eu-west-0", []string{"endpoint is text that is not shown", "the zone of the stack"}},
		{"no URL", "grafana", "1", grafanaToken, []string{`endpoint is "grafana"`}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newSLI(t)
			r, err := setup.Check(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithGrafanaCloud(test.endpoint, test.instance, test.token))
			if good := i < 3; good {
				if err != nil || r.Pipelines[0].Name != "grafana-cloud" || r.Pipelines[0].Target != test.want[0] {
					t.Errorf("%+v, %v", r.Pipelines, err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantContains(t, err.Error(), append(test.want, "WithGrafanaCloud")...)
			if strings.Contains(fmt.Sprintf("%v %+v", err, r), grafanaToken) {
				t.Errorf("the token is shown: %v, %+v", err, r)
			}
		})
	}
}

// The gateway gets what it wants, whatever the variables say for another receiver.
func TestGrafanaCloudDelivers(t *testing.T) {
	got := make(chan *http.Request, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if zipped, err := gzip.NewReader(r.Body); err != nil {
			t.Errorf("not compressed: %v", err)
		} else if body, err := io.ReadAll(zipped); err != nil || !strings.Contains(string(body), setup.CheckMetric) {
			t.Errorf("body %q, %v", body, err)
		}
		got <- r
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector:4318")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20other")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	c, _ := newSLI(t)
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	_, err := setup.Connect(t.Context(), nil, setup.WithCatalog(c), setup.WithLogger(discard),
		setup.WithGrafanaCloud(server.URL+"/otlp", "123456", grafanaToken, sliotlp.WithTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})))
	if err != nil {
		t.Fatal(err)
	}
	r := <-got
	user, password, _ := r.BasicAuth()
	if r.URL.Path != "/otlp/v1/metrics" || user != "123456" || password != grafanaToken {
		t.Errorf("path %s, user %s", r.URL.Path, user)
	}
}

func TestGrafanaCloudRefusesOtherProtocols(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	_, err := setup.Check(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(),
		setup.WithGrafanaCloud("prod-eu-west-0", "1", grafanaToken, sliotlp.WithProtocol(sliotlp.GRPC)))
	if err == nil {
		t.Fatal("gRPC is taken")
	}
	wantContains(t, err.Error(), "WithGrafanaCloud", "does not take gRPC")
}
