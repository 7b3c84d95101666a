package declarative_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/otelsli/setup/declarative"
)

func TestBadFiles(t *testing.T) {
	t.Parallel()
	reader := func(exporter string) string {
		return "file_format: '1.0'\nmeter_provider: {readers: [{periodic: {exporter: {" + exporter + "}}}]}\n"
	}
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"empty":                   {"", []string{"file_format"}},
		"no YAML":                 {"a: [", []string{"yaml", "line 1"}},
		"no format":               {"meter_provider: {readers: []}", []string{"file_format", "required"}},
		"older format":            {"file_format: '0.3'\n", []string{"file_format", `"0.3"`, `want "1.0"`}},
		"no metrics":              {"file_format: '1.0'\n", []string{"meter_provider is missing", "not exported"}},
		"misspelt":                {"file_format: '1.0'\nmeter_providr: {}\n", []string{"meter_provider is missing"}},
		"no readers":              {"file_format: '1.0'\nmeter_provider: {readers: []}\n", []string{"meter_provider.readers is empty"}},
		"pull reader":             {"file_format: '1.0'\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {}}}}]}\n", []string{"readers[0]", "pull", "setup"}},
		"variable in {…}":         {reader("otlp_http: {endpoint: '${SHOP_BACKEND}'}"), []string{"${SHOP_BACKEND}", "not replaced", "block style"}},
		"no exporter":             {reader("otlp: {}"), []string{"no valid metric exporter"}},
		"two exporters":           {reader("console: , otlp_http: {endpoint: 'http://127.0.0.1:1'}"), []string{"multiple exporters"}},
		"wrong type":              {"file_format: '1.0'\nmeter_provider: 5\n", []string{"unmarshal"}},
		"no endpoint":             {reader("otlp_http: {}"), []string{"field endpoint", "required"}},
		"endpoint that is none":   {reader("otlp_http: {endpoint: '::'}"), []string{"endpoint parsing failed"}},
		"unknown compression":     {reader("otlp_http: {endpoint: 'http://127.0.0.1:1', compression: brotli}"), []string{"compression", "brotli"}},
		"certificate that is not": {reader("otlp_http: {endpoint: 'http://127.0.0.1:1', tls: {ca_file: /does/not/exist.pem}}"), []string{"tls", "/does/not/exist.pem"}},
		"negative interval":       {"file_format: '1.0'\nmeter_provider: {readers: [{periodic: {interval: -1, exporter: {console: }}}]}\n", []string{"interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newSLI(t, 1)
			_, err := tryStart(t, c, test.file)
			if err == nil {
				t.Fatal("it is accepted")
			}
			wantContains(t, err.Error(), append(test.want, "otel.yaml")...)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			release, err := c.Claim("test")
			if err != nil {
				t.Fatalf("the catalog is claimed by a Start that failed: %v", err)
			}
			release()
		})
	}
}

func TestFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing.yaml")
	_, err := declarative.Start(context.Background(), path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v, want the path and fs.ErrNotExist", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t t0ken"
	for name, exporter := range map[string]string{
		"headers":      "otlp_http: {endpoint: 'http://127.0.0.1:1', headers: [{name: '', value: '" + secret + "'}]}",
		"default":      "otlp_http: {endpoint: 'http://127.0.0.1:1', headers: [{name: authorization, value: '${OTELSLI_NO_SUCH:-" + secret + "}'}]}",
		"wrong type":   "otlp_http: {endpoint: 'http://127.0.0.1:1', headers: s3cr3t}",
		"headers_list": "otlp_http: {endpoint: 'http://127.0.0.1:1', headers_list: 'authorization=" + secret + "'}",
		"user":         "otlp_http: {endpoint: 'http://user:" + secret + "@127.0.0.1:port'}",
		"quoted":       `otlp_http: {endpoint: "http://user:s3cr3t\nt0ken@127.0.0.1:1"}`,
		"query":        "otlp_http: {endpoint: 'http://127.0.0.1:port?key=" + secret + "'}",
	} {
		_, err := tryStart(t, nil, "file_format: '1.0'\nmeter_provider: {readers: [{periodic: {exporter: {"+exporter+"}}}]}\n")
		if err == nil {
			t.Errorf("%s: a header that cannot be is accepted", name)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%s: the error has the secret: %v", name, err)
		}
	}
}

func TestPathByVariable(t *testing.T) {
	backend := newReceiver(t)
	c, _ := newSLI(t, 1)
	path := write(t, backend.pushing(""))
	begin := func(path string) error {
		telemetry, err := declarative.Start(context.Background(), path, declarative.WithCatalog(c), declarative.WithoutGlobal(),
			declarative.WithLogger(discard))
		if err != nil {
			return err
		}
		return telemetry.Shutdown(context.Background())
	}
	wantError := func(path string, parts ...string) {
		t.Helper()
		err := begin(path)
		if err == nil {
			t.Errorf("Start(%q) succeeded, want an error with %q", path, parts)
			return
		}
		wantContains(t, err.Error(), parts...)
	}
	wantError("", "path", "OTEL_CONFIG_FILE")

	t.Setenv("OTEL_CONFIG_FILE", path)
	for _, p := range []string{"", path} {
		if err := begin(p); err != nil {
			t.Errorf("Start(%q): %v", p, err)
		}
	}
	wantError("/etc/other.yaml", "OTEL_CONFIG_FILE", path, "/etc/other.yaml", "one of the two")

	t.Setenv("OTEL_CONFIG_FILE", "")
	wantError(path, "OTEL_CONFIG_FILE", "no such variable")
	t.Setenv("OTEL_CONFIG_FILE", path)
	t.Setenv("OTEL_EXPERIMENTAL_CONFIG_FILE", path)
	wantError("", "OTEL_EXPERIMENTAL_CONFIG_FILE", "OTEL_CONFIG_FILE")
}

func TestVariablesInTheFile(t *testing.T) {
	backend := newReceiver(t)
	t.Setenv("POD_UID", "pod-7")
	t.Setenv("BACKEND", backend.URL)
	c, _ := newSLI(t, 1)
	telemetry := start(t, c, `file_format: "1.0"
resource:
  attributes:
    - name: service.instance.id
      value: "${POD_UID}"
    - name: zone
      value: "${ZONE:-eu}"
meter_provider:
  readers:
    - periodic:
        exporter:
          otlp_http:
            endpoint: "${BACKEND}/v1/metrics"
`)
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if id, zone := backend.attribute("service.instance.id"), backend.attribute("zone"); id != "pod-7" || zone != "eu" {
		t.Errorf("service.instance.id %q, zone %q, want those of the variables", id, zone)
	}
}
