// Package root assembles the commands of otelsli.
//
//	os.Exit(root.Execute(ctx, cli.Standard(), os.Args[1:]))
//
// # Adding a command
//
// Write a package with a function New that takes a [cli.App] and returns a command, and add it in
// newCommand. This package supplies -o, the exit status, completion and the help.
//
// # Errors
//
// Each error is one line on standard error that begins with "otelsli: ". The usage is shown on
// request only, not after an error.
//
// # Concurrency
//
// Execute must not be called concurrently for the same App.
package root

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/catalogcmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/configcmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/diffcmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/generatecmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/lintcmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/simulatecmd"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/testcmd"
)

// Exit status of [Execute].
const (
	statusOK       = 0
	statusProblems = 1
	statusUsage    = 2
)

// Execute runs the command given by args, which do not include the program name, and returns the exit
// status: 0 on success, 1 if the command found problems, 2 if it could not run.
func Execute(ctx context.Context, app *cli.App, args []string) int {
	cmd := newCommand(app)
	cmd.SetArgs(args)
	err := unknownCommand(cmd, args)
	if err == nil {
		err = cmd.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, cli.ErrProblems):
		return statusProblems
	default:
		fmt.Fprintln(app.Err, prefixed(err.Error()))
		return statusUsage
	}
}

// prefixed adds the program name to each line that is an error of its own. Indented lines belong to the
// line above and get none. Control characters, which a catalog may contain, are removed.
func prefixed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = term.Plain(line)
		if !strings.HasPrefix(line, " ") {
			lines[i] = "otelsli: " + strings.TrimPrefix(lines[i], "otelsli: ")
		}
	}
	return strings.Join(lines, "\n")
}

func newCommand(app *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "otelsli",
		Short:         "Generate SLO rules and dashboards from the SLIs of a service, and check its metrics export",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetOut(app.Out)
	cmd.SetErr(app.Err)
	cmd.SetFlagErrorFunc(suggestFlag)
	cmd.PersistentFlags().VarP(&app.Format, "output", "o", "output format")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(cli.Formats, cobra.ShellCompDirectiveNoFileComp))
	cmd.AddCommand(
		catalogcmd.New(app),
		generatecmd.New(app),
		lintcmd.New(app),
		diffcmd.New(app),
		testcmd.New(app),
		simulatecmd.New(app),
		configcmd.New(app),
		newVersion(app),
	)
	return cmd
}
