// Package catalogcmd implements the command "otelsli catalog".
//
//	otelsli catalog --from ./cmd/shop -o json
//
// # Output
//
// The text is a table with a row for each SLI. The JSON is that of otelsli.Description, and can be the
// source of every other command. For a Go package, it contains the SLIs in package-level variables;
// see package source.
//
// # Cost
//
// For a Go package, the cost of building it.
//
// # Concurrency
//
// A command runs once at a time.
package catalogcmd

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// New returns the command.
func New(app *cli.App) *cobra.Command {
	var source sloflags.Source
	cmd := &cobra.Command{
		Use:   "catalog --from SOURCE",
		Short: "List the SLIs of a service",
		Long:  "List the SLIs that a service declares, with their objectives.\n\n" + sloflags.SourceHelp,
		Example: `  otelsli catalog --from ./examples/quickstart
  otelsli catalog --from http://127.0.0.1:9464
  otelsli catalog --from ./cmd/shop -o json > slis.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := source.Read(cmd.Context(), app, cmd)
			if err != nil {
				return err
			}
			return app.Print(d, func() { write(app, d) })
		},
	}
	source.Add(cmd)
	return cmd
}

func write(app *cli.App, d *otelsli.Description) {
	var table term.Table
	heading := []string{"SLI", "KIND", "OBJECTIVE", "THRESHOLD", "SERIES", "OWNER"}
	for i, text := range heading {
		heading[i] = app.Style.Bold(text)
	}
	table.Row(heading...)
	cost := lint.Costs(d, nil, 1)
	for i, sli := range d.SLIs {
		table.Row(sli.Name, sli.Kind.String(), objective(sli.Objective), threshold(sli), strconv.Itoa(cost.SLIs[i].PerPod), term.Plain(cmp.Or(sli.Owner, "-")))
	}
	narrow(app, &table)
	_, _ = table.WriteTo(app.Out) // like all writes to the terminal
	fmt.Fprintln(app.Out, app.Style.Dim(fmt.Sprintf("\nSLIs: %d; series per process: %d; prefix: %s; layout: %s", len(d.SLIs), cost.Series, d.Prefix, d.Layout)))
}

// dispensable lists the columns that a narrow terminal can do without, in the order of their removal.
var dispensable = []int{1, 2} // KIND; then THRESHOLD, which the removal has shifted

// narrow removes columns until the table fits a terminal. Output elsewhere keeps all columns.
func narrow(app *cli.App, table *term.Table) {
	f, ok := app.Out.(*os.File)
	if !ok || !term.IsTerminal(f) {
		return
	}
	for _, column := range dispensable {
		if table.Width() > app.Width() {
			table.Without(column)
		}
	}
}

func objective(o *otelsli.ObjectiveDescription) string {
	if o == nil {
		return "-"
	}
	var parts []string
	if o.Availability > 0 {
		parts = append(parts, percent(o.Availability))
	}
	if o.Apdex > 0 {
		parts = append(parts, "apdex "+percent(o.Apdex))
	}
	return strings.Join(parts, ", ") + " / " + rules.Duration(o.Window.Duration())
}

func percent(ratio float64) string { return strconv.FormatFloat(100*ratio, 'g', 8, 64) + "%" }

// threshold returns the threshold of the series, or the range if they differ.
func threshold(sli otelsli.SLIDescription) string {
	least, most := sli.Threshold, sli.Threshold
	for i, s := range sli.Series {
		if i == 0 {
			least, most = s.Threshold, s.Threshold
		}
		least, most = min(least, s.Threshold), max(most, s.Threshold)
	}
	switch {
	case most == 0:
		return "-"
	case least == most:
		return least.Duration().String()
	}
	return fmt.Sprintf("%v to %v", least.Duration(), most.Duration())
}
