package sliotlp

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// wantProblem fails unless New refuses the options with all parts in the text.
func wantProblem(t *testing.T, parts []string, options ...Option) {
	t.Helper()
	e, err := New(t.Context(), options...)
	if err == nil || e != nil {
		t.Errorf("New returned %v, %v, want an error with %q", e, err, parts)
		return
	}
	if _, ok := errors.AsType[*otelsli.FieldError](err); !ok {
		t.Errorf("%T is no FieldError", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %q shows a secret", err)
	}
}

func TestEndpointIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint string
		protocol Protocol
		want     []string
	}{
		{"localhost:4318", HTTPProtobuf, []string{`OTLP exporter: WithEndpoint is "localhost:4318": want http://localhost:4318, or https://`}},
		{"collector", HTTPProtobuf, []string{`want http://collector, or https://`}},
		{"[::1]:4317", GRPC, []string{`want http://[::1]:4317, or`}},
		{"", HTTPProtobuf, []string{`WithEndpoint is "": want http://localhost:4318, or`}},
		{"", GRPC, []string{`want http://localhost:4317, or`}},
		{"user:s3cret@host:4318", HTTPProtobuf, []string{`WithEndpoint is "xxxxx@host:4318": want http://localhost:4318, or`}},
		{"ftp://host", HTTPProtobuf, []string{`WithEndpoint is "ftp://host": want the scheme http or https`}},
		{"grpc://host:4317", GRPC, []string{`want the scheme http or https`}},
		{"unix:///run/otlp", GRPC, []string{`want the scheme http or https`}},
		{"http://:4318", HTTPProtobuf, []string{`want a host, such as in http://localhost:4318`}},
		{"http://", HTTPProtobuf, []string{`want a host`}},
		{"http:///v1/metrics", HTTPProtobuf, []string{`want a host`}},
		{"http://host:", HTTPProtobuf, []string{`want a port from 1 to 65535`}},
		{"http://host:0", HTTPProtobuf, []string{`want a port from 1 to 65535`}},
		{"http://host:70000", HTTPProtobuf, []string{`want a port from 1 to 65535`}},
		{"http://host:port", HTTPProtobuf, []string{`want a URL such as http://localhost:4318: invalid port`}},
		{"http://[::1:4318", HTTPProtobuf, []string{`want a URL such as http://localhost:4318: missing ']' in host`}},
		{"http://ho st", HTTPProtobuf, []string{`invalid character`}},
		{"https://user:s3cret@host", HTTPProtobuf, []string{`"https://xxxxx@host": want no user and password in the URL, but WithHeaders`}},
		{"https://user:s3cret#@host", HTTPProtobuf, []string{`"https://xxxxx@host": want a URL`}},
		{"https://host?key=s3cret", HTTPProtobuf, []string{`"https://host?xxxxx": want no query`}},
		{"https://host?", HTTPProtobuf, []string{`want no query`}},
		{"https://host#s3cret", HTTPProtobuf, []string{`"https://host#xxxxx": want no query and no fragment`}},
		{"https://host#", HTTPProtobuf, []string{`want no query and no fragment`}},
		{"https://host/a%2Fb", HTTPProtobuf, []string{`want a path as it is sent, which is /a/b`}},
		{"https://host/a b", HTTPProtobuf, []string{`want a path as it is sent, which is /a%20b`}},
		{"https://host/otlp/v1/traces", HTTPProtobuf, []string{`want the base URL of all signals, without /v1/traces`}},
		{"https://host/v1/logs/", HTTPProtobuf, []string{`without /v1/logs`}},
		{"https://host/otlp", GRPC, []string{`want no path, for gRPC has none`}},
		{"http://host", GRPC, []string{`want a port, such as in http://host:4317`}},
		{"https://otlp-gateway-prod-eu-west-2.grafana.net/otlp", GRPC, []string{
			`want WithProtocol(HTTPProtobuf) and https://otlp-gateway-prod-eu-west-2.grafana.net/otlp`, `does not take gRPC`,
		}},
	} {
		wantProblem(t, test.want, WithProtocol(test.protocol), WithEndpoint(test.endpoint))
	}
	wantProblem(t, []string{`WithMetricsEndpoint is "host": want http://host`}, WithMetricsEndpoint("host"))
}

func TestEndpointIsTaken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint string
		protocol Protocol
		want     string
	}{
		{"http://[::1]:4318", HTTPProtobuf, "http://[::1]:4318/v1/metrics"},
		{"HTTPS://collector", HTTPProtobuf, "https://collector/v1/metrics"},
		{"https://otlp-gateway-prod-eu-west-2.grafana.net/otlp", HTTPProtobuf, "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/metrics"},
		{"http://[::1]:4317", GRPC, "dns:///[::1]:4317"},
		{"https://collector", GRPC, "dns:///collector:443"},
		{"https://[::1]", GRPC, "dns:///[::1]:443"},
		{"http://unix:4317/", GRPC, "dns:///unix:4317"},
	} {
		p, err := newConfig([]Option{WithProtocol(test.protocol), WithEndpoint(test.endpoint)}).plan()
		if err != nil {
			t.Errorf("%s: %v", test.endpoint, err)
			continue
		}
		got := p.url.String()
		if test.protocol == GRPC {
			got = p.dialTarget()
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.endpoint, got, test.want)
		}
	}
}

func TestDefaultEndpoints(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[Protocol]string{HTTPProtobuf: "http://localhost:4318/v1/metrics", GRPC: "http://localhost:4317"} {
		p, err := newConfig([]Option{nil, WithProtocol(protocol), WithHeaders(nil), WithTLSConfig(nil), WithTLSFiles("", "", "")}).plan()
		if err != nil || p.url.String() != want {
			t.Errorf("%v: %v, %v", protocol, p.url, err)
		}
		if p.timeout != 10*time.Second || p.retry != defaultRetry || p.tls != nil {
			t.Errorf("%v: timeout %v, retry %v, TLS %v", protocol, p.timeout, p.retry, p.tls)
		}
	}
}

func TestHeadersAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		protocol    Protocol
		name, value string
		want        string
	}{
		{HTTPProtobuf, "", "s3cret", "want a header name"},
		{HTTPProtobuf, "two words", "s3cret", `WithHeaders is that of "two words": want a header name`},
		{HTTPProtobuf, "a", "s3cret\n", `that of "a": want a value of printable ASCII, on one line`},
		{HTTPProtobuf, "a", "s3cret\x00", "want a value of printable ASCII"},
		{HTTPProtobuf, "a", "s3crét s3cret", "want a value of printable ASCII"},
		{HTTPProtobuf, "Content-Type", "s3cret", "this one is set by the protocol"},
		{HTTPProtobuf, "Host", "s3cret", "this one is set by the protocol"},
		{GRPC, "User-Agent", "s3cret", "this one is set by the protocol"},
		{GRPC, "Grpc-Timeout", "s3cret", `does not start with "grpc-"`},
		{GRPC, "Key-Bin", "s3cret", `does not end in "-bin"`},
		{GRPC, "a~b", "s3cret", "as gRPC has it"},
		{GRPC, "a", "s3crét s3cret", "want a value of printable ASCII"},
	} {
		wantProblem(t, []string{"OTLP exporter: WithHeaders is ", test.want}, WithProtocol(test.protocol), WithHeaders(map[string]string{test.name: test.value}))
	}
	wantProblem(t, []string{`"a": want each name once`}, WithHeaders(map[string]string{"a": "s3cret", "A": "s3cret"}))
}

func TestHeadersAreCopied(t *testing.T) {
	t.Parallel()
	headers := map[string]string{"a": "b"}
	o := WithHeaders(headers)
	headers["a"] = "changed"
	if got := newConfig([]Option{o}).headers["a"]; got != "b" {
		t.Errorf("header is %q", got)
	}
}

func TestTLSIsRefused(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.issue("one")
	_, otherKey := a.issue("other")
	missing := filepath.Join(t.TempDir(), "missing.pem")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	https := WithEndpoint("https://collector")
	for _, test := range []struct {
		options []Option
		want    []string
	}{
		{[]Option{https, WithTLSFiles(missing, "", "")}, []string{"WithTLSFiles: ca is ", "missing.pem", "a file that can be read: open "}},
		{[]Option{https, WithTLSFiles(empty, "", "")}, []string{"WithTLSFiles: ca is ", "a PEM file of certificates"}},
		{[]Option{https, WithTLSFiles("", cert, "")}, []string{`key "": want both or none`}},
		{[]Option{https, WithTLSFiles("", "", key)}, []string{`cert "", key `, "both or none"}},
		{[]Option{https, WithTLSFiles("", cert, otherKey)}, []string{"PEM files that belong together: tls: private key does not match"}},
		{[]Option{https, WithTLSFiles("", cert, missing)}, []string{"PEM files that belong together: open "}},
		{[]Option{https, WithTLSFiles(a.file(), "", ""), WithTLSConfig(&tls.Config{})}, []string{"used together with WithTLSConfig: want one of them"}},
		{[]Option{WithTLSConfig(&tls.Config{})}, []string{`WithEndpoint is "http://localhost:4318": want https, or neither WithTLSConfig nor`}},
		{[]Option{WithProtocol(GRPC), WithTLSFiles(a.file(), "", "")}, []string{`"http://localhost:4317": want https, or`}},
	} {
		wantProblem(t, test.want, test.options...)
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	t.Parallel()
	wantProblem(t, []string{
		"WithProtocol is Protocol(9): want that of http/protobuf or grpc",
		"WithCompression is Compression(9): want that of none or gzip",
		"WithTemporality is Temporality(9): want that of cumulative, delta or lowmemory",
		"WithHistogramAggregation is HistogramAggregation(9)",
		`WithEndpoint is "nowhere"`,
		"WithHeaders",
		"WithTLSFiles",
		"WithTimeout is 0s: want a positive duration",
		"WithRetry: Initial is -1ns: want a positive duration, or 0",
		"WithRetry: Max is -1ns",
		"WithRetry: MaxElapsed is -1ns",
	},
		WithProtocol(9), WithCompression(9), WithTemporality(9), WithHistogramAggregation(9), WithEndpoint("nowhere"),
		WithHeaders(map[string]string{" ": "s3cret"}), WithTLSFiles("", "a", ""), WithTimeout(0), WithRetry(Retry{-1, -1, -1}))
	wantProblem(t, []string{"WithRetry: Initial is 2s: want no more than Max, which is 1s"},
		WithRetry(Retry{Initial: 2 * time.Second, Max: time.Second}))
}

func TestRetryDefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want Retry }{
		{Retry{}, Retry{5 * time.Second, 30 * time.Second, time.Minute}},
		{Retry{Initial: time.Minute}, Retry{time.Minute, time.Minute, time.Minute}},
		{Retry{1, 2, 3}, Retry{1, 2, 3}},
	} {
		if got := test.in.withDefaults(); got != test.want {
			t.Errorf("%v: %v, want %v", test.in, got, test.want)
		}
	}
}

// FuzzEndpoint wants a URL that is really sent to, or a reason, and never a password.
func FuzzEndpoint(f *testing.F) {
	for _, seed := range []string{
		"localhost:4318", "http://localhost:4318", "https://a/b?c#d", "https://user:pw@host", "http://[::1]:1", "//a@b", "http://a:b:c", "http://h/%2f",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, overGRPC bool) {
		c := config{endpoint: &text}
		if overGRPC {
			c.protocol = GRPC
		}
		_, value, u, want := c.target()
		if want == "" && u == nil {
			t.Fatalf("%q: neither a URL nor a reason", text)
		}
		if want == "" && (u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "http" && u.Scheme != "https") {
			t.Fatalf("%q is taken as %v", text, u)
		}
		if want == "" && !overGRPC && !strings.HasSuffix(u.String(), metricsPath) {
			t.Fatalf("%q is taken as %v", text, u)
		}
		const secret = "5ecret5ecret"
		hidden := "https://user:" + secret + strings.ReplaceAll(value, "@", "") + "@host"
		_, _, _, want = config{endpoint: &hidden, protocol: c.protocol}.target()
		if strings.Contains(masked(hidden)+want, secret) {
			t.Fatalf("%q is shown as %s, %s", hidden, masked(hidden), want)
		}
	})
}
