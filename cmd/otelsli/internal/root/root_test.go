package root_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/root"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run executes a command and returns its output and exit status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = root.Execute(t.Context(), &cli.App{Out: &stdout, Err: &stderr}, args)
	return stdout.String(), stderr.String(), status
}

// clean unsets the variables that the machine may have set.
func clean(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "OTEL") {
			t.Setenv(name, "")
		}
	}
}

var (
	instance = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}`)
	took     = regexp.MustCompile(`\d+\.\d\d s`)
	port     = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// stable replaces what differs from run to run.
func stable(text string) string {
	text = instance.ReplaceAllString(text, "INSTANCE")
	text = took.ReplaceAllString(text, "0.01 s")
	return port.ReplaceAllString(text, "127.0.0.1:PORT")
}

func TestConfigCheck(t *testing.T) {
	tests := []struct {
		name      string
		variables map[string]string
		status    int
	}{
		{"default", nil, 0},
		{"sources", map[string]string{
			"OTEL_SERVICE_NAME": "shop", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://a/x", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://b",
			"OTEL_EXPORTER_OTLP_HEADERS_FILE": "testdata/headers", "OTEL_METRICS_EXPORT_INTERVAL_MILLIS": "1000",
			"OTEL_EXPORTER_OTLP_COMPRESSIONS": "gzip",
		}, 0},
		{"problems", map[string]string{
			"OTEL_METRICS_EXPORTER": "otlp,zipkin", "OTEL_METRIC_EXPORT_TIMEOUT": "1m",
			"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp-gateway-prod-eu-west-0.grafana.net/otlp", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20s3cr3t-t0ken",
		}, 1},
		{"disabled", map[string]string{"OTEL_SDK_DISABLED": "true"}, 0},
		{"none", map[string]string{"OTEL_METRICS_EXPORTER": "none"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clean(t)
			t.Setenv("OTEL_SERVICE_NAME", "app")
			for name, value := range test.variables {
				t.Setenv(name, value)
			}
			out, errs, status := run(t, "config", "check")
			if status != test.status || errs != "" {
				t.Errorf("status %d, want %d; %s", status, test.status, errs)
			}
			if strings.Contains(out, "s3cr3t") {
				t.Errorf("shows a secret:\n%s", out)
			}
			golden.Compare(t, "testdata/"+test.name+".golden", stable(out))
		})
	}
}

func TestConfigCheckJSON(t *testing.T) {
	clean(t)
	t.Setenv("OTEL_METRICS_EXPORTER", "zipkin")
	out, _, status := run(t, "config", "check", "-o", "json")
	var report setup.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 1 {
		t.Fatalf("status %d: %v in\n%s", status, err, out)
	}
	if len(report.Problems) != 1 || report.Problems[0].Value != `"zipkin"` {
		t.Errorf("%+v", report.Problems)
	}
}

func TestConfigCheckConnect(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cr3t-t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer receiver.Close()
	for _, test := range []struct {
		name, headers string
		status        int
	}{
		{"connected", "authorization=Bearer%20s3cr3t-t0ken", 0},
		{"unauthorized", "authorization=Bearer%20another-s3cr3t", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			clean(t)
			t.Setenv("OTEL_SERVICE_NAME", "app")
			t.Setenv("OTEL_METRICS_EXPORTER", "otlp,console")
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
			t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", test.headers)
			out, errs, status := run(t, "config", "check", "--connect", "--timeout", "5s")
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if !strings.Contains(errs, "otlp: ") || !strings.Contains(errs, "console: nothing to connect to") {
				t.Errorf("progress %q", errs)
			}
			head, _, _ := strings.Cut(stable(out), "\nSettings")
			last := out[strings.LastIndex(strings.TrimRight(out, "\n"), "\n")+1:]
			golden.Compare(t, "testdata/"+test.name+".golden", padding.ReplaceAllString(head, "  ")+"…\n"+last)
		})
	}
}

var padding = regexp.MustCompile(` {2,}`) // depends on the port

// The progress line is overwritten, and erased at the end.
func TestLiveProgress(t *testing.T) {
	clean(t)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that the client has gone
		<-r.Context().Done()
	}))
	defer slow.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", slow.URL)
	t.Setenv("OTEL_METRICS_EXPORTER", "otlp,console")
	var stdout, stderr bytes.Buffer
	app := &cli.App{Out: &stdout, Err: &stderr, Live: true, Style: term.Coloured()}
	if status := root.Execute(t.Context(), app, []string{"config", "check", "--connect", "--timeout", "350ms"}); status != 1 {
		t.Errorf("status %d", status)
	}
	if text := stderr.String(); !strings.Contains(text, "connecting, 0.") || !strings.Contains(text, "answered: console") || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("progress %q", text)
	}
	if !strings.Contains(stdout.String(), "\x1b[31mfailed: no answer in time\x1b[0m") {
		t.Errorf("output %q", &stdout)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   []string
		status int
		out    string
		err    string
	}{
		{[]string{"conf"}, 2, "", `otelsli: unknown command "conf"`},
		{[]string{"config", "check", "extra"}, 2, "", "otelsli: unknown command \"extra\""},
		{[]string{"config", "check", "-o", "yaml"}, 2, "", `format "yaml": want text or json`},
		{[]string{"config", "check", "--conect"}, 2, "", "unknown flag: --conect"},
		{[]string{"--version"}, 0, "otelsli version ", ""},
		{[]string{"version"}, 0, "otelsli ", ""},
		{[]string{"version", "-o", "json"}, 0, `"go": "go1.`, ""},
		{[]string{"config", "check", "--help"}, 0, "--connect", ""},
		{[]string{"completion", "bash"}, 0, "__start_otelsli", ""},
		{[]string{"__complete", "config", "check", "-o", ""}, 0, "text\njson\n:4", "Completion ended"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			out, errs, status := run(t, test.args...)
			if status != test.status || !strings.Contains(out, test.out) || !strings.Contains(errs, test.err) {
				t.Errorf("status %d, out %.300q, err %q", status, out, errs)
			}
		})
	}
}
