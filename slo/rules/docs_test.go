package rules_test

import (
	"os"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/slo/rules"
)

// Every alert has a runbook where its annotation points, and every record a line in the docs.
func TestDocumented(t *testing.T) {
	t.Parallel()
	read := func(file string) string {
		content, err := os.ReadFile("../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	runbooks, reference := read("runbooks.md"), read("rules.md")
	for _, a := range rules.Alerts() {
		if !strings.Contains(runbooks, "\n## "+a.Name+"\n") {
			t.Errorf("docs/runbooks.md has no section %s", a.Name)
		}
	}
	for _, m := range wide(t, shop(t)).Metrics() {
		name, _, _ := strings.Cut(m.Name, ":increase") // windows differ
		if !strings.Contains(reference, name) {
			t.Errorf("docs/rules.md does not mention %s", m.Name)
		}
	}
}
