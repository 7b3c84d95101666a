// Package testcmd is the command "otelsli test".
//
//	otelsli test --from ./cmd/shop --job shop --out deploy/slo
//
// # What it does
//
// It writes the rules and unit tests for them, in the format of promtool, and has promtool run the
// tests where it is installed. The tests are those of package promtest.
//
// # Exit status
//
// 1 where a test fails, or where --check finds a file that is not current. A promtool that is not
// there is an error with --run always alone.
//
// # Cost
//
// Some seconds for each SLI, in promtool.
//
// # Concurrency
//
// One run of a command at a time.
package testcmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/files"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/progress"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/promtest"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

type flags struct {
	source    sloflags.Source
	rules     sloflags.Rules
	out       string
	check     bool
	force     bool
	run       string
	promtool  string
	incidents []string
}

var runs = []string{"auto", "always", "never"}

// New returns the command.
func New(app *cli.App) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "test --from SOURCE --job JOB",
		Short: "Prove the rules by unit tests, and run them with promtool",
		Long: `Write rules with unit tests for promtool beside them, and run the tests where
promtool is installed. They prove that a healthy, an idle and a quiet service
alert nobody, that an outage pages at the computed time and ends in time, and
that series and targets that are gone are missed. Without --out nothing is left.

` + sloflags.SourceHelp,
		Example: `  otelsli test --from ./cmd/shop --job shop
  otelsli test --from ./cmd/shop --job shop --out deploy/slo
  otelsli test --from slis.json --job shop --incident "5% failures for 40m at 10 rps"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.execute(cmd, app) },
	}
	f.source.Add(cmd)
	f.rules.Add(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.out, "out", "", "`directory` to write rules and tests to (default: a temporary one)")
	fs.BoolVar(&f.check, "check", false, "write nothing; show what is not current, and end with status 1")
	fs.BoolVar(&f.force, "force", false, "overwrite files that were not generated")
	fs.StringVar(&f.run, "run", runs[0], "promtool: "+strings.Join(runs, ", "))
	fs.StringVar(&f.promtool, "promtool", "promtool", "`path` of promtool")
	fs.StringArrayVar(&f.incidents, "incident", nil, "`incident` to be tested too, as of otelsli simulate; repeatable")
	_ = cmd.MarkFlagDirname("out")
	_ = cmd.RegisterFlagCompletionFunc("run", cobra.FixedCompletions(runs, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// A report is the JSON of the command.
type report struct {
	Files   []files.Change `json:"files"`
	Tests   []string       `json:"tests"`
	Notices []string       `json:"notices"`
	Ran     bool           `json:"ran"`
	OK      bool           `json:"ok"` // of what ran; true where nothing did
	Output  string         `json:"output,omitempty"`
	Seconds float64        `json:"seconds,omitempty"`
}

func (f *flags) execute(cmd *cobra.Command, app *cli.App) error {
	if f.check && f.out == "" {
		return errors.New("--check needs --out: want the directory that the files are in")
	}
	if f.out == "-" {
		return errors.New("--out -: want a directory, for promtool reads the files")
	}
	promtool, err := f.tool()
	if err != nil {
		return err
	}
	d, err := f.source.Read(cmd.Context(), app, cmd)
	if err != nil {
		return err
	}
	r, err := f.test(cmd.Context(), app, d, promtool)
	if err != nil {
		return err
	}
	if err := app.Print(r, func() { write(app, r, promtool) }); err != nil {
		return err
	}
	if !r.OK || f.check && files.Changed(r.Files) {
		return cli.ErrProblems
	}
	return nil
}

// tool finds promtool, "" where it is not to run.
func (f *flags) tool() (string, error) {
	switch f.run {
	case "never":
		return "", nil
	case "auto", "always":
	default:
		return "", fmt.Errorf("--run %q: want auto, always or never", f.run)
	}
	path, err := exec.LookPath(f.promtool)
	if err != nil && f.run == "always" {
		return "", fmt.Errorf("promtool: %w: install Prometheus, or name it by --promtool", err)
	}
	return path, nil // "" where there is none
}

// test writes the files, and has promtool run them.
func (f *flags) test(ctx context.Context, app *cli.App, d *otelsli.Description, promtool string) (*report, error) {
	dir := f.out
	if dir == "" {
		temporary, err := os.MkdirTemp("", "otelsli-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	suite, output, err := f.generate(d, dir)
	if err != nil {
		return nil, err
	}
	put := output.Write
	if f.check {
		put = output.Changes
	}
	changes, err := put()
	if err != nil {
		return nil, err
	}
	r := &report{Files: changes, Notices: append([]string{}, suite.Notices...), OK: true}
	if f.out == "" {
		r.Files = []files.Change{}
	}
	for _, t := range suite.Tests {
		r.Tests = append(r.Tests, t.Name)
	}
	if promtool == "" || f.check && files.Changed(changes) {
		return r, nil
	}
	return r, r.run(ctx, app, promtool, filepath.Join(dir, f.file("rules_test.yml")))
}

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// safeName is that of the service, fit for the name of a file.
func (f *flags) safeName() string {
	return notInFileNames.ReplaceAllString(f.rules.ServiceName(), "_")
}

func (f *flags) file(suffix string) string { return f.safeName() + "-" + suffix }

// generate makes the rules and their tests.
func (f *flags) generate(d *otelsli.Description, dir string) (*promtest.Suite, *files.Output, error) {
	set, err := f.rules.Generate(d, "")
	if err != nil {
		return nil, nil, err
	}
	if f.rules.Job == "" {
		return nil, nil, errors.New("--jobs-matching cannot be tested: want --job with one that matches")
	}
	options, err := f.options()
	if err != nil {
		return nil, nil, err
	}
	suite, err := promtest.Generate(d, set, f.rules.Job, []string{f.file("rules.yml")}, options...)
	if err != nil {
		return nil, nil, err
	}
	output := &files.Output{Dir: dir, Kind: "test-" + f.safeName(), Force: f.force}
	var rulesText, testsText bytes.Buffer
	if err := errors.Join(set.Write(&rulesText, rules.Prometheus{}), suite.Write(&testsText)); err != nil {
		return nil, nil, err
	}
	output.Add(f.file("rules.yml"), rulesText.Bytes())
	output.Add(f.file("rules_test.yml"), testsText.Bytes())
	return suite, output, nil
}

func (f *flags) options() ([]promtest.Option, error) {
	strategy, err := f.rules.Strategy()
	if err != nil {
		return nil, err
	}
	options := []promtest.Option{promtest.WithTranslation(strategy), promtest.WithMinFailures(f.rules.MinFailures)}
	for _, text := range f.incidents {
		in, err := simulate.Parse(text)
		if err != nil {
			return nil, err
		}
		options = append(options, promtest.WithIncident(in))
	}
	return options, nil
}

// run runs promtool.
func (r *report) run(ctx context.Context, app *cli.App, promtool, tests string) error {
	line := progress.Start(app.Err, app.Live)
	defer line.Stop()
	line.Show(fmt.Sprintf("promtool runs %d tests", len(r.Tests)))
	began := time.Now()
	cmd := exec.CommandContext(ctx, promtool, "test", "rules", tests) //nolint:gosec // the promtool that the user names
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return errors.New("promtool: was interrupted")
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("promtool: %w", err)
	}
	r.Ran, r.OK, r.Output, r.Seconds = true, err == nil, string(out), time.Since(began).Seconds()
	return nil
}

func write(app *cli.App, r *report, promtool string) {
	for _, c := range r.Files {
		fmt.Fprintf(app.Out, "%-9s  %s\n", c.Change, term.Plain(c.Path))
		fmt.Fprint(app.Out, c.Diff)
	}
	for _, t := range r.Tests {
		mark := " "
		if r.Ran && r.OK {
			mark = app.Style.Good("ok")
		}
		fmt.Fprintln(app.Out, term.Wrap(fmt.Sprintf("  %-2s %s", mark, term.Plain(t)), app.Width(), 5))
	}
	for _, n := range r.Notices {
		fmt.Fprintln(app.Out, app.Style.Dim(term.Wrap("     "+term.Plain(n), app.Width(), 5)))
	}
	switch {
	case !r.Ran && promtool == "":
		fmt.Fprintln(app.Out, app.Style.Warn("not run: promtool is not installed, or was not to run"))
	case !r.Ran:
		fmt.Fprintln(app.Out, app.Style.Bad("not run: the files are not current"))
	case r.OK:
		fmt.Fprintln(app.Out, app.Style.Good(fmt.Sprintf("ok: promtool ran %d tests in %.1f s", len(r.Tests), r.Seconds)))
	default:
		fmt.Fprint(app.Out, r.Output)
		fmt.Fprintln(app.Out, app.Style.Bad("failed"))
	}
}
