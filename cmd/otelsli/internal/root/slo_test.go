package root_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/otelsli/otelsli-go/internal/golden"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/diff"
)

// catalog writes the description of a shop after replacing the edits, given in pairs, in its JSON.
func catalog(t *testing.T, edits ...string) (path string) {
	t.Helper()
	data, err := os.ReadFile("testdata/slis.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(edits...).Replace(string(data))
	path = filepath.Join(t.TempDir(), "slis.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSLOCommands(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	shop, changed := catalog(t), catalog(t, "0.999", "0.99", `"web"`, `"site"`, `"list"`, `"search"`)
	for _, test := range []struct {
		golden string
		status int
		args   []string
	}{
		{"catalog", 0, []string{"catalog", "--from", shop}},
		{"lint", 0, []string{"lint", "--from", shop, "--pods", "30", "--retention", "15d"}},
		{"lint-errors", 1, []string{"lint", "--from", shop, "--scrape-interval", "2m", "--temporality", "delta", "--rps", "0.001"}},
		{"diff", 0, []string{"diff", shop, changed}},
		{"diff-fail", 1, []string{"diff", "--fail-on", "break", shop, changed, "--only-tiers", "page-fast"}},
		{"diff-none", 0, []string{"diff", "--fail-on", "notice", shop, shop}},
		{"simulate", 0, []string{"simulate", "2% failures for 3h at 50 rps"}},
		{"simulate-ascii", 0, []string{"simulate", "--ascii", "outage for 10m at 5 rps then 50% slow for 1h", "--objective", "99", "--tier", "page:wake:10:30m:5m"}},
		{"simulate-spent", 0, []string{"simulate", "--from", shop, "--sli", "list", "outage for 5h at 3 rps, then idle for 1h"}},
	} {
		t.Run(test.golden, func(t *testing.T) {
			out, errs, status := run(t, test.args...)
			if status != test.status || errs != "" {
				t.Errorf("status %d, want %d; %s", status, test.status, errs)
			}
			for line := range strings.Lines(out) {
				if width := len([]rune(strings.TrimRight(line, "\n"))); width > 80 && test.golden != "catalog" {
					t.Errorf("%d columns: %s", width, line)
				}
			}
			golden.Compare(t, "testdata/"+test.golden+".golden", rulesCounted.ReplaceAllString(out, "N rules"))
		})
	}
}

// rulesCounted matches what changes with every rule that is added to package rules.
var rulesCounted = regexp.MustCompile(`\d+\s+rules\s+\(\d+\s+recording,\s+\d+\s+alerting\)|rules: \d+, now \d+`)

func TestSLOCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	shop := catalog(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"catalog"}, `--from is missing: want a Go package`},
		{[]string{"frobnicate"}, `unknown command "frobnicate" for "otelsli": want one of catalog, config`},
		{[]string{"genrate", "rules"}, `lint, simulate, test, version; did you mean "generate"?`},
		{[]string{"generate", "all", "--from", shop}, `unknown command "all" for "otelsli generate": want one of alertmanager, dashboards`},
		{[]string{"config", "chek"}, `want one of check; did you mean "check"?`},
		{[]string{"diff", "--from", shop}, "unknown flag: --from: see otelsli diff --help"},
		{[]string{"diff"}, "OLD and NEW: 0 sources: want 2, such as"},
		{[]string{"simulate"}, "INCIDENT is missing: want one such as"},
		{[]string{"generate", "rules", "--from", shop, "--job", "shop", "--out", shop}, "slis.json is a file: want a directory"},
		{[]string{"catalog", "--from", "localhost:9464"}, "has no scheme: want http://localhost:9464"},
		{[]string{"catalog", "--frm", "x"}, "unknown flag: --frm: see otelsli catalog --help; did you mean \"from\"?"},
		{[]string{"catalog", "--xyzzyxyzzy"}, "unknown flag: --xyzzyxyzzy: see otelsli catalog --help"},
		{[]string{"lint", "--from", shop, "--fail-on", "always"}, "want info, warning, error or never"},
		{[]string{"lint", "--from", shop, "--temporality", "both"}, "want cumulative or delta"},
		{[]string{"lint", "--from", shop, "--interval", "1d"}, "WithInterval"},
		{[]string{"diff", shop}, "OLD and NEW: 1 sources"},
		{[]string{"diff", "-", "-"}, "both standard input"},
		{[]string{"diff", shop, shop, "--fail-on", "x"}, "want notice, break or never"},
		{[]string{"generate", "rules", "--from", shop, "--job", "shop"}, "--out is missing"},
		{[]string{"generate", "rules", "--from", shop, "--out", "-"}, "--job is missing"},
		{[]string{"generate", "rules", "--from", shop, "--job", "shop", "--out", "-", "--format", "json"}, "want one of prometheus,"},
		{[]string{"generate", "rules", "--from", shop, "--job", "shop", "--out", "-", "--check"}, "--check with --out -: want the directory"},
		{[]string{"generate", "static", "--out", "-", "--periods", "soon"}, "--periods"},
		{[]string{"test", "--from", shop, "--job", "shop", "--out", "-"}, "--out -: want a directory"},
		{[]string{"test", "--from", shop, "--job", "shop", "--check"}, "--check needs --out"},
		{[]string{"test", "--from", shop, "--job", "shop", "--run", "maybe"}, "want auto, always or never"},
		{[]string{"test", "--from", shop, "--job", "shop", "--run", "always", "--promtool", "/nowhere/promtool"}, "install Prometheus"},
		{[]string{"test", "--from", shop, "--jobs-matching", "a|b", "--service", "x"}, "want --job with one of the matching jobs"},
		{[]string{"test", "--from", shop, "--job", "shop", "--incident", "x"}, "want a share such as"},
		{[]string{"simulate", "2% failures"}, "want a duration"},
		{[]string{"simulate", "outage for 1h at 1 rps", "--objective", "100%"}, "want a share below 100%"},
		{[]string{"simulate", "outage for 1h at 1 rps", "--period", "1h"}, "want at least 1d"},
		{[]string{"simulate", "outage for 1h at 1 rps", "--from", shop, "--sli", "x"}, "want one with an objective: list, place_order"},
	} {
		_, errs, status := run(t, test.args...)
		if status != 2 || !strings.Contains(errs, test.want) || strings.Count(errs, "otelsli: ") > 1+strings.Count(errs, "\n")-1 {
			t.Errorf("%q: status %d, %q, want %q", test.args, status, errs, test.want)
		}
	}
}

// The content of a catalog cannot move the cursor.
func TestHostileCatalog(t *testing.T) {
	t.Parallel()
	hostile := catalog(t, `["channel"]`, `["\u001b[31mX\u001b]0;title\u0007"]`)
	_, errs, status := run(t, "catalog", "--from", hostile)
	if status != 2 || strings.ContainsAny(errs, "\x1b\a") || !strings.Contains(errs, "want letters, digits") {
		t.Errorf("status %d, %q", status, errs)
	}
}

// Notices about what is left out are shown even if the rules go to standard output.
func TestNoticesOfStandardOutput(t *testing.T) {
	t.Parallel()
	low := catalog(t, "0.999", "0.9")
	out, errs, status := run(t, "generate", "rules", "--from", low, "--job", "shop", "--out", "-")
	if status != 0 || !strings.HasPrefix(out, "# Generated") || !strings.Contains(strings.Join(strings.Fields(errs), " "), "the alert page-fast is left out") {
		t.Errorf("status %d, %s%.200s", status, errs, out)
	}
}

// Everything a command line lacks is reported at once, one error per line.
func TestAllThatIsMissing(t *testing.T) {
	t.Parallel()
	_, errs, status := run(t, "generate", "rules")
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if status != 2 || len(lines) != 3 {
		t.Fatalf("status %d, %q", status, errs)
	}
	for i, want := range []string{"otelsli: --from is missing", "otelsli: --job is missing", "otelsli: --out is missing"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %q, want %q", lines[i], want)
		}
	}
}

// Command groups show their help when called without arguments, and completion works.
func TestGroups(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"generate"}, {"config"}, {"help", "generate"}, {"generate", "--help"}, {"completion", "zsh"}, {"__complete", "generate", "ru"}} {
		if out, errs, status := run(t, args...); status != 0 || out == "" {
			t.Errorf("%q: status %d, %s", args, status, errs)
		}
	}
}

// Reading a package prints a note about what it cannot show, but not on standard output.
func TestPackagesAreNoted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a package")
	}
	out, errs, status := run(t, "catalog", "--from", "../source/testdata/shop", "-o", "json")
	if _, err := otelsli.ParseDescription([]byte(out)); err != nil || status != 0 {
		t.Errorf("status %d, %v", status, err)
	}
	if !strings.HasPrefix(strings.Join(strings.Fields(errs), " "), "note: ../source/testdata/shop shows only the SLIs in its package-level variables") {
		t.Errorf("noted %q", errs)
	}
}

// Flags that make no difference in a simulation are accepted but hidden.
func TestSimulateTakesTheFlagsOfRules(t *testing.T) {
	t.Parallel()
	if _, errs, status := run(t, "simulate", "outage for 10m at 5 rps", "--job", "shop", "--alert-label", "team=checkout"); status != 0 {
		t.Errorf("status %d, %s", status, errs)
	}
	if help, _, _ := run(t, "simulate", "--help"); strings.Contains(help, "--alert-label") || !strings.Contains(help, "--min-failures") {
		t.Errorf("help:\n%s", help)
	}
}

func TestCatalogOfAService(t *testing.T) {
	data, err := os.ReadFile("testdata/slis.json")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slis.json" && r.Header.Get("Authorization") == "Bearer s3cr3t" {
			_, _ = w.Write(data)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	t.Setenv("OTELSLI_TOKEN", "s3cr3t")
	out, errs, status := run(t, "catalog", "--from", server.URL, "-o", "json")
	if d, err := otelsli.ParseDescription([]byte(out)); err != nil || status != 0 || len(d.SLIs) != 2 {
		t.Errorf("status %d, %v: %s\n%s", status, err, errs, out)
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	shop, dir := catalog(t), filepath.Join(t.TempDir(), "out")
	for _, kind := range []string{"rules", "static", "dashboards", "openslo", "sloth", "alertmanager"} {
		args := []string{"generate", kind, "--out", dir}
		if kind != "static" {
			args = append(args, "--from", shop, "--job", "team/shop")
		}
		out, errs, status := run(t, append(args, "--check")...)
		if status != 1 || !strings.Contains(out, "+++ ") || !strings.Contains(out, "out of date") {
			t.Errorf("%s --check before: status %d, %s%.300s", kind, status, errs, out)
		}
		if out, errs, status := run(t, args...); status != 0 || !strings.HasPrefix(out, "created") {
			t.Errorf("%s: status %d, %s%s", kind, status, errs, out)
		}
		out, errs, status = run(t, append(args, "--check", "-o", "json")...)
		var result struct {
			Files []struct{ Path, Change string }
		}
		if err := json.Unmarshal([]byte(out), &result); err != nil || status != 0 || len(result.Files) == 0 || result.Files[0].Change != "unchanged" {
			t.Errorf("%s --check after: status %d, %v, %s%s", kind, status, err, errs, out)
		}
	}
	for _, format := range []string{"prometheusrule", "mimir", "vmalert"} {
		out, errs, status := run(t, "generate", "rules", "--from", shop, "--job", "shop", "--out", "-", "--format", format)
		if status != 0 || !strings.Contains(out, "SLOErrorBudgetBurn") {
			t.Errorf("%s: status %d, %s%.200s", format, status, errs, out)
		}
	}
	out, errs, status := run(t, "generate", "rules", "--from", shop, "--job", "shop", "--target", "namespace=prod", "--out", "-")
	if status != 0 || !strings.Contains(out, `{job="shop",namespace="prod"}`) {
		t.Errorf("status %d, %s%.300s", status, errs, out)
	}
	if promtool, err := exec.LookPath("promtool"); err == nil {
		text, err := exec.CommandContext(t.Context(), promtool, "check", "rules", filepath.Join(dir, "shop-rules.yml"), filepath.Join(dir, "otelsli-rules.yml")).CombinedOutput()
		if err != nil {
			t.Errorf("promtool: %v\n%s", err, text)
		}
	}
}

// Files that are no longer generated are removed, and no others.
func TestGenerateRemovesItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.json")
	if err := os.WriteFile(mine, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"generate", "dashboards", "--job", "shop", "--out", dir, "--from"}
	if _, errs, status := run(t, append(args, catalog(t))...); status != 0 {
		t.Fatal(errs)
	}
	out, errs, status := run(t, append(args, catalog(t, `"list"`, `"search"`, "sli.list", "sli.search"))...)
	if status != 0 || !strings.Contains(out, "removed") || !strings.Contains(out, "created") {
		t.Errorf("status %d, %s%s", status, errs, out)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

// Services that share a directory leave each other's files alone.
func TestServicesShareADirectory(t *testing.T) {
	t.Parallel()
	shop, dir := catalog(t), t.TempDir()
	for _, command := range [][]string{{"generate", "rules"}, {"generate", "dashboards"}, {"test", "--run", "never"}} {
		for _, job := range []string{"shop", "cart", "shop"} {
			out, errs, status := run(t, append(command, "--from", shop, "--job", job, "--out", dir)...)
			if status != 0 || strings.Contains(out, "removed") {
				t.Errorf("%q of %s: status %d, %s%s", command, job, status, errs, out)
			}
		}
	}
	for _, name := range []string{"shop-rules.yml", "shop-rules_test.yml", "cart-rules.yml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestTest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"test", "--from", catalog(t), "--job", "shop", "--out", dir}
	out, errs, status := run(t, append(args, "--run", "never")...)
	if status != 0 || !strings.Contains(out, "not run") || !strings.Contains(out, "created    "+dir) {
		t.Errorf("status %d, %s%s", status, errs, out)
	}
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not installed")
	}
	out, errs, status = run(t, append(args, "--run", "always", "--check", "-o", "json")...)
	var report struct {
		Tests   []string
		Ran, OK bool
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 || !report.Ran || !report.OK || len(report.Tests) != 7 {
		t.Errorf("status %d, %v, %s%s", status, err, errs, out)
	}
	file := filepath.Join(dir, "shop-rules.yml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), "14.4", "144000")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, status := run(t, append(args, "--check")...); status != 1 || !strings.Contains(out, "not run: the files are out of date") {
		t.Errorf("status %d, %.500s", status, out)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	shop := catalog(t)
	out, _, _ := run(t, "simulate", "outage for 10m at 5 rps", "-o", "json")
	var results []struct {
		SLO    string
		Bad    int64
		Alerts []struct {
			Tier string
			From float64  `json:"from_seconds"`
			To   *float64 `json:"to_seconds"`
		}
		Curve []json.RawMessage
	}
	if err := json.Unmarshal([]byte(out), &results); err != nil || len(results) != 1 || results[0].Bad != 3000 || results[0].Alerts[0].From != 60 || results[0].Alerts[0].To == nil || len(results[0].Curve) == 0 {
		t.Errorf("%v: %+v", err, results)
	}
	out, _, _ = run(t, "lint", "--from", shop, "-o", "json")
	var lint struct {
		Findings []struct{ Severity, Fix string }
		Cost     struct{ Series int }
	}
	if err := json.Unmarshal([]byte(out), &lint); err != nil || lint.Cost.Series == 0 {
		t.Errorf("%v: %s", err, out)
	}
	out, _, _ = run(t, "diff", shop, catalog(t, "0.999", "0.99"), "-o", "json")
	var report diff.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Worst() != diff.Notice {
		t.Errorf("%v: %s", err, out)
	}
}
