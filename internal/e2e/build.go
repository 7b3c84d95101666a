package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// moduleRoot is the root module, seen from this package's folder, where `go test` runs its tests.
const moduleRoot = "../.."

// builds holds one entry for each package that a test asked for, so that each is built once for each test binary.
var builds = struct {
	sync.Mutex
	byPackage map[string]func() (string, error)
}{byPackage: map[string]func() (string, error){}}

// BuildBinary builds a main package of the root module, such as "./examples/quickstart", and returns the path of the
// executable. A package is built once however many tests ask for it.
func BuildBinary(t testing.TB, pkg string) string {
	t.Helper()
	builds.Lock()
	build, ok := builds.byPackage[pkg]
	if !ok {
		build = sync.OnceValues(func() (string, error) { return goBuild(pkg) })
		builds.byPackage[pkg] = build
	}
	builds.Unlock()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func goBuild(pkg string) (string, error) {
	dir, err := buildDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, strings.ReplaceAll(path.Clean(pkg), "/", "-"))
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", binary, pkg)
	cmd.Dir = moduleRoot
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, output)
	}
	return binary, nil
}

// buildDir is the temporary folder of all executables; TestMain removes it.
var buildDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "otelsli-e2e-") })
