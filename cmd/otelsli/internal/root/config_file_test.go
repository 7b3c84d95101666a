package root_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/root"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
)

// In CI one line is enough: everything else is in the file, which may also have flags of other commands.
func TestConfigurationFile(t *testing.T) {
	shop := catalog(t)
	t.Chdir(t.TempDir())
	config := "from: " + shop + "\njob: shop\nout: deploy\nonly-tiers: [page-fast, page-slow]\nretention: 15d\npods: 3\nincident: [outage for 6m at 2 rps]\n"
	if err := os.WriteFile("otelsli.yaml", []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"generate rules --check", 1, "out of date"},
		{"generate rules", 0, "created"},
		{"generate rules --check", 0, "up to date"},
		{"generate rules --check --only-tiers page-fast", 1, "-"},
		{"lint", 0, "30d of data are needed, but only 15d are kept"},
		{"lint --fail-on warning", 1, "63 series in 3 processes"},
		{"test --run never --out tests", 0, "incident: 100% failures for 6m at 2 rps"},
		{"catalog", 0, "place_order"},
	} {
		out, errs, status := run(t, strings.Fields(test.args)...)
		if status != test.status || !strings.Contains(out, test.want) {
			t.Errorf("%s: status %d, want %d with %q: %s%.600s", test.args, status, test.status, test.want, errs, out)
		}
	}
	data, err := os.ReadFile(filepath.Join("deploy", "shop-rules.yml"))
	if err != nil || strings.Contains(string(data), "ticket-slow") || !strings.Contains(string(data), "page-slow") {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile("otelsli.yaml", []byte("jop: shop"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, status := run(t, "catalog", "--from", shop)
	if status != 2 || !strings.Contains(errs, `field "jop": want the name of a flag; did you mean "job"?`) {
		t.Errorf("status %d, %s", status, errs)
	}
	if _, errs, status := run(t, "catalog", "--from", shop, "--config", "missing.yaml"); status != 2 || !strings.Contains(errs, "missing.yaml") {
		t.Errorf("status %d, %s", status, errs)
	}
}

// Rules that serve every service ignore what a file says about one.
func TestConfigurationFileOfStaticRules(t *testing.T) {
	t.Chdir(t.TempDir())
	config := "from: slis.json\njob: shop\nservice: shop\nbreakdown: true\nexact-budget: true\nout: deploy\nonly-tiers: [page-fast]\n"
	if err := os.WriteFile("otelsli.yaml", []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, status := run(t, "generate", "static", "--out", "-", "--prefix", "gitlab_sli")
	if status != 0 || !strings.Contains(out, "gitlab_sli_events_total") || strings.Contains(out, "sli_place_order") || strings.Contains(out, "page-slow") {
		t.Errorf("status %d, %s%.300s", status, errs, out)
	}
	for _, args := range [][]string{{"--job", "shop"}, {"--breakdown"}, {"--prefix", "a b"}} {
		if _, errs, status := run(t, append([]string{"generate", "static", "--out", "-"}, args...)...); status != 2 || !strings.Contains(errs, strings.TrimPrefix(args[0], "--")) && !strings.Contains(errs, "WithPrefix") {
			t.Errorf("%q: status %d, %s", args, status, errs)
		}
	}
}

func TestForce(t *testing.T) {
	t.Parallel()
	shop, dir := catalog(t), t.TempDir()
	mine := filepath.Join(dir, "shop-rules.yml")
	if err := os.WriteFile(mine, []byte("groups: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"generate", "rules", "--from", shop, "--job", "shop", "--out", dir}
	if _, errs, status := run(t, args...); status != 2 || !strings.Contains(errs, "--force") {
		t.Errorf("status %d, %s", status, errs)
	}
	if out, errs, status := run(t, append(args, "--force")...); status != 0 || !strings.Contains(out, "updated") {
		t.Errorf("status %d, %s%s", status, errs, out)
	}
}

// Colour alone never carries meaning: without it, the text is the same.
func TestColoursAddNothing(t *testing.T) {
	t.Parallel()
	shop, changed := catalog(t), catalog(t, "0.999", "0.99", `"list"`, `"search"`)
	dir := filepath.Join(t.TempDir(), "x")
	for _, args := range [][]string{
		{"catalog", "--from", shop},
		{"lint", "--from", shop, "--retention", "15d", "--temporality", "delta"},
		{"diff", shop, changed},
		{"simulate", "--ascii", "2% failures for 3h at 50 rps"},
		{"generate", "alertmanager", "--from", shop, "--job", "shop", "--out", dir, "--check"},
	} {
		plain, _, _ := run(t, args...)
		var out, errs bytes.Buffer
		root.Execute(t.Context(), &cli.App{Out: &out, Err: &errs, Style: term.Coloured()}, args)
		if !strings.Contains(out.String(), "\x1b[") {
			t.Errorf("%q has no colour", args)
		}
		if got := spaces.ReplaceAllString(unpainted.ReplaceAllString(out.String(), ""), "\n"); got != plain {
			t.Errorf("%q with colour:\n%s\nwithout:\n%s", args, got, plain)
		}
	}
}

var (
	unpainted = regexp.MustCompile("\x1b\\[[0-9;]*m")
	spaces    = regexp.MustCompile(" +\n") // that had been coloured
)

// An interrupted command ends soon, and says so.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	status := root.Execute(ctx, &cli.App{Out: &out, Err: &errs}, []string{"catalog", "--from", "./nowhere"})
	if status != 2 || errs.String() != "otelsli: source \"./nowhere\": interrupted\n" {
		t.Errorf("status %d, %s", status, &errs)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"generate ":                     "dashboards\t",
		"generate rules --format ":      "prometheusrule\n",
		"generate rules --translation ": "NoTranslation\n",
		"lint --fail-on ":               "warning\n",
		"diff --fail-on ":               "break\n",
		"test --run ":                   "always\n",
		"simulate --min":                "--min-failures\t",
	} {
		parts := strings.Split(args, " ")
		out, _, _ := run(t, append([]string{"__complete"}, parts...)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s: %s, want %q", args, out, want)
		}
	}
}
