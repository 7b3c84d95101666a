package e2e

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

const (
	grafanaInstance = "123456"
	grafanaToken    = "glc_eyJzM2NyM3Qi"
)

// A grafanaGateway stands before the OTLP receiver of a real Prometheus with the rules of Grafana Cloud: TLS, the path
// /otlp, OTLP over HTTP, Basic authentication with a number and a token.
type grafanaGateway struct {
	*httptest.Server
	prometheus *Prometheus
	authority  string // file in PEM
	refused    atomic.Int32
}

func startGrafanaGateway(t *testing.T) *grafanaGateway {
	t.Helper()
	g := &grafanaGateway{prometheus: StartPrometheus(t, Prometheus3, PrometheusConfig{})}
	addr, path := g.prometheus.OTLPEndpoint()
	backend := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status, text := refusal(r); status != 0 {
			g.refused.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"status":"error","error":%q}`, text)
			return
		}
		r.URL.Path = path
		backend.ServeHTTP(w, r)
	}))
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	g.EnableHTTP2 = true
	g.StartTLS()
	t.Cleanup(g.Close)
	g.authority = filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, g.authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.Certificate().Raw}))
	return g
}

// refusal is what the gateway says to a request that it does not take; 0 to one that it does.
func refusal(r *http.Request) (status int, text string) {
	user, password, ok := r.BasicAuth()
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		return http.StatusUnsupportedMediaType, "unsupported content type"
	case r.Method != http.MethodPost || r.URL.Path != "/otlp/v1/metrics":
		return http.StatusNotFound, "page not found"
	case !ok || user != grafanaInstance || password != grafanaToken:
		return http.StatusUnauthorized, "authentication error: invalid token"
	case r.Header.Get("Content-Type") != "application/x-protobuf":
		return http.StatusUnsupportedMediaType, "unsupported content type"
	}
	return 0, ""
}

func (g *grafanaGateway) roots() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

func newGrafanaCheckout(t *testing.T) (*otelsli.Catalog, *otelsli.SLI[struct{ Channel string }]) {
	t.Helper()
	catalog := otelsli.NewCatalog()
	sli, err := otelsli.New(otelsli.Spec{Name: "checkout"}, []struct{ Channel string }{{"web"}}, otelsli.WithCatalog(catalog))
	if err != nil {
		t.Fatal(err)
	}
	return catalog, sli
}

// The recipe of docs/grafana-cloud.md, in code.
func TestGrafanaCloudByOption(t *testing.T) {
	t.Parallel()
	g := startGrafanaGateway(t)
	catalog, sli := newGrafanaCheckout(t)
	telemetry, err := setup.Start(t.Context(), setup.WithoutGlobal(), setup.WithoutEnvironment(), setup.WithCatalog(catalog), setup.WithService("shop", "1"),
		setup.WithGrafanaCloud(g.URL+"/otlp", grafanaInstance, grafanaToken, sliotlp.WithTLSConfig(g.roots())))
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		sli.Record(t.Context(), struct{ Channel string }{"web"}, otelsli.Failed)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.prometheus.Eventually(t, `last_over_time(sli_checkout_error_total{job="shop",channel="web"}[5m])`, 7, 20*time.Second)
	if n := g.refused.Load(); n > 0 {
		t.Errorf("the gateway refused %d requests", n)
	}
}

// The recipe by variables, with the token in a file: the whole of main is setup.Run. It is tried with the command, which
// then says what is wrong with each thing that people get wrong.
func TestGrafanaCloudByVariables(t *testing.T) {
	t.Parallel()
	g := startGrafanaGateway(t)
	command := BuildBinary(t, "./cmd/otelsli")
	headers := func(text string) string {
		file := filepath.Join(t.TempDir(), "headers")
		writeFile(t, file, []byte(text))
		return "OTEL_EXPORTER_OTLP_HEADERS_FILE=" + file
	}
	basic := func(credentials string) string {
		return headers("authorization=Basic%20" + base64.StdEncoding.EncodeToString([]byte(credentials)) + "\n")
	}
	right := basic(grafanaInstance + ":" + grafanaToken)
	endpoint := "OTEL_EXPORTER_OTLP_ENDPOINT=" + g.URL + "/otlp"
	ca := "OTEL_EXPORTER_OTLP_CERTIFICATE=" + g.authority
	tests := []struct {
		name      string
		variables []string
		ok        bool
		result    string // of the connection; alternatives after |
	}{
		{"right", []string{endpoint, ca, right, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}, true, "delivered"},
		{"metrics alone", []string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=" + g.URL + "/otlp/v1/metrics", ca, right}, true, "delivered"},
		{"wrong token", []string{endpoint, ca, basic(grafanaInstance + ":glc_other_s3cr3t")}, false, "HTTP 401 Unauthorized"},
		{"Bearer", []string{endpoint, ca, headers("authorization=Bearer%20" + grafanaToken)}, false, "HTTP 401 Unauthorized"},
		{"path", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + g.URL, ca, right}, false, "HTTP 404 Not Found"},
		{"no authority", []string{endpoint, right}, false, "TLS: certificate of an unknown authority"},
		{"no TLS", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + strings.Replace(g.URL, "https", "http", 1) + "/otlp", right}, false, "the receiver speaks TLS|the receiver hung up"}, // the answer can be lost on the way
		{"gRPC", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + g.URL, ca, right, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}, false, "the receiver does not speak gRPC as it is asked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), command, "config", "check", "--connect", "-o", "json")
			cmd.Env = append([]string{"OTEL_SERVICE_NAME=checked", "PATH=" + os.Getenv("PATH")}, test.variables...)
			out, err := cmd.Output()
			var report setup.Report
			if err := json.Unmarshal(out, &report); err != nil || len(report.Pipelines) != 1 || report.Pipelines[0].Connection == nil {
				t.Fatalf("%v: %s", err, out)
			}
			c := report.Pipelines[0].Connection
			if c.OK != test.ok || !slices.Contains(strings.Split(test.result, "|"), c.Result) || (err == nil) != test.ok {
				t.Errorf("%+v, %v; want %v, %s", c, err, test.ok, test.result)
			}
			if strings.Contains(string(out), "glc_") {
				t.Errorf("shows the token: %s", out)
			}
		})
	}
	g.prometheus.Eventually(t, `max(last_over_time(otelsli_config_check{job="checked"}[5m]))`, 1, 20*time.Second)
}

// At the real address everything that can be known beforehand is an error of Start.
func TestGrafanaCloudIsCheckedByStart(t *testing.T) {
	t.Parallel()
	catalog, _ := newGrafanaCheckout(t)
	for _, options := range [][]setup.Option{
		{setup.WithGrafanaCloud("prod-eu-west-0", grafanaInstance, grafanaToken, sliotlp.WithProtocol(sliotlp.GRPC))},
		{setup.WithOTLP(sliotlp.WithProtocol(sliotlp.GRPC), sliotlp.WithEndpoint("https://otlp-gateway-prod-eu-west-0.grafana.net/otlp"))},
	} {
		_, err := setup.Start(t.Context(), append(options, setup.WithCatalog(catalog), setup.WithoutEnvironment(), setup.WithoutGlobal())...)
		if err == nil || !strings.Contains(err.Error(), "Grafana Cloud does not take gRPC") {
			t.Errorf("%v", err)
		}
	}
}
