package setup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// A detector finds what its function returns.
type detector func(context.Context) (*resource.Resource, error)

func (d detector) Detect(ctx context.Context) (*resource.Resource, error) { return d(ctx) }

// finds returns a detector of attributes.
func finds(keyValues ...string) detector {
	return func(context.Context) (*resource.Resource, error) {
		return resource.NewSchemaless(stringAttributes(keyValues)...), nil
	}
}

func stringAttributes(keyValues []string) (attributes []attribute.KeyValue) {
	for pair := range slices.Chunk(keyValues, 2) {
		attributes = append(attributes, attribute.String(pair[0], pair[1]))
	}
	return attributes
}

// A log keeps what is logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// A keeper keeps the resource that it was sent.
type keeper struct {
	backend
	schemaURL string
}

func (k *keeper) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	k.schemaURL = rm.Resource.SchemaURL()
	return k.backend.Export(ctx, rm)
}

// detect returns the resource that Start makes with the options, by a push pipeline.
func detect(t testing.TB, options ...setup.Option) (map[attribute.Key]string, string) {
	t.Helper()
	k := &keeper{}
	options = append([]setup.Option{
		setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(), setup.WithExporter("push", k), setup.WithLogger(discard),
	}, options...)
	telemetry, err := setup.Start(t.Context(), options...)
	if err != nil {
		t.Fatal(err)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k.resource, k.schemaURL
}

func TestDetectorsByOption(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	none, _ := detect(t, setup.WithoutEnvironment())
	for key := range none {
		for _, prefix := range []string{"host.", "os.", "process.", "container.", "k8s."} {
			if strings.HasPrefix(string(key), prefix) {
				t.Errorf("%s without an option", key)
			}
		}
	}
	got, _ := detect(t, setup.WithoutEnvironment(), setup.WithHost(), setup.WithProcess(), setup.WithContainer(), setup.WithKubernetes())
	if got["host.name"] != host || got["host.arch"] == "" || got["os.type"] == "" {
		t.Errorf("WithHost: %v", got)
	}
	if got["process.pid"] != strconv.Itoa(os.Getpid()) || got["process.executable.name"] == "" ||
		!strings.HasPrefix(got["process.runtime.version"], "go") {
		t.Errorf("WithProcess: %v", got)
	}
	for _, secret := range []attribute.Key{"process.command_args", "process.command_line", "process.owner", "process.executable.path"} {
		if v, ok := got[secret]; ok {
			t.Errorf("%s is exported: %q", secret, v)
		}
	}
}

// Defaults, detectors in order, environment, options: the later beats the earlier.
func TestPrecedenceOfTheResource(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "d=env,e=env,k8s.pod.name=env")
	t.Setenv("OTEL_SERVICE_NAME", "env")
	t.Setenv("K8S_POD_NAME", "downward")
	t.Setenv("K8S_NODE_NAME", "downward")
	got, _ := detect(t,
		setup.WithKubernetes(),
		setup.WithResourceDetectors(
			finds("a", "first", "b", "first", "c", "first", "d", "first", "e", "first", "k8s.node.name", "first"),
			nil,
			finds("b", "second", "service.name", "second", "service.instance.id", "second"),
		),
		setup.WithResourceAttributes(attribute.String("c", "option"), attribute.String("e", "option")),
	)
	for key, want := range map[attribute.Key]string{
		"a": "first", "b": "second", "c": "option", "d": "env", "e": "option",
		"service.name": "env", "service.instance.id": "second",
		"k8s.pod.name": "env", "k8s.node.name": "first",
	} {
		if got[key] != want {
			t.Errorf("%s = %q, want that of %s", key, got[key], want)
		}
	}
}

func TestAttributesOfTheEnvironment(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", " a = 1 ,,b=100%25,c=x%2Cy=z,d=,service.name=attributes,")
	got, _ := detect(t)
	for key, want := range map[attribute.Key]string{"a": "1", "b": "100%", "c": "x,y=z", "d": "", "service.name": "attributes"} {
		if value, ok := got[key]; value != want || !ok {
			t.Errorf("%s = %q, want %q", key, value, want)
		}
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=,service.instance.id=,service.version=")
	got, _ = detect(t)
	if version, ok := got["service.version"]; got["service.name"] == "" || got["service.instance.id"] == "" || version != "" || !ok {
		t.Errorf("without a name and an instance processes overwrite each other's values: %v", got)
	}
	t.Setenv("OTEL_SERVICE_NAME", "name")
	if got, _ := detect(t); got["service.name"] != "name" {
		t.Errorf("service.name %q, want that of OTEL_SERVICE_NAME", got["service.name"])
	}
	for _, bad := range []string{"a", "a=1,=2", "a=100%"} {
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", bad)
		_, err := setup.Start(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(), setup.WithConsole(nil))
		if err == nil {
			t.Errorf("OTEL_RESOURCE_ATTRIBUTES=%q is accepted", bad)
			continue
		}
		wantContains(t, err.Error(), "OTEL_RESOURCE_ATTRIBUTES", "key=value", "%25")
	}
}

func TestDetectorsByVariable(t *testing.T) {
	t.Setenv("K8S_POD_NAME", "shop-1")
	for value, want := range map[string]map[attribute.Key]bool{
		"":                   {"host.name": false, "process.pid": false, "k8s.pod.name": false},
		"none":               {"host.name": false, "process.pid": false, "k8s.pod.name": false},
		"env":                {"host.name": false, "process.pid": false, "k8s.pod.name": false},
		"env,host":           {"host.name": true, "os.type": false, "process.pid": false},
		"host, os , process": {"host.name": true, "os.type": true, "process.pid": true, "k8s.pod.name": false},
		"all":                {"host.name": true, "os.type": true, "process.pid": true, "k8s.pod.name": true},
		"kubernetes":         {"host.name": false, "k8s.pod.name": true},
	} {
		t.Setenv("OTEL_RESOURCE_DETECTORS", value)
		got, _ := detect(t)
		for key, there := range want {
			if _, ok := got[key]; ok != there {
				t.Errorf("OTEL_RESOURCE_DETECTORS=%q: %s is there: %t, want %t", value, key, ok, there)
			}
		}
	}
	t.Setenv("OTEL_RESOURCE_DETECTORS", "host")
	if got, _ := detect(t, setup.WithProcess()); got["process.pid"] == "" || got["host.name"] != "" {
		t.Errorf("an option does not beat the variable: %v", got)
	}
	if got, _ := detect(t, setup.WithoutEnvironment()); got["host.name"] != "" {
		t.Errorf("the variable is read by WithoutEnvironment: %v", got)
	}
}

//nolint:paralleltest // it sets variables
func TestDetectorsThatDoNotExist(t *testing.T) {
	for value, want := range map[string][]string{
		"hots":      {"OTEL_RESOURCE_DETECTORS", `"hots"`, "host", "kubernetes"},
		"none,host": {"OTEL_RESOURCE_DETECTORS", `"none,host"`, "alone"},
		"all,host":  {"OTEL_RESOURCE_DETECTORS", `"all,host"`, "alone"},
		"host,host": {"OTEL_RESOURCE_DETECTORS", "only once"},
	} {
		t.Setenv("OTEL_RESOURCE_DETECTORS", value)
		_, err := setup.Start(t.Context(), setup.WithCatalog(otelsli.NewCatalog()), setup.WithoutGlobal(), setup.WithConsole(nil))
		if err == nil {
			t.Errorf("OTEL_RESOURCE_DETECTORS=%q is accepted", value)
			continue
		}
		wantContains(t, err.Error(), want...)
	}
}

func TestDetectorsThatFail(t *testing.T) {
	t.Parallel()
	partial := fmt.Errorf("%w: no zone", resource.ErrPartialResource)
	for name, test := range map[string]struct {
		detector detector
		logged   string
		found    bool
	}{
		"partial": {
			func(context.Context) (*resource.Resource, error) {
				return resource.NewSchemaless(attribute.String("found", "yes")), partial
			}, "no zone", true,
		},
		"partial without a resource": {
			func(context.Context) (*resource.Resource, error) { return nil, partial }, "no zone", false,
		},
		"other error": {
			func(context.Context) (*resource.Resource, error) {
				return resource.NewSchemaless(attribute.String("found", "yes")), errors.New("no metadata service")
			}, "no metadata service", false,
		},
		"panic":   {func(context.Context) (*resource.Resource, error) { panic("bug") }, "panicked: bug", false},
		"nothing": {func(context.Context) (*resource.Resource, error) { return nil, nil }, "", false}, //nolint:nilnil // what a detector may do
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &log{}
			got, _ := detect(t, setup.WithoutEnvironment(), setup.WithResourceDetectors(test.detector, finds("next", "yes")),
				setup.WithLogger(l.logger()))
			if found := got["found"] == "yes"; found != test.found {
				t.Errorf("found: %t, want %t", found, test.found)
			}
			if got["next"] != "yes" {
				t.Error("the next detector did not run")
			}
			if test.logged == "" && l.String() != "" {
				t.Errorf("logged: %s", l)
			}
			wantContains(t, l.String(), test.logged)
			if test.logged != "" {
				wantContains(t, l.String(), "level=WARN", "setup_test.detector")
			}
		})
	}
}

// One that hangs costs 5 seconds and nothing else.
func TestDetectorThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &log{}
		release := make(chan struct{})
		got, _ := detect(t, setup.WithoutEnvironment(), setup.WithLogger(l.logger()), setup.WithResourceDetectors(
			detector(func(context.Context) (*resource.Resource, error) { <-release; return resource.Empty(), nil }),
			finds("next", "yes"),
		))
		close(release)
		if got["next"] != "yes" {
			t.Error("the detector beside it counts for nothing")
		}
		wantContains(t, l.String(), "did not come back")
	})
}

func TestSchemaURL(t *testing.T) {
	t.Parallel()
	with := func(url string) detector {
		return func(context.Context) (*resource.Resource, error) {
			return resource.NewWithAttributes(url, attribute.String("zone", url)), nil
		}
	}
	_, sdk := detect(t, setup.WithoutEnvironment())
	if sdk == "" {
		t.Fatal("the SDK's own attributes have no schema URL")
	}
	if _, got := detect(t, setup.WithoutEnvironment(), setup.WithResourceDetectors(with(sdk), finds("a", "b"))); got != sdk {
		t.Errorf("schema URL %q, want the one that all agree on, %q", got, sdk)
	}
	const other = "https://opentelemetry.io/schemas/1.20.0"
	attributes, got := detect(t, setup.WithoutEnvironment(), setup.WithResourceDetectors(with(other), with(sdk)))
	if got != "" || attributes["zone"] != sdk || attributes["telemetry.sdk.name"] == "" {
		t.Errorf("schema URL %q and %v, want none and all attributes", got, attributes)
	}
}
