package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Every kind of output is accepted by the program that is to load it.

// A checker is such a program, with a rule file as its last argument.
type checker struct {
	server Server
	beside string // the program, in the folder of the server's
	args   []string
	format rules.Format
}

var checkers = map[string]checker{
	"promtool2": {Prometheus2, "promtool", []string{"check", "rules", "--lint-fatal"}, rules.Prometheus{}},
	"promtool3": {Prometheus3, "promtool", []string{"check", "rules", "--lint-fatal"}, rules.Prometheus{}},
	"operator":  {Prometheus2, "promtool", []string{"check", "rules", "--lint-fatal"}, rules.PrometheusRule{Labels: map[string]string{"release": "prometheus"}}},
	"mimir":     {Prometheus2, "promtool", []string{"check", "rules", "--lint-fatal"}, rules.Mimir{}},
	"vmalert":   {VictoriaMetrics, "vmalert", []string{"-dryRun", "-rule"}, rules.VMAlert{}},
}

// check returns what the program says about a rule file.
func (c checker) check(t *testing.T, text string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yml")
	writeFile(t, file, []byte(text))
	program := filepath.Join(filepath.Dir(c.server.Binary(t)), c.beside)
	output, err := exec.Command(program, append(c.args, file)...).CombinedOutput()
	return string(output), err
}

// A profile is a way to make rules.
type profile struct {
	name    string
	layout  otelsli.Layout
	periods []time.Duration // of the static file; nil: rules are generated
	options []rules.Option
	refused string // checkers that do not take it, or that its format refuses
}

func profiles() []profile {
	const day = 24 * time.Hour
	all := []profile{
		{name: "plain"},
		{name: "outcomes", layout: otelsli.Outcomes},
		{name: "everything", options: []rules.Option{
			rules.WithBreakdown(), rules.WithExactBudget(), rules.WithTrafficCeased(), rules.WithMostlyIgnored(),
			rules.WithGroupBy("cluster", "namespace", "version"), rules.WithAlertLabels(map[string]string{"team": "orders"}),
			rules.WithDashboardURL("https://grafana.example/d/{sli}?var-job={job}"), rules.WithSeverities("critical", "warning"),
		}},
		{name: "least", options: []rules.Option{
			rules.WithoutPresence(), rules.WithOnlyTiers(rules.PageFast), rules.WithRunbookURL(""), rules.WithMinFailures(0),
		}},
		{name: "keep firing", options: []rules.Option{rules.WithKeepFiringFor(10 * time.Minute)}, refused: "vmalert"},
		// eval_delay, as vmalert calls it, came after Debian's release.
		{name: "query offset", options: []rules.Option{rules.WithQueryOffset(time.Minute)}, refused: "promtool2 operator mimir vmalert"},
		{name: "static", layout: otelsli.Outcomes, periods: []time.Duration{30 * day}},
		{name: "static, all periods and options", layout: otelsli.Outcomes, periods: []time.Duration{7 * day, 28 * day, 30 * day, 90 * day}, options: []rules.Option{
			rules.WithTrafficCeased(), rules.WithMostlyIgnored(), rules.WithGroupBy("cluster"),
		}},
	}
	for _, strategy := range names.Strategies() {
		p := profile{name: strategy.String(), options: []rules.Option{rules.WithTranslation(strategy)}}
		if strategy.UTF8() {
			p.refused = "promtool2 operator mimir vmalert" // the second and third are read by a promtool 2 here
		}
		q := p
		q.name, q.layout, q.periods = "static, "+q.name, otelsli.Outcomes, []time.Duration{30 * day}
		all = append(all, p, q)
	}
	return all
}

func (p profile) set(t *testing.T) *rules.Set {
	t.Helper()
	c, _, err := newShop(p.layout)
	if err != nil {
		t.Fatal(err)
	}
	var set *rules.Set
	if p.periods != nil {
		set, err = rules.Static(p.periods, p.options...)
	} else {
		set, err = rules.Generate(c.Describe(), rules.Job("shop"), p.options...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestAlertRulesAreAccepted(t *testing.T) {
	t.Parallel()
	for name, c := range checkers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Require(t, c.server)
			for _, p := range profiles() {
				var text strings.Builder
				output, err := "", p.set(t).Write(&text, c.format)
				if err == nil {
					output, err = c.check(t, withoutEnvelope(text.String()))
				}
				if refused := strings.Contains(p.refused, name); refused != (err != nil) {
					t.Errorf("%s: %v; should be refused: %v\n%s", p.name, err, refused, output)
				}
			}
		})
	}
}

// withoutEnvelope leaves what promtool reads of a PrometheusRule and of a namespace of Mimir.
func withoutEnvelope(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		indent, rest, ok := strings.Cut(line, "groups:")
		if !ok || strings.TrimSpace(indent+rest) != "" {
			continue
		}
		var b strings.Builder
		for _, line := range lines[i:] {
			b.WriteString(strings.TrimPrefix(line, indent))
		}
		return b.String()
	}
	return text
}

// The static files of the repository are accepted as they stand.
func TestStaticFilesAreAccepted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(moduleRoot, "slo", "rules", "static", "*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("static files: %q, %v", files, err)
	}
	for _, name := range []string{"promtool2", "promtool3", "vmalert"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Require(t, checkers[name].server)
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if output, err := checkers[name].check(t, string(text)); err != nil {
					t.Errorf("%s: %v\n%s", file, err, output)
				}
			}
		})
	}
}

// The configuration of docs/alerts.md with the inhibitions behind it is one that Alertmanager takes, and it routes as
// the document says.
func TestDocumentedRoutes(t *testing.T) {
	t.Parallel()
	amtool := filepath.Join(filepath.Dir(Alertmanager.Binary(t)), "amtool")
	set := profiles()[0].set(t)
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	writeFile(t, file, []byte(documentedRoutes(t, "http://127.0.0.1:1")+written(t, set.WriteInhibitions)))
	if output, err := exec.Command(amtool, "check-config", file).CombinedOutput(); err != nil {
		t.Fatalf("amtool check-config: %v\n%s", err, output)
	}
	for severity, want := range map[string]string{"page": "pager", "ticket": "tickets"} {
		output, err := exec.Command(amtool, "config", "routes", "test", "--config.file="+file, "severity="+severity).Output()
		if got := strings.TrimSpace(string(output)); err != nil || got != want {
			t.Errorf("a %s goes to %q (%v), want %q", severity, got, err, want)
		}
	}
}
