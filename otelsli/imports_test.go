package otelsli_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports: who only records needs the standard library and the OpenTelemetry API, nothing else.
func TestImports(t *testing.T) {
	t.Parallel()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	out, err := exec.CommandContext(t.Context(), goTool, "list", "-deps",
		"-f", "{{.ImportPath}} {{if not .Standard}}{{.Module.Path}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"github.com/otelsli/otelsli-go",
		"go.opentelemetry.io/otel",
		"go.opentelemetry.io/otel/metric",
		// What the module otel itself imports.
		"go.opentelemetry.io/auto/sdk",
		"go.opentelemetry.io/otel/log",
		"go.opentelemetry.io/otel/trace",
		"github.com/cespare/xxhash/v2",
		"github.com/go-logr/logr",
		"github.com/go-logr/stdr",
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		n++
		pkg, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case pkg == "testing" || pkg == "flag":
			t.Errorf("imports %s, which adds flags to every program", pkg)
		case module != "" && !slices.Contains(allowed, module):
			t.Errorf("imports %s of the module %s, want the standard library and the OpenTelemetry API alone", pkg, module)
		case module == allowed[0] && pkg != "github.com/otelsli/otelsli-go/otelsli":
			t.Errorf("imports %s: dependencies point inward, to this package", pkg)
		}
	}
	if n < 50 {
		t.Errorf("go list names %d packages only: %s", n, out)
	}
}
