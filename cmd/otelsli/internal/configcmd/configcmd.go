// Package configcmd implements the command "otelsli config".
//
//	otelsli config check --connect -o json
//
// # What it checks
//
// The environment of the command, as [setup.Check] and [setup.Connect] see it, so run it with the
// environment of the service. It does not know the options in the service's code; a service with
// options can call setup.Check with them.
//
// # Output
//
// The text shows the pipelines with their answers, each setting with its source, the resource,
// warnings, problems, and a one-line summary. It contains no secrets. The JSON is that of
// [setup.Report].
//
// # Concurrency
//
// The pipelines are tried in parallel; the output lists them in the order of the configuration.
package configcmd

import (
	"context"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/otelsli/setup"
)

// New returns the command.
func New(app *cli.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration of the metrics export",
	}
	cmd.AddCommand(newCheck(app))
	return cmd
}

// defaultTimeout is short enough for somebody who is waiting.
const defaultTimeout = 10 * time.Second

type checkFlags struct {
	connect bool
	timeout time.Duration
}

func newCheck(app *cli.App) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Show the effective configuration and its problems",
		Long: `Show what a service with this environment would use: each value and where it
comes from, the pipelines and the resource, and every problem with its fix.
Secrets are masked.

With --connect, each push backend gets one real export of the gauge
` + setup.CheckMetric + `, and the address of the Prometheus endpoint is bound for a
moment. Stop the service first, or its own endpoint is in the way.`,
		Example: "  otelsli config check\n  OTEL_METRICS_EXPORTER=otlp,prometheus otelsli config check --connect",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report := check(cmd.Context(), app, flags)
			if err := app.Print(report, func() { writeText(app.Out, app.Style, report) }); err != nil {
				return err
			}
			if report.Err() != nil {
				return cli.ErrProblems
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&flags.connect, "connect", false, "export one metric to every push backend, and show the answers")
	cmd.Flags().DurationVar(&flags.timeout, "timeout", defaultTimeout, "time limit for each backend, with --connect")
	return cmd
}

// check always returns a report. It drops the errors of exporters that could not be shut down, which are
// no help to somebody checking a configuration.
func check(ctx context.Context, app *cli.App, flags checkFlags) *setup.Report {
	quiet := setup.WithLogger(slog.New(slog.DiscardHandler)) // the report says it all
	if !flags.connect {
		report, _ := setup.Check(ctx, quiet)
		return report
	}
	ctx, cancel := context.WithTimeout(ctx, flags.timeout)
	defer cancel()
	progress := newProgress(app)
	defer progress.stop()
	report, _ := setup.Connect(ctx, progress.done, quiet)
	return report
}
