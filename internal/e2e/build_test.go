package e2e

import (
	"os"
	"testing"
)

func TestBuildBinary(t *testing.T) {
	t.Parallel()
	Require(t) // no server, but time
	binary := BuildBinary(t, "./examples/quickstart")
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o100 == 0 {
		t.Errorf("%s is not executable", binary)
	}
	if again := BuildBinary(t, "./examples/quickstart"); again != binary {
		t.Errorf("built twice: %s and %s", binary, again)
	}
	if _, err := goBuild("./no/such/package"); err == nil {
		t.Error("a package that does not exist is built")
	}
}
