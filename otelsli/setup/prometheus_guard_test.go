package setup_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/exporters/sliprom/guard"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// fetch sends a request with a header Authorization and returns the status and everything that came.
func fetch(t testing.TB, url, authorization string, config *tls.Config) (status int, response string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var all bytes.Buffer
	resp.Header.Write(&all)
	io.Copy(&all, resp.Body)
	return resp.StatusCode, all.String()
}

func handle(h http.Handler, authorization string) int {
	r := httptest.NewRequest(http.MethodGet, "/healthz", nil) // wherever the application mounts it
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestGuardedEndpoint(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c,
		setup.WithPrometheusGuard(guard.WithBearerTokens("one")), // whatever the order
		setup.WithPrometheus("127.0.0.1:0"),
		setup.WithPrometheusGuard(guard.WithUser("prom", "two")))
	url := "http://" + telemetry.PrometheusAddr()
	for path, want := range map[string]int{
		"/metrics": 401, "/slis.json": 401, "/": 401, "/health.json": 401, "/healthz": 200, "/readyz": 200,
	} {
		if got, _ := fetch(t, url+path, "", nil); got != want {
			t.Errorf("%s for a stranger: status %d, want %d", path, got, want)
		}
	}
	for _, authorization := range []string{"Bearer one", "Basic cHJvbTp0d28="} {
		if got, body := fetch(t, url+"/metrics", authorization, nil); got != 200 || !strings.Contains(body, "sli_order_total") {
			t.Errorf("%s: status %d", authorization, got)
		}
		if got := handle(telemetry.Handler(), authorization); got != 200 {
			t.Errorf("%s, handler: status %d", authorization, got)
		}
	}
	if got := handle(telemetry.Handler(), ""); got != 401 {
		t.Errorf("the handler, for a stranger: status %d", got)
	}
}

func TestGuardedHandler(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheusHandler(), setup.WithPrometheusGuard(guard.WithBearerTokens("one")))
	for authorization, want := range map[string]int{"": 401, "Bearer one": 200} {
		if got := handle(telemetry.Handler(), authorization); got != want {
			t.Errorf("%q: status %d, want %d", authorization, got, want)
		}
	}
}

//nolint:paralleltest // it sets variables
func TestGuardByVariables(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": "0",
		"OTELSLI_PROMETHEUS_BEARER_TOKEN": "one, two", "OTELSLI_PROMETHEUS_RATE_LIMIT": "0.001", "OTELSLI_PROMETHEUS_RATE_BURST": "2",
		"OTELSLI_PROMETHEUS_USERNAME": "prom", "OTELSLI_PROMETHEUS_PASSWORD_FILE": file, "OTELSLI_PROMETHEUS_CONCURRENCY": "3",
		"OTELSLI_PROMETHEUS_CERTIFICATE": "testdata/cert.pem", "OTELSLI_PROMETHEUS_KEY": "testdata/key.pem",
	} {
		t.Setenv(name, value)
	}
	c, _ := newSLI(t)
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithLogger(discard),
		setup.WithPrometheusGuard(guard.WithBearerTokens("of-code")))
	if err != nil {
		t.Fatal(err)
	}
	defer telemetry.Shutdown(context.Background())
	url := "https://" + telemetry.PrometheusAddr() + "/metrics"
	config := &tls.Config{InsecureSkipVerify: true}
	for _, authorization := range []string{"Bearer one", "Bearer two", "Bearer of-code", "Basic cHJvbTpmcm9tLWZpbGU="} {
		for i, want := range []int{200, 200, 429} {
			if got, text := fetch(t, url, authorization, config); got != want {
				t.Errorf("%s, request %d: status %d, want %d: %s", authorization, i, got, want, text)
			}
		}
	}
	if got, _ := fetch(t, url, "Bearer three", config); got != 401 {
		t.Errorf("a wrong token: status %d", got)
	}
	if got, _ := fetch(t, strings.Replace(url, "https:", "http:", 1), "Bearer one", nil); got != 400 {
		t.Errorf("without TLS: status %d", got)
	}
}

func TestGuardProblems(t *testing.T) {
	const prefix = "OTELSLI_PROMETHEUS_"
	for _, test := range []struct {
		name   string
		env    map[string]string
		option setup.Option
		want   []string
	}{
		{"token and file", map[string]string{"BEARER_TOKEN": "s3cret", "BEARER_TOKEN_FILE": "/x"}, nil, []string{"BEARER_TOKEN_FILE", "not both"}},
		{"commas alone", map[string]string{"BEARER_TOKEN": ","}, nil, []string{"variable OTELSLI_PROMETHEUS_BEARER_TOKEN or WithPrometheusGuard: WithBearerTokens is empty"}},
		{"bad token", map[string]string{"BEARER_TOKEN": "ok,s3cret x"}, nil, []string{"OTELSLI_PROMETHEUS_BEARER_TOKEN", "token 2"}},
		{"no file", map[string]string{"BEARER_TOKEN_FILE": "/no/such/file"}, nil, []string{"OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE", `"/no/such/file"`}},
		{"user alone", map[string]string{"USERNAME": "prom"}, nil, []string{`variable OTELSLI_PROMETHEUS_USERNAME is "prom"`, "OTELSLI_PROMETHEUS_PASSWORD"}},
		{"password alone", map[string]string{"PASSWORD": "s3cret"}, nil, []string{"OTELSLI_PROMETHEUS_USERNAME", "want a name"}},
		{"bad name", map[string]string{"USERNAME": "a:b", "PASSWORD": "s3cret"}, nil, []string{"OTELSLI_PROMETHEUS_USERNAME", `"a:b"`}},
		{"certificate alone", map[string]string{"CERTIFICATE": "testdata/cert.pem"}, nil, []string{"OTELSLI_PROMETHEUS_CERTIFICATE", "OTELSLI_PROMETHEUS_KEY too"}},
		{"key alone", map[string]string{"KEY": "testdata/key.pem"}, nil, []string{"OTELSLI_PROMETHEUS_KEY", "OTELSLI_PROMETHEUS_CERTIFICATE too"}},
		{"not a pair", map[string]string{"CERTIFICATE": "testdata/key.pem", "KEY": "testdata/cert.pem"}, nil, []string{"OTELSLI_PROMETHEUS_CERTIFICATE and OTELSLI_PROMETHEUS_KEY"}},
		{"authority without TLS", map[string]string{"CLIENT_CERTIFICATE_AUTHORITY": "testdata/cert.pem"}, nil, []string{"WithClientCertificates", "WithCertificate or WithTLSConfig too"}},
		{"names alone", map[string]string{"CLIENT_NAMES": "prom"}, nil, []string{"OTELSLI_PROMETHEUS_CLIENT_NAMES", "CLIENT_CERTIFICATE_AUTHORITY too"}},
		{
			"names of nobody",
			map[string]string{"CLIENT_CERTIFICATE_AUTHORITY": "testdata/cert.pem", "CERTIFICATE": "testdata/cert.pem", "KEY": "testdata/key.pem", "CLIENT_NAMES": " , "},
			nil,
			[]string{`OTELSLI_PROMETHEUS_CLIENT_NAMES is ","`, "a list of names"},
		},
		{"rate", map[string]string{"RATE_LIMIT": "often"}, nil, []string{"OTELSLI_PROMETHEUS_RATE_LIMIT", "requests per second"}},
		{"rate of zero", map[string]string{"RATE_LIMIT": "0"}, nil, []string{"OTELSLI_PROMETHEUS_RATE_LIMIT"}},
		{"rate that is none", map[string]string{"RATE_LIMIT": "NaN"}, nil, []string{"OTELSLI_PROMETHEUS_RATE_LIMIT"}},
		{"burst", map[string]string{"RATE_BURST": "1.5"}, nil, []string{"OTELSLI_PROMETHEUS_RATE_BURST", "whole number"}},
		{"concurrency", map[string]string{"CONCURRENCY": "-1"}, nil, []string{"OTELSLI_PROMETHEUS_CONCURRENCY", "whole number"}},
		{"code", nil, setup.WithPrometheusGuard(guard.WithUser("", "s3cret")), []string{"guard: WithUser: name"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, value := range test.env {
				t.Setenv(prefix+name, value)
			}
			c, _ := newSLI(t)
			_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithPrometheus("127.0.0.1:0"), test.option)
			if err == nil {
				t.Fatal("start succeeded")
			}
			wantContains(t, err.Error(), test.want...)
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestHandlerHasNoTLSOfItsOwn(t *testing.T) {
	t.Parallel()
	c, _ := newSLI(t)
	_, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithPrometheusHandler(),
		setup.WithPrometheusGuard(guard.WithCertificate("testdata/cert.pem", "testdata/key.pem")))
	if err == nil {
		t.Fatal("start succeeded")
	}
	wantContains(t, err.Error(), "WithCertificate", "the server of WithPrometheusHandler is the application's")
}

func TestOpenEndpointIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		addr    string
		options []setup.Option
		want    int // warnings
	}{
		{"127.0.0.1:0", nil, 0},
		{"localhost:0", nil, 0},
		{"[::1]:0", nil, 0},
		{":0", nil, 1},
		{"0.0.0.0:0", nil, 1},
		{":0", []setup.Option{setup.WithPrometheusGuard()}, 0},
		{":0", []setup.Option{setup.WithPrometheusGuard(guard.WithBearerTokens("one"))}, 0},
	} {
		c, _ := newSLI(t)
		var log bytes.Buffer
		telemetry, err := setup.Start(t.Context(), append([]setup.Option{
			setup.WithCatalog(c), setup.WithoutEnvironment(), setup.WithoutGlobal(), setup.WithPrometheus(test.addr),
			setup.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		}, test.options...)...)
		if err != nil {
			t.Logf("%s: %v", test.addr, err) // a machine without IPv6
			continue
		}
		if err := telemetry.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got := strings.Count(log.String(), "can read /metrics"); got != test.want {
			t.Errorf("%s with %d options: %d warnings, want %d:\n%s", test.addr, len(test.options), got, test.want, log.String())
		}
	}
}

// A limit of the environment is no door: it does not say that everybody may come in.
func TestLimitByVariableIsNoDoor(t *testing.T) {
	t.Setenv("OTELSLI_PROMETHEUS_RATE_LIMIT", "5")
	c, _ := newSLI(t)
	log := &logFile{}
	telemetry, err := setup.Start(t.Context(), setup.WithCatalog(c), setup.WithoutGlobal(), setup.WithPrometheus(":0"), setup.WithLogger(log.logger()))
	if err != nil {
		t.Fatal(err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	wantContains(t, log.text(), "can read /metrics")
}

// What is served tells nothing of where the process lives and how it was built.
func TestNoPathIsServed(t *testing.T) {
	t.Parallel()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	home, _ := os.UserHomeDir()
	c, _ := newSLI(t)
	telemetry := start(t, c, setup.WithPrometheus("127.0.0.1:0"))
	for _, path := range []string{"/metrics", "/slis.json", "/health.json", "/healthz", "/readyz", "/", "/metrics/../../etc/passwd", "/..%2f..%2fetc/passwd", "/none", "/metrics?name[]=%00"} {
		_, text := fetch(t, "http://"+telemetry.PrometheusAddr()+path, "", nil)
		for _, secret := range []string{folder, home + "/", t.TempDir() + "/", filepath.Dir(os.Args[0]), ".go:", "goroutine "} {
			if len(secret) > 1 && strings.Contains(text, secret) {
				t.Errorf("%s tells %q:\n%s", path, secret, text)
			}
		}
	}
}
