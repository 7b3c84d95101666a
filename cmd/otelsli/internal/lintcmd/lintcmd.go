// Package lintcmd implements the command "otelsli lint".
//
//	otelsli lint --from ./cmd/shop --pods 20 --retention 15d
//
// # Output
//
// The text lists the findings by SLI, and what the catalog costs. The JSON has the same content:
// {"findings": […], "cost": {…}}.
//
// # Exit status
//
// 1 if a finding is at least as severe as --fail-on, which is error by default.
//
// # Cost
//
// The cost of reading the catalog.
//
// # Concurrency
//
// A command runs once at a time.
package lintcmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

type flags struct {
	source      sloflags.Source
	rules       sloflags.Rules
	pods        int
	scrape      time.Duration
	retention   time.Duration
	rps         float64
	temporality string
	maxPerSLI   int
	maxSeries   int
	failOn      string
}

// A report is the JSON of the command.
type report struct {
	Findings []lint.Finding `json:"findings"`
	Cost     lint.Cost      `json:"cost"`
}

// New returns the command.
func New(app *cli.App) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "lint --from SOURCE",
		Short: "Find likely mistakes in the declarations, and what the SLIs cost",
		Long: `Find alerts that can never fire, windows that are too short or too long, labels
that a scrape renames, and what the SLIs cost in series. Checks that depend on the
server or the traffic need the flags that describe them.

` + checks() + "\n" + sloflags.SourceHelp,
		Example: `  otelsli lint --from ./cmd/shop
  otelsli lint --from ./cmd/shop --pods 20 --retention 15d --scrape-interval 30s
  otelsli lint --from http://127.0.0.1:9464 --rps 0.2 --fail-on warning`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, app) },
	}
	f.source.Add(cmd)
	f.rules.Add(cmd)
	fs := cmd.Flags()
	fs.IntVar(&f.pods, "pods", 1, "number of processes that export the SLIs at the same time")
	sloflags.DurationVar(fs, &f.scrape, "scrape-interval", lint.DefaultScrapeInterval, "time between two scrapes or exports")
	sloflags.DurationVar(fs, &f.retention, "retention", 0, "how long the server keeps data, for Prometheus 15d unless set; 0 means unknown")
	fs.Float64Var(&f.rps, "rps", 0, "events per second of each SLI; 0 means unknown")
	fs.StringVar(&f.temporality, "temporality", "cumulative", "temporality of the export to a PromQL server: cumulative or delta")
	fs.IntVar(&f.maxPerSLI, "max-series-per-sli", lint.DefaultMaxSeriesPerSLI, "maximum number of series of one SLI, across all processes")
	fs.IntVar(&f.maxSeries, "max-series", lint.DefaultMaxSeries, "maximum number of series of all SLIs, across all processes")
	fs.StringVar(&f.failOn, "fail-on", string(lint.Error), "lowest severity that sets exit status 1: info, warning, error or never")
	for name, values := range map[string][]string{"fail-on": {"info", "warning", "error", "never"}, "temporality": {"cumulative", "delta"}} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func checks() string {
	var b strings.Builder
	b.WriteString("Checks:\n")
	width := 0
	for _, c := range lint.Checks() {
		width = max(width, len(c.Name))
	}
	for _, c := range lint.Checks() {
		first, _, _ := strings.Cut(c.Description, ".")
		fmt.Fprintf(&b, "%s\n", term.Wrap(fmt.Sprintf("  %-*s  %s", width, c.Name, first), 80, width+4))
	}
	return b.String()
}

func (f *flags) run(cmd *cobra.Command, app *cli.App) error {
	if f.temporality != "cumulative" && f.temporality != "delta" {
		return fmt.Errorf("--temporality %q: want cumulative or delta", f.temporality)
	}
	if s := lint.Severity(f.failOn); f.failOn != "never" && !s.AtLeast(lint.Info) {
		return fmt.Errorf("--fail-on %q: want info, warning, error or never", f.failOn)
	}
	d, err := f.source.Read(cmd.Context(), app, cmd)
	if err != nil {
		return err
	}
	set, err := f.rules.Generate(d, "lint")
	if err != nil {
		return err
	}
	r := report{Findings: f.check(d, set), Cost: lint.Costs(d, set, f.pods)}
	if r.Findings == nil {
		r.Findings = []lint.Finding{}
	}
	if err := app.Print(r, func() { write(app, r) }); err != nil {
		return err
	}
	if worst := lint.Worst(r.Findings); f.failOn != "never" && worst != "" && worst.AtLeast(lint.Severity(f.failOn)) {
		return cli.ErrProblems
	}
	return nil
}

func (f *flags) check(d *otelsli.Description, set *rules.Set) []lint.Finding {
	options := []lint.Option{
		lint.WithRules(set), lint.WithScrapeInterval(f.scrape), lint.WithRetention(f.retention), lint.WithPods(f.pods),
		lint.WithTraffic(f.rps), lint.WithMinFailures(f.rules.MinFailures), lint.WithMaxSeries(f.maxPerSLI, f.maxSeries),
	}
	if f.temporality == "delta" {
		options = append(options, lint.WithDeltaTowardsPrometheus())
	}
	return lint.Check(d, options...)
}

func write(app *cli.App, r report) {
	width := app.Width()
	subject := ""
	for i, f := range r.Findings {
		name := f.SLI
		if name == "" {
			name = "the catalog"
		}
		if i == 0 || name != subject {
			subject = name
			fmt.Fprintln(app.Out, app.Style.Bold(term.Plain(name)))
		}
		field := ""
		if f.Field != "" {
			field = f.Field + ": "
		}
		mark := map[lint.Severity]string{lint.Error: app.Style.Bad("error  "), lint.Warning: app.Style.Warn("warning"), lint.Info: app.Style.Dim("info   ")}[f.Severity]
		fmt.Fprintln(app.Out, "  "+mark+"  "+strings.TrimLeft(term.Wrap(strings.Repeat(" ", 11)+term.Plain(field+f.Message), width, 11), " "))
		fmt.Fprintln(app.Out, app.Style.Dim(term.Wrap(strings.Repeat(" ", 11)+"fix: "+term.Plain(f.Fix)+" ["+f.Check+"]", width, 16)))
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(app.Out)
	}
	c := r.Cost
	fmt.Fprintln(app.Out, term.Wrap(fmt.Sprintf("%s; %s, %d series in %s, %d rules (%d recording, %d alerting)", summary(app, r.Findings),
		plural(len(c.SLIs), "SLI"), c.Series, plural(c.Pods, "process"), c.Rules, c.Recorded, c.Alerts), width, 0))
}

func summary(app *cli.App, all []lint.Finding) string {
	counts := map[lint.Severity]int{}
	for _, f := range all {
		counts[f.Severity]++
	}
	switch {
	case len(all) == 0:
		return app.Style.Good("ok")
	case counts[lint.Error] > 0:
		return app.Style.Bad(plural(counts[lint.Error], "error")) + ", " + plural(counts[lint.Warning], "warning")
	case counts[lint.Warning] > 0:
		return app.Style.Warn(plural(counts[lint.Warning], "warning"))
	}
	return app.Style.Good("no errors, no warnings")
}

func plural(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "s"):
		what += "es"
	default:
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
