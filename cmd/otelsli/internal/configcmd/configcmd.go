// Package configcmd is the command "otelsli config".
//
//	otelsli config check --connect -o json
//
// # What it checks
//
// The environment of the command, as [setup.Check] and [setup.Connect] see it: run it with that of
// the service. What the service's code sets by options is not known to it; there, setup.Check is
// called with the same options.
//
// # Output
//
// The text has the pipelines first, with what they answered, then each setting with where it comes
// from, the resource, warnings, problems, and one line that sums up. No secret is in any of it. The
// JSON is that of [setup.Report].
//
// # Concurrency
//
// The pipelines are tried at the same time; the output has them in the order of the configuration.
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
		Short: "The configuration of the metrics export",
	}
	cmd.AddCommand(newCheck(app))
	return cmd
}

// defaultTimeout is short enough for a person who waits.
const defaultTimeout = 10 * time.Second

type checkFlags struct {
	connect bool
	timeout time.Duration
}

func newCheck(app *cli.App) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Show the effective configuration, and what is wrong with it",
		Long: `Show what a service with this environment would use: each value and where it
comes from, the pipelines and the resource, or all problems with what would be
right. Secrets are masked.

With --connect each push backend gets one real export of the gauge
` + setup.CheckMetric + `, and the address of the Prometheus endpoint is taken for a
moment. Stop the service before that, or its own endpoint is in the way.`,
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
	cmd.Flags().BoolVar(&flags.connect, "connect", false, "export one metric to every push backend, and say what came back")
	cmd.Flags().DurationVar(&flags.timeout, "timeout", defaultTimeout, "for each backend, with --connect")
	return cmd
}

// check returns a report in any case. What it says of exporters that could not be shut down is of no
// use to those who look at a configuration.
func check(ctx context.Context, app *cli.App, flags checkFlags) *setup.Report {
	quiet := setup.WithLogger(slog.New(slog.DiscardHandler)) // the report has it all
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
