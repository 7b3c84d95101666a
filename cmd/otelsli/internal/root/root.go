// Package root puts the commands of otelsli together.
//
//	os.Exit(root.Execute(ctx, cli.Standard(), os.Args[1:]))
//
// # A further command
//
// Write a package with a function New that takes a [cli.App] and returns a command, and add it in
// newCommand. It has -o, the exit status, completion and the help from here.
//
// # What is common
//
// An error is one line on the standard error output that begins with "otelsli: "; several are several. The usage is shown
// where it was asked for, not after each error.
//
// # Concurrency
//
// One call of Execute for one App at a time.
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

// Execute runs the command that args name, without the program's own name, and returns the exit
// status: 0, or 1 where the command found problems, or 2 where it could not run.
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

// prefixed puts the name of the program before each line that is an error of its own, and not before the
// indented ones, which belong to the line above. What a catalog from outside has in it cannot move the cursor.
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
		Short:         "Service Level Indicators on OpenTelemetry",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetOut(app.Out)
	cmd.SetErr(app.Err)
	cmd.SetFlagErrorFunc(suggestFlag)
	cmd.PersistentFlags().VarP(&app.Format, "output", "o", "format of the output")
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
