package setup

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"

	"github.com/otelsli/otelsli-go/exporters/sliotlp"
	"github.com/otelsli/otelsli-go/graphitebridge"
	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
)

func names(r *Report) (names []string) {
	for _, p := range r.Pipelines {
		names = append(names, p.Name)
	}
	return names
}

func settingOf(t *testing.T, r *Report, name string) Setting {
	t.Helper()
	i := slices.IndexFunc(r.Settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no setting %s in %+v", name, r.Settings)
	}
	return r.Settings[i]
}

// The variables of older systems choose the same as they did there, and more where that was not
// possible.
func TestOldVariablesChooseExporters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		variables map[string]string
		want      []string
		disabled  bool
	}{
		{"nothing", nil, []string{"otlp"}, false},
		{"console", map[string]string{"OTEL_EXPORTER": "console"}, []string{"console"}, false},
		{"pull beside push", map[string]string{"OTEL_EXPORTER": "otlp", "PROMETHEUS_METRICS_ENABLED": "true"}, []string{"otlp", "prometheus"}, false},
		{"pull alone", map[string]string{"PROMETHEUS_METRICS_ENABLED": "1"}, []string{"prometheus"}, false},
		{"pull alone, said so", map[string]string{"OTEL_EXPORTER": "none", "PROMETHEUS_METRICS_ENABLED": "yes"}, []string{"prometheus"}, false},
		{"no pull", map[string]string{"PROMETHEUS_METRICS_ENABLED": "false"}, []string{"otlp"}, false},
		{"metrics off", map[string]string{"OTEL_EXPORTER": "otlp", "OTEL_METRICS_ENABLED": "false"}, nil, false},
		{"metrics on", map[string]string{"OTEL_METRICS_ENABLED": "true"}, []string{"otlp"}, false},
		{"all off", map[string]string{"OTEL_ENABLED": "false"}, nil, true},
		{"all on", map[string]string{"OTEL_ENABLED": "on"}, []string{"otlp"}, false},
		{"the standard name wins", map[string]string{"OTEL_SDK_DISABLED": "false", "OTEL_ENABLED": "false"}, []string{"otlp"}, false},
		{"the standard list wins", map[string]string{"OTEL_METRICS_EXPORTER": "console", "PROMETHEUS_METRICS_ENABLED": "true", "OTEL_METRICS_ENABLED": "false", "OTEL_EXPORTER": "otlp", "METRICS_ENABLED": "true"}, []string{"console"}, false},
		{"deprecated", map[string]string{"OTEL_METRICS_EXPORTER": "logging"}, []string{"console"}, false},
		{"in any case", map[string]string{"OTEL_METRICS_EXPORTER": "OTLP,Logging"}, []string{"otlp", "console"}, false},
		{"nothing, in any case", map[string]string{"OTEL_METRICS_EXPORTER": "NONE"}, nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := checkWith(t, test.variables)
			if err := r.Err(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.want, names(r)); diff != "" || r.Disabled != test.disabled {
				t.Errorf("pipelines, disabled %v (-want +got):\n%s", r.Disabled, diff)
			}
		})
	}
}

// One line for each alias; and one where it says something else than the standard name.
func TestAliasesAreNoted(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{
		"OTEL_OTLP_ENDPOINT":                  "http://a:4317",
		"OTEL_METRICS_EXPORT_INTERVAL_MILLIS": "1000", "OTEL_METRIC_EXPORT_INTERVAL": "2000",
		"OTEL_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp",
	})
	want := []string{
		"variable OTEL_METRICS_EXPORT_INTERVAL_MILLIS is not heeded: OTEL_METRIC_EXPORT_INTERVAL is set too, and says something else",
		"variable OTEL_OTLP_ENDPOINT is an alias of OTEL_EXPORTER_OTLP_ENDPOINT, which is better",
		"variable OTEL_OTLP_ENDPOINT implies OTEL_EXPORTER_OTLP_PROTOCOL=grpc, as it did in the system that had it",
	}
	if diff := cmp.Diff(want, r.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	interval := settingOf(t, r, "OTEL_METRIC_EXPORT_INTERVAL")
	if interval.Value != "2000" || !slices.Equal(interval.Beaten, []string{"OTEL_METRICS_EXPORT_INTERVAL_MILLIS"}) {
		t.Errorf("interval: %+v", interval)
	}
	if got := r.Pipelines[0].Target; got != "http://a:4317 over gRPC" {
		t.Errorf("target %q", got)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{"default", nil, "http://localhost:4318/v1/metrics over HTTP"},
		{"default of gRPC", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http://localhost:4317 over gRPC"},
		{"base", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a/otlp/"}, "https://a/otlp/v1/metrics over HTTP"},
		{"metrics alone", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://b/x"}, "https://b/x over HTTP"},
		{"alias with a path is HTTP", map[string]string{"OTEL_OTLP_ENDPOINT": "https://a/otlp"}, "https://a/otlp/v1/metrics over HTTP"},
		{"alias and a protocol", map[string]string{"OTEL_OTLP_ENDPOINT": "http://a:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "http://a:4318/v1/metrics over HTTP"},
		{"insecure", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "a:4317", "OTEL_EXPORTER_OTLP_INSECURE": "true"}, "http://a:4317 over gRPC"},
		{"secure", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "a:4317", "OTEL_EXPORTER_OTLP_METRICS_INSECURE": "false", "OTEL_EXPORTER_OTLP_INSECURE": "true"}, "https://a:4317 over gRPC"},
		{"the scheme decides", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://a:4317", "OTEL_EXPORTER_OTLP_INSECURE": "true"}, "https://a:4317 over gRPC"},
		{"prometheus", map[string]string{"OTEL_METRICS_EXPORTER": "prometheus"}, "listens on localhost:9464"},
		{"graphite", map[string]string{"OTEL_METRICS_EXPORTER": "graphite", "OTELSLI_GRAPHITE_FORMAT": "opentsdb"}, "tcp://localhost as opentsdb lines, mode ack"},
		{"error budget", map[string]string{"METRICS_ENABLED": "true", "METRICS_SLI_UUID": "1"}, "tcp://localhost as error-budget counters, mode ack"},
		{"console", map[string]string{"OTEL_METRICS_EXPORTER": "console"}, "JSON on standard output"},
	}
	if got := checkWith(t, nil, WithConsole(io.Discard)).Pipelines[0].Target; got != "JSON to the writer of WithConsole" {
		t.Errorf("target of a console in code: %q", got)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := checkWith(t, test.variables)
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
			if got := r.Pipelines[0].Target; got != test.want {
				t.Errorf("target %q, want %q", got, test.want)
			}
		})
	}
}

func TestInsecureWithoutEffectIsNoted(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", "OTEL_EXPORTER_OTLP_INSECURE": "true"})
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "OTEL_EXPORTER_OTLP_INSECURE has no effect") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "headers")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const all, metrics = "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"
	first, second := write("a="+secret+"\n"), write("b="+secret+"\r\n")
	big := write(strings.Repeat("a", maxSecret+1))
	tests := []struct {
		name      string
		variables map[string]string
		want      string // what the report shows
		from      Source
		problem   string
	}{
		{"file", map[string]string{all + "_FILE": first}, "a=xxxxx", Source{FromFile, all + "_FILE", first}, ""},
		{"that of metrics wins", map[string]string{all: "x=y", metrics + "_FILE": second}, "b=xxxxx", Source{FromFile, metrics + "_FILE", second}, ""},
		{"metrics win over a file", map[string]string{metrics: "x=y", all + "_FILE": second}, "x=xxxxx", Source{FromVariable, metrics, ""}, ""},
		{"both", map[string]string{all: "x=y", all + "_FILE": first}, "x=xxxxx", Source{FromVariable, all, ""}, "want either this or " + all + ", not both"},
		{"too big", map[string]string{all + "_FILE": big}, "", Source{Kind: FromDefault}, "no more than 64 KiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := checkWith(t, test.variables)
			noSecret(t, r)
			s := settingOf(t, r, all)
			if s.Value != test.want || s.Source != test.from {
				t.Errorf("%q from %+v, want %q from %+v", s.Value, s.Source, test.want, test.from)
			}
			switch {
			case test.problem == "" && r.Err() != nil:
				t.Error(r.Err())
			case test.problem != "" && (len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, test.problem)):
				t.Errorf("problems %v, want one with %q", r.Err(), test.problem)
			}
		})
	}
}

func TestOptionsBeatVariables(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{
		"OTEL_METRIC_EXPORT_INTERVAL": "bad, and nobody asks", "OTEL_SERVICE_NAME": "other",
		"OTELSLI_GRAPHITE_ENDPOINT": "tcp://other", "OTELSLI_GRAPHITE_PREFIX": "other", "OTEL_METRICS_EXPORTER": "otlp",
		"OTEL_METRICS_EXEMPLAR_FILTER": "always_off",
	}, WithInterval(5*time.Second), WithService("shop", ""), WithExemplars(otelsli.AlwaysOn),
		WithGraphite(graphitebridge.Config{Servers: []string{"tcp://here"}, Increments: true}))
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Setting{
		"OTEL_METRIC_EXPORT_INTERVAL":  {Value: "5000", Source: Source{Kind: FromOption, Name: "WithInterval"}, Beaten: []string{"OTEL_METRIC_EXPORT_INTERVAL"}},
		"OTEL_SERVICE_NAME":            {Value: "shop", Source: Source{Kind: FromOption, Name: "WithService"}, Beaten: []string{"OTEL_SERVICE_NAME"}},
		"OTELSLI_GRAPHITE_ENDPOINT":    {Value: "tcp://here", Source: Source{Kind: FromOption, Name: "WithGraphite"}, Beaten: []string{"OTELSLI_GRAPHITE_ENDPOINT"}},
		"OTELSLI_GRAPHITE_TEMPORALITY": {Value: "delta", Source: Source{Kind: FromOption, Name: "WithGraphite"}},
		"OTELSLI_GRAPHITE_PREFIX":      {Value: "other", Source: Source{Kind: FromVariable, Name: "OTELSLI_GRAPHITE_PREFIX"}},
		"OTEL_METRICS_EXPORTER":        {Value: "graphite", Source: Source{Kind: FromOption, Name: "options for pipelines"}, Beaten: []string{"OTEL_METRICS_EXPORTER"}},
		"OTEL_METRICS_EXEMPLAR_FILTER": {Value: "always_on", Source: Source{Kind: FromOption, Name: "WithExemplars"}, Beaten: []string{"OTEL_METRICS_EXEMPLAR_FILTER"}},
	} {
		want.Name = name
		if diff := cmp.Diff(want, settingOf(t, r, name)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// The report is JSON that programs read: a field that is renamed or gone shows here.
func TestReportJSON(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{
		"OTEL_METRICS_EXPORTER": "otlp,zip", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://b/x", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
		"OTEL_EXPORTER_OTLP_HEADERS_FILE": "testdata/headers", "OTEL_METRICS_EXPORT_INTERVAL": "1",
	}, WithTimeout(time.Second))
	r.Resource = map[string]string{"service.name": "shop"}
	r.Settings = slices.DeleteFunc(r.Settings, func(s Setting) bool { return s.Source.Kind == FromDefault })
	r.Pipelines[0].Connection = &Connection{Result: "refused", Advice: "look", Detail: "dial", Seconds: 0.5}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/report.golden.json", append(text, '\n'))
}

func TestReportErr(t *testing.T) {
	t.Parallel()
	r := &Report{Pipelines: []PipelineReport{{Name: "a", Connection: &Connection{OK: true}}, {Name: "b", Connection: &Connection{Skipped: true}}, {Name: "c"}}}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	r.Problems = []Problem{{Text: "x is wrong"}}
	r.Pipelines[0].Connection = &Connection{Result: "refused"}
	if err := r.Err(); err == nil || err.Error() != "x is wrong\nsetup: pipeline \"a\": refused" {
		t.Errorf("%v", err)
	}
}

func TestMisspelt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPONT":         "OTEL_EXPORTER_OTLP_ENDPOINT",
		"OTEL_METRICS_EXPORT_INTERVAL":       "OTEL_METRIC_EXPORT_INTERVAL",
		"OTEL_EXPORTER_OTLP_METRIC_ENDPOINT": "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
		"OTEL_EXPORTER_OTLP_HEADER":          "OTEL_EXPORTER_OTLP_HEADERS",
		"OTEL_EXPROTER_OTLP_HEADERS":         "OTEL_EXPORTER_OTLP_HEADERS",
		"otel_service_name":                  "OTEL_SERVICE_NAME",
		"OTELSLI_GRAPHITE_ENDPIONT":          "OTELSLI_GRAPHITE_ENDPOINT",
		"OTELSLI_SOMETHING_ELSE_ALTOGETHER":  "",
		"OTEL_SERVICENAME":                   "OTEL_SERVICE_NAME",
	} {
		if got := misspelt(name); !strings.Contains(got, "variable "+name+" is not known") || want != "" && !strings.HasSuffix(got, want+"?") {
			t.Errorf("%s: %q, want %s", name, got, want)
		}
	}
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_PROPAGATORS", "OTEL_GO_X_SOMETHING",
		"OTEL_PYTHON_LOG_LEVEL", "PATH", "OTEL_VENDOR_THING_OF_ITS_OWN", "OTEL_EXPORTER_OTLP_HEADERS", "OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE",
	} {
		if got := misspelt(name); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "abcd", 1}, {"abc", "abx", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3}, {"", "abc", 3}} {
		if got := distance(test.a, test.b, 9); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestVariablesWithoutEffectAreNoted(t *testing.T) {
	t.Parallel()
	r := checkWith(t, map[string]string{"OTEL_METRICS_EXPORTER": "console", "OTEL_EXPORTER_PROMETHEUS_PORT": "1", "OTELSLI_GRAPHITE_PREFIX": "a", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://traces"})
	want := []string{"variable OTELSLI_GRAPHITE_PREFIX has no effect: no pipeline reads it", "variable OTEL_EXPORTER_PROMETHEUS_PORT has no effect: no pipeline reads it"}
	if diff := cmp.Diff(want, r.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMaskValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://u:" + secret + "@h/p?" + secret, "https://xxxxx@h/p?xxxxx"},
		{"OTELSLI_GRAPHITE_ENDPOINT", "tcp://a, tcp://u:" + secret + "@b", "tcp://a, tcp://xxxxx@b"},
		{"OTELSLI_PROMETHEUS_BEARER_TOKEN", secret, "xxxxx"},
		{"OTELSLI_PROMETHEUS_BEARER_TOKEN_FILE", "/run/token", "/run/token"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "no header", "xxxxx"},
		{"OTEL_SERVICE_NAME", "shop", "shop"},
		{"OTEL_SERVICE_NAME", "", ""},
	} {
		if got := maskValue(test.name, test.value); got != test.want {
			t.Errorf("%s=%s is shown as %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

// What a backend answers may have the token in it.
func TestScrub(t *testing.T) {
	t.Parallel()
	e := environment{lookup: func(name string) (string, bool) {
		return "authorization=Basic%20dXNlcjpwYXNz,x-key=" + secret, name == "OTEL_EXPORTER_OTLP_HEADERS"
	}}
	e.text("OTEL_EXPORTER_OTLP_HEADERS")
	if got := e.scrub("401: dXNlcjpwYXNz is not known, nor " + secret); got != "401: xxxxx is not known, nor xxxxx" {
		t.Errorf("%q", got)
	}
}

// A report is read by more people than the environment, also where the endpoint is refused.
func TestEndpointsAreMaskedWithoutTheirScheme(t *testing.T) {
	t.Parallel()
	for variable, exporter := range map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "otlp", "OTELSLI_GRAPHITE_ENDPOINT": "graphite"} {
		for _, endpoint := range []string{"user:" + secret + "@host:4317", "user@" + secret + "://@host", "host:1?key=" + secret + "@x"} {
			r := checkWith(t, map[string]string{variable: endpoint, "OTEL_METRICS_EXPORTER": exporter})
			if text, _ := json.Marshal(r); strings.Contains(string(text), secret) || r.Err() == nil {
				t.Errorf("%s=%s: %s", variable, endpoint, text)
			}
		}
	}
	if got := maskValue("OTEL_RESOURCE_ATTRIBUTES", "owner=me@example.com"); got != "owner=me@example.com" {
		t.Errorf("%q: masked without a reason", got)
	}
}

func FuzzMaskURL(f *testing.F) {
	f.Add("https://user:pass@host/path?query")
	f.Add("a://b@c@d#e")
	f.Add("host:4317")
	f.Add("@://")
	f.Fuzz(func(t *testing.T, text string) {
		scheme, rest, ok := strings.Cut(text, "://")
		if !ok {
			scheme, rest = "", text
		} else {
			scheme += "://"
		}
		if strings.Contains(text, secret) || strings.ContainsAny(scheme, "@?#") {
			return
		}
		hidden := scheme + secret + "@" + rest
		if got := maskURL(hidden); strings.Contains(got, secret) {
			t.Errorf("%q is shown as %q", hidden, got)
		}
	})
}

func TestExemplarsReachCatalogAndProvider(t *testing.T) {
	t.Parallel()
	catalog := otelsli.NewCatalog()
	filter := otelsli.AlwaysOff
	c := &config{catalog: catalog, exemplars: &filter}
	if option, err := c.sdkExemplars(), c.applyExemplars(); err != nil || option == nil {
		t.Errorf("%v, %v", option, err)
	}
	for f := range sdkFilters {
		if sdkFilters[f] == nil {
			t.Errorf("no filter of the SDK for %v", f)
		}
	}
	if sdkFilters[otelsli.AlwaysOn](t.Context()) == exemplar.AlwaysOffFilter(t.Context()) {
		t.Error("AlwaysOn is off")
	}
	bad := otelsli.ExemplarFilter(9)
	if r := checkWith(t, nil, WithExemplars(bad)); r.Err() == nil || !strings.Contains(r.Err().Error(), "WithExemplars is ExemplarFilter(9)") {
		t.Errorf("%v", r.Err())
	}
}

// Check releases what it was given, as a Start that fails does.
func TestCheckIsForTheRealEnvironment(t *testing.T) {
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "not a URL, and nobody asks")
	r, err := Check(t.Context(), WithCatalog(otelsli.NewCatalog()))
	if err != nil || len(r.Pipelines) != 0 || r.Resource["service.name"] == "" {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = Check(t.Context(), WithoutEnvironment(), WithOTLP(sliotlp.WithEndpoint("nowhere")))
	if _, ok := errors.AsType[*otelsli.FieldError](err); err == nil || ok || len(r.Problems) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if p := r.Problems[0]; p.Value != `"nowhere"` || p.Want == "" || p.Field == "" {
		t.Errorf("%+v", p)
	}
}
