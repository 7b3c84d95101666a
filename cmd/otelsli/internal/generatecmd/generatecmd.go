// Package generatecmd is the command "otelsli generate".
//
//	otelsli generate rules --from ./cmd/shop --job shop --out deploy/slo
//	otelsli generate rules --check   # the same from otelsli.yaml, in CI
//
// # Kinds
//
// Rules, dashboards, OpenSLO, Sloth, and the inhibition rules of Alertmanager. Each kind has a
// function that adds its files to an output; all else is common.
//
// # Output
//
// The text has a line for each file, the JSON the same as {"files": […], "notices": […]}. With
// --check the differences are in both, and nothing is written.
//
// # Exit status
//
// 1 where --check finds a file that is not current.
//
// # Concurrency
//
// One run of a command at a time.
package generatecmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/files"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// A generation is one run of one kind.
type generation struct {
	source sloflags.Source
	rules  sloflags.Rules
	out    string
	check  bool
	force  bool

	description *otelsli.Description
	set         *rules.Set
	output      files.Output
	notices     []string
}

// A kind is something that can be generated.
type kind struct {
	name, short, long, example string
	sourceless                 bool // there is no catalog: it serves all services
	flags                      func(*cobra.Command)
	generate                   func(*generation) error
}

// New returns the command.
func New(app *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write rules, dashboards and SLO documents for the SLIs of a service",
		Long: `Write what follows from the SLIs of a service. Files are written in one step each;
those that were generated before and no longer are, and no others, are removed.`,
	}
	for _, k := range kinds() {
		cmd.AddCommand(newKind(app, k))
	}
	return cmd
}

func newKind(app *cli.App, k kind) *cobra.Command {
	var g generation
	use, long := k.name+" --from SOURCE --job JOB --out DIR", k.long+"\n\n"+sloflags.SourceHelp
	if k.sourceless {
		use, long = k.name+" --out DIR", k.long
	}
	cmd := &cobra.Command{
		Use:     use,
		Short:   k.short,
		Long:    long,
		Example: k.example,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.run(cmd, app, k) },
	}
	if k.sourceless {
		sloflags.AddConfig(cmd)
		g.rules.AddStatic(cmd)
	} else {
		g.source.Add(cmd)
		g.rules.Add(cmd)
	}
	cmd.Flags().StringVar(&g.out, "out", "", "`directory` to write to; - is standard output")
	cmd.Flags().BoolVar(&g.check, "check", false, "write nothing; show what is not current, and end with status 1")
	cmd.Flags().BoolVar(&g.force, "force", false, "overwrite files that were not generated")
	_ = cmd.MarkFlagDirname("out")
	if k.flags != nil {
		k.flags(cmd)
	}
	return cmd
}

// A result is the JSON of the command.
type result struct {
	Files   []files.Change `json:"files"`
	Notices []string       `json:"notices"`
}

func (g *generation) run(cmd *cobra.Command, app *cli.App, k kind) error {
	if err := g.missing(k); err != nil {
		return err
	}
	if !k.sourceless {
		if err := g.read(cmd, app); err != nil {
			return err
		}
	}
	g.output = files.Output{Dir: g.out, Kind: g.owned(k), Force: g.force}
	if err := k.generate(g); err != nil {
		return err
	}
	if g.out == "-" {
		g.note(app, g.notices)
		return g.output.Print(app.Out)
	}
	return g.finish(app)
}

// missing is all that the command line lacks.
func (g *generation) missing(k kind) error {
	var problems []error
	if !k.sourceless {
		_, err := g.rules.Jobs("")
		problems = append(problems, g.source.Missing(), err)
	}
	if g.out == "" {
		problems = append(problems, errors.New("--out is missing: want a directory, or - for standard output"))
	}
	if g.out == "-" && g.check {
		problems = append(problems, errors.New("--check with --out -: want the directory that the files are in"))
	}
	return errors.Join(problems...)
}

// read reads the catalog, and makes its rules.
func (g *generation) read(cmd *cobra.Command, app *cli.App) error {
	d, err := g.source.Read(cmd.Context(), app, cmd)
	if err != nil {
		return err
	}
	g.description = d
	g.set, err = g.rules.Generate(d, "")
	return err
}

// finish writes or checks the files, and says so.
func (g *generation) finish(app *cli.App) error {
	write := g.output.Write
	if g.check {
		write = g.output.Changes
	}
	changes, err := write()
	if err != nil {
		return err
	}
	r := result{Files: changes, Notices: append([]string{}, g.notices...)}
	if err := app.Print(r, func() { g.write(app, r) }); err != nil {
		return err
	}
	if g.check && files.Changed(changes) {
		return cli.ErrProblems
	}
	return nil
}

// add adds the file that write writes.
func (g *generation) add(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	g.output.Add(name, b.Bytes())
	return nil
}

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// owned is what a kind of files is known by: services may share a directory, and none removes what another has.
func (g *generation) owned(k kind) string {
	if k.sourceless {
		return k.name
	}
	return k.name + "-" + notInFileNames.ReplaceAllString(g.rules.ServiceName(), "_")
}

// file names a file of the service.
func (g *generation) file(suffix string) string {
	return notInFileNames.ReplaceAllString(g.rules.ServiceName(), "_") + "-" + suffix
}

func (g *generation) write(app *cli.App, r result) {
	for _, c := range r.Files {
		if c.Diff != "" {
			fmt.Fprint(app.Out, coloured(app.Style, c.Diff))
			continue
		}
		fmt.Fprintf(app.Out, "%-9s  %s\n", c.Change, term.Plain(c.Path))
	}
	if g.check {
		verdict := app.Style.Good("current")
		if files.Changed(r.Files) {
			verdict = app.Style.Bad("not current: run the same command without --check")
		}
		fmt.Fprintln(app.Out, verdict)
	}
	g.note(app, r.Notices)
}

// note says what was left out, where it is in nobody's way.
func (*generation) note(app *cli.App, notices []string) {
	for _, n := range notices {
		fmt.Fprintln(app.Err, term.Wrap("note: "+term.Plain(n), app.Width(), 6))
	}
}

// coloured paints a unified difference.
func coloured(style term.Style, diff string) string {
	var b bytes.Buffer
	for line := range bytes.Lines([]byte(diff)) {
		text := string(bytes.TrimSuffix(line, []byte("\n")))
		switch line[0] {
		case '+':
			text = style.Good(text)
		case '-':
			text = style.Bad(text)
		case '@':
			text = style.Dim(text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}
