// Package simulatecmd implements the command "otelsli simulate".
//
//	otelsli simulate "2% failures for 3h at 50 rps"
//
// # Output
//
// For each objective: a chart, the alerts with their times, and what the incident costs. The chart is as
// wide as the terminal, and drawn in ASCII if the locale is not UTF-8 or with --ascii. The JSON has the
// same numbers, with durations in seconds.
//
// # What is simulated
//
// The objective given by the flags or, with --from, the objectives of a catalog. See package simulate.
//
// # Cost
//
// A few milliseconds per objective.
//
// # Concurrency
//
// A command runs once at a time.
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
		Short: "Show what an incident would do: which alerts fire when, and what it costs",
		Long: `Show what an incident would do: which alerts fire when, when they end, and how much
of the error budget it costs.

INCIDENT is one or more phases, separated by "then". A phase says what is wrong
("2% failures", "1 in 10 failures", "5% slow", "1% ignored", or several of them
joined by "and"; "outage", "healthy", "no traffic"), for how long ("for 3h",
"for 1h30m", "for 2 days"), and at what traffic ("at 50 rps", "at 600/min",
"at 100 per hour").

The times assume that every rule sees the results of the rules it depends on without
delay. On a server, an alert may be later by up to one evaluation interval for each
link of that chain: 1 for windows of up to 6 hours, 2 for longer ones. The effects of
keep_firing_for and query_offset are not included.

With --from, the objectives come from a catalog.

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
	fs.StringVar(&f.sli, "sli", "", "simulate only this `SLI` of the catalog")
	fs.StringVar(&f.objective, "objective", "99.9%", "share of events that must be good; ignored with --from")
	sloflags.DurationVar(fs, &f.period, "period", otelsli.DefaultWindow, "period of the objective; ignored with --from")
	fs.BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	for _, name := range immaterial {
		fs.Lookup(name).Hidden = true
	}
	return cmd
}

// immaterial lists the flags of the rules that make no difference here. They are accepted, because
// a configuration file may contain them, but hidden.
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

// nothing returns an error that says why there is no objective to simulate.
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

// set generates the rules whose objectives are simulated.
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

// described returns a catalog of one SLI with the objective of the flags. If the incident has slow
// events, the objective is for apdex, and also for availability if the incident has failures too.
// Otherwise it is for availability.
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

// ratio parses 99.9%, 99.9 or 0.999.
func ratio(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err == nil && (percent || v >= 1) {
		// Rounded to 12 digits, because 99.9 / 100 is not 0.999.
		v, err = strconv.ParseFloat(strconv.FormatFloat(v/100, 'g', 12, 64), 64)
	}
	if err != nil || !(v > 0 && v < 1) {
		return 0, fmt.Errorf("--objective %q: want a share below 100%%, such as 99.9%%", text)
	}
	return v, nil
}
