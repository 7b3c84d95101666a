package sloflags

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Rules holds the flags that say how the rules are generated: the options of rules.Generate.
type Rules struct {
	Job           string
	JobsMatching  string
	Service       string
	MinFailures   int
	Interval      time.Duration
	Translation   string
	GroupBy       []string
	RunbookURL    string
	tiers         []string
	onlyTiers     []string
	page, ticket  string
	dashboardURL  string
	alertLabels   map[string]string
	targets       map[string]string
	noPresence    bool
	trafficCeased bool
	mostlyIgnored bool
	exactBudget   bool
	breakdown     bool
	keepFiringFor time.Duration
	queryOffset   time.Duration
}

// Add adds the flags to a command.
func (r *Rules) Add(cmd *cobra.Command) {
	r.AddStatic(cmd)
	f := cmd.Flags()
	f.StringVar(&r.Job, "job", "", "job label of the service")
	f.StringVar(&r.JobsMatching, "jobs-matching", "", "RE2 `expression` for the job labels of a service that has several; needs --service")
	f.StringVar(&r.Service, "service", "", "service label of the recorded series (default: from --job)")
	f.BoolVar(&r.exactBudget, "exact-budget", false, "compute budgets from the raw counters; expensive")
	f.BoolVar(&r.breakdown, "breakdown", false, "also record by the labels of each SLI, for dashboards")
}

// AddStatic adds only the flags that apply to rules that serve every service: the options of rules.Static. A
// configuration file may still contain the others, for other commands.
func (r *Rules) AddStatic(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.Translation, "translation", names.UnderscoreEscapingWithSuffixes.String(), "`strategy` the receiver uses to translate names")
	_ = cmd.RegisterFlagCompletionFunc("translation", cobra.FixedCompletions(strategies(), cobra.ShellCompDirectiveNoFileComp))
	f.StringArrayVar(&r.tiers, "tier", nil, "burn-rate alert as `name:severity:factor:long:short[:for]`, which replaces the standard ones; repeatable")
	f.StringSliceVar(&r.onlyTiers, "only-tiers", nil, "keep only the tiers with these `names`, such as page-fast")
	f.StringVar(&r.page, "page-severity", rules.SeverityPage, "severity label of the alerts that page somebody")
	f.StringVar(&r.ticket, "ticket-severity", rules.SeverityTicket, "severity label of the other alerts")
	f.IntVar(&r.MinFailures, "min-failures", rules.DefaultMinFailures, "failures a burn-rate alert needs to fire; 0 means no minimum")
	f.StringSliceVar(&r.GroupBy, "group-by", nil, "target `labels` to split budgets and alerts by, such as cluster")
	DurationVar(f, &r.Interval, "interval", rules.DefaultInterval, "evaluation interval")
	f.StringVar(&r.RunbookURL, "runbook-url", rules.DefaultRunbookURL, "runbook `URL` of the alerts; {alert}, {sli}, {slo}, {service}, {job} and {severity} are replaced")
	f.StringVar(&r.dashboardURL, "dashboard-url", "", "dashboard `URL` of the alerts, with the same placeholders")
	f.StringToStringVar(&r.alertLabels, "alert-label", nil, "add the label `name=value` to every alert, such as team=checkout; repeatable")
	f.Lookup("alert-label").DefValue = "" // pflag would show []
	f.StringToStringVar(&r.targets, "target", nil, "count only targets with the label `name=value`, such as namespace=prod, if --job runs in several places; repeatable")
	f.Lookup("target").DefValue = ""
	f.BoolVar(&r.noPresence, "no-presence", false, "leave out the alerts for missing series and targets")
	f.BoolVar(&r.trafficCeased, "traffic-ceased", false, "add an alert for traffic that stops")
	f.BoolVar(&r.mostlyIgnored, "mostly-ignored", false, "add an alert for when most events are ignored")
	DurationVar(f, &r.keepFiringFor, "keep-firing-for", 0, "how long burn-rate alerts keep firing after they would have ended")
	DurationVar(f, &r.queryOffset, "query-offset", 0, "evaluate this far in the past, for samples that arrive late")
}

func strategies() []string {
	var all []string
	for _, s := range names.Strategies() {
		all = append(all, s.String())
	}
	return all
}

// Strategy returns the value of --translation.
func (r *Rules) Strategy() (names.Strategy, error) {
	var s names.Strategy
	if err := s.UnmarshalText([]byte(r.Translation)); err != nil {
		return 0, fmt.Errorf("--translation: %w", err)
	}
	return s, nil
}

// Options returns the options of rules.Generate.
func (r *Rules) Options() ([]rules.Option, error) {
	strategy, err := r.Strategy()
	tiers, tierErr := parseTiers(r.tiers)
	if err := errors.Join(err, tierErr); err != nil {
		return nil, err
	}
	options := []rules.Option{
		rules.WithService(r.Service), rules.WithTranslation(strategy), rules.WithTiers(tiers...), rules.WithOnlyTiers(r.onlyTiers...),
		rules.WithSeverities(r.page, r.ticket), rules.WithMinFailures(r.MinFailures), rules.WithGroupBy(r.GroupBy...),
		rules.WithInterval(r.Interval), rules.WithRunbookURL(r.RunbookURL), rules.WithDashboardURL(r.dashboardURL),
		rules.WithAlertLabels(r.alertLabels), rules.WithTargets(r.matchers()...), rules.WithKeepFiringFor(r.keepFiringFor), rules.WithQueryOffset(r.queryOffset),
	}
	for _, chosen := range []struct {
		by     bool
		option rules.Option
	}{
		{r.noPresence, rules.WithoutPresence()},
		{r.trafficCeased, rules.WithTrafficCeased()},
		{r.mostlyIgnored, rules.WithMostlyIgnored()},
		{r.exactBudget, rules.WithExactBudget()},
		{r.breakdown, rules.WithBreakdown()},
	} {
		if chosen.by {
			options = append(options, chosen.option)
		}
	}
	return options, nil
}

// matchers returns matchers for the targets of --target.
func (r *Rules) matchers() (all []names.Matcher) {
	for _, label := range slices.Sorted(maps.Keys(r.targets)) {
		all = append(all, names.Equal(label, r.targets[label]))
	}
	return all
}

// Jobs returns the jobs whose series belong to the service. If neither --job nor --jobs-matching is
// set, it returns fallback, or an error if fallback is empty.
func (r *Rules) Jobs(fallback string) (rules.Jobs, error) {
	switch {
	case r.Job != "" && r.JobsMatching != "":
		return rules.Jobs{}, errors.New("--job and --jobs-matching: want one of them")
	case r.JobsMatching != "":
		return rules.JobsMatching(r.JobsMatching), nil
	case r.Job == "" && fallback == "":
		return rules.Jobs{}, errors.New(`--job is missing: want the job label of the service, such as "shop"; without it, SLIs with the same name in other services would be counted too`)
	case r.Job == "":
		return rules.Job(fallback), nil
	}
	return rules.Job(r.Job), nil
}

// Matcher returns a matcher for the job label of the service's series.
func (r *Rules) Matcher() names.Matcher {
	if r.JobsMatching != "" {
		return names.Regexp("job", r.JobsMatching)
	}
	return names.Equal("job", r.Job)
}

// ServiceName returns the name of the service: --service, or else the last path element of --job.
func (r *Rules) ServiceName() string {
	if r.Service != "" {
		return r.Service
	}
	return r.Job[strings.LastIndex(r.Job, "/")+1:]
}

// Generate generates the rules. If no job was given, it uses fallback.
func (r *Rules) Generate(d *otelsli.Description, fallback string) (*rules.Set, error) {
	jobs, err := r.Jobs(fallback)
	options, optionErr := r.Options()
	if err := errors.Join(err, optionErr); err != nil {
		return nil, err
	}
	return rules.Generate(d, jobs, options...)
}

// parseTiers parses the values of --tier.
func parseTiers(texts []string) ([]rules.Tier, error) {
	var tiers []rules.Tier
	var problems []error
	for _, text := range texts {
		t, err := parseTier(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("--tier %q: %w: want name:severity:factor:long:short[:for], such as page-fast:page:14.4:1h:5m", text, err))
		}
		tiers = append(tiers, t)
	}
	return tiers, errors.Join(problems...)
}

func parseTier(text string) (t rules.Tier, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 5 && len(parts) != 6 {
		return t, fmt.Errorf("%d parts", len(parts))
	}
	t.Name, t.Severity = parts[0], parts[1]
	if t.Factor, err = strconv.ParseFloat(parts[2], 64); err != nil {
		return t, fmt.Errorf("factor %q is not a number", parts[2])
	}
	for i, d := range []*time.Duration{&t.Long, &t.Short, &t.For}[:len(parts)-3] {
		if *d, err = ParseDuration(parts[3+i]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// Severities returns the severities of the standard tiers.
func (r *Rules) Severities() (page, ticket string) { return r.page, r.ticket }
