// Package simulatecmd is the command "otelsli simulate".
//
//	otelsli simulate "2% failures for 3h at 50 rps"
//
// # Output
//
// For each objective a picture, the alerts with their times, and what the incident costs. The
// picture is as wide as the terminal; it is of ASCII alone where the locale is not one of UTF-8, or
// with --ascii. The JSON has the same numbers, durations in seconds.
//
// # What is simulated
//
// One objective that the flags describe, or those of a catalog with --from. See package simulate.
//
// # Cost
//
// Some milliseconds for each objective.
//
// # Concurrency
//
// One run of a command at a time.
package simulatecmd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/cli"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/sloflags"
	"github.com/otelsli/otelsli-go/cmd/otelsli/internal/term"
	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

type flags struct {
	source    sloflags.Source
	rules     sloflags.Rules
	sli       string
	objective string
	period    time.Duration
	ascii     bool
}

// New returns the command.
func New(app *cli.App) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "simulate INCIDENT",
		Short: "Say what an incident would do: which alerts fire when, and what it costs",
		Long: `Say what an incident would do: which alerts fire when, when they end, and how much
of the error budget it costs.

INCIDENT is one phase or several, divided by "then": what is wrong ("2% failures",
"1 in 10 failures", "5% slow", "1% ignored", several with "and"; "outage",
"healthy", "no traffic"), for how long ("for 3h", "for 1h30m", "for 2 days"), and
with what traffic ("at 50 rps", "at 600/min", "at 100 per hour").

The times are those of rules that are evaluated at once. A server may be later by
up to one interval for each link of the chain: 1 for windows of up to 6 hours, 2 for
longer ones. What keep_firing_for and query_offset add is not in them.

With --from the objectives are those of a catalog.
` + sloflags.SourceHelp,
		Example: `  otelsli simulate "2% failures for 3h at 50 rps"
  otelsli simulate "outage for 10m at 600/min, then 5% slow for 1h" --objective 99.5% --period 7d
  otelsli simulate "1 in 10 failures for 2h at 6 per hour" --min-failures 1
  otelsli simulate "outage for 5m at 20 rps" --from ./cmd/shop --sli place_order`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New(`INCIDENT is missing: want one such as "2% failures for 3h at 50 rps"`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, app, strings.Join(args, " ")) },
	}
	f.source.Add(cmd)
	f.rules.Add(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.sli, "sli", "", "only this `SLI` of the catalog")
	fs.StringVar(&f.objective, "objective", "99.9%", "share of events that are to be good, without --from")
	sloflags.DurationVar(fs, &f.period, "period", otelsli.DefaultWindow, "that the objective is held over, without --from")
	fs.BoolVar(&f.ascii, "ascii", false, "draw with ASCII alone")
	for _, name := range immaterial {
		fs.Lookup(name).Hidden = true
	}
	return cmd
}

// immaterial are the flags of the rules that change nothing here. They are taken, for a configuration
// may have them, and not shown.
var immaterial = []string{
	"alert-label", "breakdown", "dashboard-url", "exact-budget", "group-by", "job", "jobs-matching", "keep-firing-for",
	"mostly-ignored", "no-presence", "query-offset", "runbook-url", "service", "target", "traffic-ceased", "translation",
}

func (f *flags) run(cmd *cobra.Command, app *cli.App, text string) error {
	in, err := simulate.Parse(text)
	if err != nil {
		return err
	}
	set, err := f.set(cmd, app, in)
	if err != nil {
		return err
	}
	var results []*simulate.Result
	for _, o := range set.Objectives {
		if f.sli != "" && o.SLI != f.sli {
			continue
		}
		r, err := simulate.Run(in, o, simulate.WithMinFailures(f.rules.MinFailures), simulate.WithInterval(f.rules.Interval))
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	if len(results) == 0 {
		return f.nothing(set)
	}
	return app.Print(toJSON(results), func() {
		p := picture{app: app, width: min(app.Width(), 120), symbols: symbolsFor(f.ascii)}
		fmt.Fprintln(app.Out, app.Style.Bold(term.Wrap(in.String(), p.width, 2)))
		for _, r := range results {
			p.write(r)
		}
	})
}

// nothing says why there is no objective to simulate.
func (f *flags) nothing(set *rules.Set) error {
	var known []string
	for _, o := range set.Objectives {
		if !slices.Contains(known, o.SLI) {
			known = append(known, o.SLI)
		}
	}
	if len(known) == 0 {
		return errors.New("the catalog has no objective: want Spec.Objective, or --objective without --from")
	}
	return fmt.Errorf("--sli %q: want one with an objective: %s", f.sli, strings.Join(known, ", "))
}

// set makes the rules whose objectives are simulated.
func (f *flags) set(cmd *cobra.Command, app *cli.App, in simulate.Incident) (*rules.Set, error) {
	if f.source.From == "" {
		d, err := f.described(in)
		if err != nil {
			return nil, err
		}
		return f.rules.Generate(d, "simulate")
	}
	d, err := f.source.Read(cmd.Context(), app, cmd)
	if err != nil {
		return nil, err
	}
	return f.rules.Generate(d, "simulate")
}

// described is a catalog of one SLI with the objective of the flags: for availability, and for apdex
// too where the incident has slow events.
func (f *flags) described(in simulate.Incident) (*otelsli.Description, error) {
	target, err := ratio(f.objective)
	if err != nil {
		return nil, err
	}
	o := &otelsli.ObjectiveDescription{Window: otelsli.Seconds(f.period)}
	if slices.ContainsFunc(in, func(p simulate.Phase) bool { return p.Slow > 0 }) {
		o.Apdex = target
	}
	if o.Apdex == 0 || slices.ContainsFunc(in, func(p simulate.Phase) bool { return p.Failed > 0 }) {
		o.Availability = target
	}
	if f.period < otelsli.MinWindow {
		return nil, fmt.Errorf("--period %v: want at least %s", f.period, rules.Duration(otelsli.MinWindow))
	}
	return &otelsli.Description{Version: otelsli.DescriptionVersion, Prefix: otelsli.DefaultPrefix, SLIs: []otelsli.SLIDescription{{
		Name: "sli", Kind: otelsli.ErrorRate | otelsli.Apdex, Threshold: otelsli.Seconds(time.Second), Objective: o,
	}}}, nil
}

// ratio reads 99.9%, 99.9 or 0.999.
func ratio(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err == nil && (percent || v >= 1) {
		// By the digits, for 99.9 / 100 is not 0.999.
		v, err = strconv.ParseFloat(strconv.FormatFloat(v/100, 'g', 12, 64), 64)
	}
	if err != nil || !(v > 0 && v < 1) {
		return 0, fmt.Errorf("--objective %q: want a share below 100%%, such as 99.9%%", text)
	}
	return v, nil
}
