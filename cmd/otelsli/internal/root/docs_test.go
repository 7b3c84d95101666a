package root_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/golden"
)

// children returns the names of the subcommands listed in a help text.
func children(help string) (names []string) {
	_, list, _ := strings.Cut(help, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line); len(name) > 0 && name[0] != "help" && name[0] != "completion" {
			names = append(names, name[0])
		}
	}
	return names
}

// reference returns the help of a command and its subcommands as Markdown.
func reference(t *testing.T, path ...string) string {
	t.Helper()
	help, errs, status := run(t, append(path, "--help")...)
	if status != 0 {
		t.Fatalf("%q: %s", path, errs)
	}
	text := fmt.Sprintf("\n### %s\n\n```text\n%s\n```\n", strings.Join(append([]string{"otelsli"}, path...), " "), strings.TrimSpace(help))
	for _, name := range children(help) {
		text += reference(t, append(slices.Clip(path), name)...)
	}
	return text
}

const marker = "<!-- Below is the help of the commands; a test keeps it current. -->\n"

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	golden.ComparePart(t, "../../../../docs/cli.md", marker, "", reference(t))
}

// Every command has examples, and no line of its description is wider than 90 columns.
func TestHelpIsWhole(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"catalog", "generate rules", "generate static", "generate dashboards", "generate openslo", "generate sloth", "generate alertmanager", "lint", "diff", "test", "simulate"} {
		help, _, _ := run(t, append(strings.Fields(path), "--help")...)
		if !strings.Contains(help, "Examples:\n") {
			t.Errorf("%s has no examples", path)
		}
		description, _, _ := strings.Cut(help, "Usage:")
		for line := range strings.Lines(description) {
			if len([]rune(line)) > 90 {
				t.Errorf("%s: a wide line: %s", path, line)
			}
		}
	}
}
