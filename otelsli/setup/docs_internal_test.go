package setup

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/golden"
)

// The table of the documentation is that of the code.
func TestTableOfVariables(t *testing.T) {
	t.Parallel()
	golden.ComparePart(t, "../../docs/setup.md", "go test ./otelsli/setup -update` -->\n", "<!-- end -->", tableOfVariables())
}

func tableOfVariables() string {
	var b bytes.Buffer
	fmt.Fprint(&b, "\n| variable | default | |\n|---|---|---|\n")
	for _, v := range slices.Concat(generalVariables, otlpVariables, prometheusVariables, guardVariables, sdkVariables) {
		name, unset := "`"+v.name+"`", "" // some have no default
		if v.secret {
			name += ", `…_FILE`"
		}
		if v.unset != "" {
			unset = "`" + v.unset + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, unset, v.text)
	}
	return b.String() + "\n"
}

// Those of the bridge are on its own page, in its own words.
func TestPageOfTheBridgeHasItsVariables(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/graphite.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range graphiteVariables {
		short := "`…_" + strings.TrimPrefix(v.name, graphitePrefix) + "`"
		if !bytes.Contains(text, []byte("`"+v.name+"`")) && !bytes.Contains(text, []byte(short)) {
			t.Errorf("docs/graphite.md does not have %s", v.name)
		}
	}
}

func TestNamesOfVariablesAreUnique(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, v := range variables {
		for _, name := range v.names() {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
		if v.text == "" {
			t.Errorf("%s has no text", v.name)
		}
	}
}
