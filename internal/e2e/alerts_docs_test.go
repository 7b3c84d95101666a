package e2e

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// The documents about alerts are held equal to package rules, and their queries are run.

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// written is what a writer of package rules writes.
func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ruleFile(t *testing.T, set *rules.Set, format rules.Format) string {
	t.Helper()
	return written(t, func(w io.Writer) error { return set.Write(w, format) })
}

// TestAlertsDocs compares each table with the package; with -write-docs it writes them.
func TestAlertsDocs(t *testing.T) {
	t.Parallel()
	for _, part := range []struct{ file, name, table string }{
		{"alerts.md", "alerts", alertsTable()},
		{"alerts.md", "standard tiers", tiersTable(otelsli.DefaultWindow)},
		{"alerts.md", "records", recordsTable(t)},
		{"slo-maths.md", "tiers", periodsTable()},
	} {
		judgePart(t, part.file, part.name, part.table)
	}
}

func judgePart(t *testing.T, file, name, table string) {
	t.Helper()
	table = "\n" + table + "\n" // or some readers of Markdown take it for HTML
	pattern := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]*-->\n)(.*?)(<!-- end of the ` + name + ` -->)`)
	text := document(t, file)
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		t.Errorf("docs/%s has no part %q", file, name)
		return
	}
	if *writeDocs {
		replaced := strings.Replace(text, match[0], match[1]+table+match[3], 1)
		writeFile(t, filepath.Join(moduleRoot, "docs", file), []byte(replaced))
		return
	}
	if diff := cmp.Diff(table, match[2]); diff != "" {
		t.Errorf("docs/%s, %s: run this test with -write-docs (-package +document):\n%s", file, name, diff)
	}
}

func alertsTable() string {
	var b strings.Builder
	b.WriteString("| alert | fires when | there |\n|---|---|---|\n")
	for _, a := range rules.Alerts() {
		there := "by option"
		if a.Default {
			there = "by default"
		}
		fmt.Fprintf(&b, "| [`%s`](%s#%s) | %s | %s |\n", a.Name, runbooks(), strings.ToLower(a.Name), a.Description, there)
	}
	return b.String()
}

// runbooks is the document that the annotation runbook_url points to.
func runbooks() string {
	file, _, _ := strings.Cut(path.Base(rules.DefaultRunbookURL), "#")
	return file
}

func tiersTable(period time.Duration) string {
	var b strings.Builder
	b.WriteString("| tier | severity | burn rate above | over | and over | share of the budget |\n|---|---|--:|--:|--:|--:|\n")
	for _, tier := range rules.StandardTiers(period) {
		fmt.Fprintf(&b, "| `%s` | %s | %v | %s | %s | %.0f %% |\n", tier.Name, tier.Severity, tier.Factor,
			rules.Duration(tier.Long), rules.Duration(tier.Short), 100*tier.Share(period))
	}
	return b.String()
}

func periodsTable() string {
	const day = 24 * time.Hour
	periods := []time.Duration{7 * day, 28 * day, 30 * day, 90 * day}
	var b strings.Builder
	b.WriteString("| tier | factor |")
	for _, p := range periods {
		fmt.Fprintf(&b, " %s |", rules.Duration(p))
	}
	b.WriteString("\n|---|--:|" + strings.Repeat("---|", len(periods)) + "\n")
	for i, tier := range rules.StandardTiers(otelsli.DefaultWindow) {
		fmt.Fprintf(&b, "| `%s` | %v |", tier.Name, tier.Factor)
		for _, p := range periods {
			scaled := rules.StandardTiers(p)[i]
			fmt.Fprintf(&b, " %s and %s, %.1f %% |", rules.Duration(scaled.Long), rules.Duration(scaled.Short), 100*scaled.Share(p))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func recordsTable(t *testing.T) string {
	t.Helper()
	c, _, err := newShop(otelsli.Counters)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Generate(c.Describe(), rules.Job("shop"), rules.WithBreakdown())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| record | unit | labels | what it is |\n|---|---|---|---|\n")
	for _, m := range set.Metrics() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Unit, strings.Join(m.Labels, ", "), m.Description)
	}
	return b.String()
}

// late is how much later than computed an alert may begin or end, as internal/conformance has it: a scrape, and an
// interval for each link of the chain.
const late = 4 * time.Minute

var detectionRow = regexp.MustCompile(`(?m)^\| ([0-9.]+) % \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$`)

// The table of detection and reset times has what follows from the tiers, beside what the engine found.
func TestDocumentedDetection(t *testing.T) {
	t.Parallel()
	const budget = 0.001
	tiers := make(map[string]rules.Tier)
	for _, tier := range rules.StandardTiers(otelsli.DefaultWindow) {
		tiers[tier.Name] = tier
	}
	rows := detectionRow.FindAllStringSubmatch(document(t, "slo-maths.md"), -1)
	if len(rows) != 4 {
		t.Fatalf("%d rows of detection times, want 4", len(rows))
	}
	for _, row := range rows {
		percent, err := strconv.ParseFloat(row[1], 64)
		tier, ok := tiers[row[2]]
		if err != nil || !ok {
			t.Fatalf("row %q: %v, tier known: %v", row[0], err, ok)
		}
		threshold := tier.Factor * budget / (percent / 100)
		judgeTimes(t, row[0], row[3:5], threshold*float64(tier.Long))
		judgeTimes(t, row[0], row[5:7], (1-threshold)*float64(tier.Short))
	}
}

// judgeTimes compares what is documented as computed and as evaluated with what is to be expected.
func judgeTimes(t *testing.T, row string, documented []string, nanoseconds float64) {
	t.Helper()
	want := time.Duration(nanoseconds).Round(time.Second)
	computed, err1 := time.ParseDuration(documented[0])
	evaluated, err2 := time.ParseDuration(documented[1])
	if err1 != nil || err2 != nil || computed != want || evaluated < want || evaluated > want+late {
		t.Errorf("row %q: %s and %s, want %v and up to %v more", row, documented[0], documented[1], want, late)
	}
}

// runbookParts are the headings of each runbook.
var runbookParts = []string{"What it means", "First look", "Queries", "What to do", "When to silence"}

func TestEachAlertHasARunbook(t *testing.T) {
	t.Parallel()
	sections := make(map[string]string)
	for _, section := range strings.Split(document(t, runbooks()), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	var names []string
	for _, a := range rules.Alerts() {
		names = append(names, a.Name)
		var parts []string
		for _, heading := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(sections[a.Name], -1) {
			parts = append(parts, heading[1])
		}
		if !slices.Equal(parts, runbookParts) {
			t.Errorf("the runbook of %s has %q, want %q", a.Name, parts, runbookParts)
		}
	}
	slices.Sort(names)
	if got := slices.Sorted(maps.Keys(sections)); !slices.Equal(got, names) {
		t.Errorf("runbooks are of %q, want %q", got, names)
	}
}

// documentedAnnotation is the example in docs/alerts.md.
var documentedAnnotation = regexp.MustCompile(`(?m)^> ?(.*)\n`)

// The example is made up; its words are not.
func TestDocumentedPage(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, match := range documentedAnnotation.FindAllStringSubmatch(document(t, "alerts.md"), -1) {
		lines = append(lines, match[1])
	}
	summary, description, _ := strings.Cut(strings.Join(lines, " "), "  ")
	golden, err := os.ReadFile(filepath.Join("testdata", "alerts_burn.golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{summary, description} {
		text = figuresInWords.ReplaceAllString(strings.TrimSpace(text), "#")
		if text == "" || !strings.Contains(string(golden), text+"\n") {
			t.Errorf("the page of docs/alerts.md says %q; a real one says\n%s", text, golden)
		}
	}
}

var promqlBlock = regexp.MustCompile("(?s)```promql\n(.*?)```")

// queries runs every query of the runbooks during an outage. Those about what the shop has return data.
func (w *alertWorld) queries(t *testing.T) {
	text := document(t, runbooks())
	windows := strings.NewReplacer("increase5m", "increase5s", "increase1h", "increase10s")
	var run int
	for _, block := range promqlBlock.FindAllStringSubmatch(text, -1) {
		for query := range strings.Lines(block[1]) {
			query = windows.Replace(strings.TrimSpace(query))
			run++
			vector, err := w.prometheus.Query(t.Context(), query)
			if err != nil {
				t.Error(err)
			}
			if len(vector) == 0 && err == nil && !ofOthers.MatchString(query) {
				t.Errorf("no data for %s", query)
			}
		}
	}
	if run < 20 {
		t.Errorf("%d queries were run: the runbooks have more", run)
	}
}

// ofOthers are queries that have nothing to say here: of the other layout, and of the past.
var ofOthers = regexp.MustCompile(`sli_events_total\{|offset|sli_objective_window`)
