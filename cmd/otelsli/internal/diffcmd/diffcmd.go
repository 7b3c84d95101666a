// Package diffcmd implements the command "otelsli diff".
//
//	otelsli diff slis.json ./cmd/shop
//
// # Output
//
// The text lists the changes, each with its effect on series and rules, and the alerts that are added,
// removed or changed. The JSON is that of diff.Report.
//
// # Exit status
//
// 1 if a change is at least as severe as --fail-on, which is never by default.
//
// # Cost
//
// The cost of reading both catalogs.
//
// # Concurrency
//
// A command runs once at a time.
package diffcmd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/slo/diff"
)

type flags struct {
	reader sloflags.Reader
	rules  sloflags.Rules
	failOn string
}

// New returns the command.
func New(app *cli.App) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what a change to the declarations does to series, rules and alerts",
		Long: `Show what a change to the declarations does: which series continue, restart or end,
what happens to the budget, and which alerts are added, removed or changed. OLD and
NEW are sources. Compare like with like: a Go package lacks the SLIs declared at run
time, so compared with a running service they would look removed.

` + sloflags.SourceHelp,
		Example: `  otelsli diff http://shop.example:9464 http://127.0.0.1:9464   # what a deployment would do
  otelsli catalog --from ./cmd/shop -o json > slis.json         # once, and then in CI:
  otelsli diff --fail-on break slis.json ./cmd/shop`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("OLD and NEW: %d sources: want 2, such as: otelsli diff slis.json ./cmd/shop", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, app, args) },
	}
	f.reader.Add(cmd)
	f.rules.Add(cmd)
	cmd.Flags().StringVar(&f.failOn, "fail-on", "never", "lowest severity that sets exit status 1: notice, break or never")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"notice", "break", "never"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *flags) run(cmd *cobra.Command, app *cli.App, args []string) error {
	severities := []diff.Severity{diff.None, diff.Notice, diff.Break}
	if f.failOn != "never" && slices.Index(severities, diff.Severity(f.failOn)) < 1 {
		return fmt.Errorf("--fail-on %q: want notice, break or never", f.failOn)
	}
	if args[0] == "-" && args[1] == "-" {
		return errors.New("OLD and NEW are both standard input: want another source for one of them")
	}
	before, err := f.reader.Read(cmd.Context(), app, cmd, args[0])
	if err != nil {
		return err
	}
	after, err := f.reader.Read(cmd.Context(), app, cmd, args[1])
	if err != nil {
		return err
	}
	options, err := f.rules.Options()
	if err != nil {
		return err
	}
	report, err := diff.Compare(before, after, options...)
	if err != nil {
		return err
	}
	if err := app.Print(report, func() { write(app, report) }); err != nil {
		return err
	}
	if f.failOn != "never" && slices.Index(severities, report.Worst()) >= slices.Index(severities, diff.Severity(f.failOn)) {
		return cli.ErrProblems
	}
	return nil
}

func write(app *cli.App, r *diff.Report) {
	if len(r.Changes) == 0 {
		fmt.Fprintln(app.Out, app.Style.Good("no changes"))
		return
	}
	for _, c := range r.Changes {
		writeChange(app, c)
	}
	if len(r.Alerts) > 0 {
		fmt.Fprintln(app.Out, app.Style.Bold("Burn-rate alerts"))
		for _, a := range r.Alerts {
			mark := map[string]string{"added": app.Style.Good("+"), "removed": app.Style.Bad("-"), "changed": app.Style.Warn("~")}[a.Change]
			fmt.Fprintf(app.Out, "  %s %s %s %s\n", mark, a.SLI, a.SLO, a.Tier)
			for _, text := range []struct{ name, text string }{{"old", a.Old}, {"new", a.New}} {
				if text.text != "" {
					fmt.Fprintln(app.Out, term.Wrap(fmt.Sprintf("      %s  %s", text.name, text.text), app.Width(), 11))
				}
			}
		}
		fmt.Fprintln(app.Out)
	}
	fmt.Fprintf(app.Out, "series per process: %d, now %d; rules: %d, now %d\n", r.Series.Old, r.Series.New, r.Rules.Old, r.Rules.New)
}

func writeChange(app *cli.App, c diff.Change) {
	severity := map[diff.Severity]string{
		diff.Break: app.Style.Bad("break"), diff.Notice: app.Style.Warn("notice"), diff.None: app.Style.Dim("none"),
	}[c.Severity]
	title := cmp.Or(c.SLI, "the catalog")
	if c.Field != "" {
		title += ": " + c.Field
	}
	what := ": " + cmp.Or(c.New, c.Old)
	if c.Field != "" {
		what = fmt.Sprintf(": %s, now %s", cmp.Or(c.Old, "none"), cmp.Or(c.New, "none"))
	}
	fmt.Fprintln(app.Out, term.Wrap(app.Style.Bold(term.Plain(title))+term.Plain(what)+"  ["+severity+"]", app.Width(), 2))
	for _, part := range []struct{ name, text string }{{"series", c.Series}, {"rules", c.Rules}, {"advice", c.Advice}} {
		if part.text != "" {
			fmt.Fprintln(app.Out, term.Wrap(fmt.Sprintf("  %-7s %s", part.name, term.Plain(part.text)), app.Width(), 10))
		}
	}
	fmt.Fprintln(app.Out)
}
