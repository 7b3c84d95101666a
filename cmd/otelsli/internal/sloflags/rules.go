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

// Rules is the flags that say what the rules are like: the options of rules.Generate.
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
	f.StringVar(&r.Job, "job", "", "label job of the service")
	f.StringVar(&r.JobsMatching, "jobs-matching", "", "RE2 `expression` for a service that has several jobs; needs --service")
	f.StringVar(&r.Service, "service", "", "label service of what is recorded (default: from --job)")
	f.BoolVar(&r.exactBudget, "exact-budget", false, "budgets from the raw counters; dear")
	f.BoolVar(&r.breakdown, "breakdown", false, "records by the labels of the SLIs, for dashboards")
}

// AddStatic adds those that are of use for rules that serve every service: the options of rules.Static. The others
// may be in a configuration all the same, for other commands.
func (r *Rules) AddStatic(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.Translation, "translation", names.UnderscoreEscapingWithSuffixes.String(), "`strategy` by which the receiver translates names")
	_ = cmd.RegisterFlagCompletionFunc("translation", cobra.FixedCompletions(strategies(), cobra.ShellCompDirectiveNoFileComp))
	f.StringArrayVar(&r.tiers, "tier", nil, "burn-rate alert as `name:severity:factor:long:short[:for]`, in place of the standard ones; repeatable")
	f.StringSliceVar(&r.onlyTiers, "only-tiers", nil, "keep the tiers of these `names`, such as page-fast")
	f.StringVar(&r.page, "page-severity", rules.SeverityPage, "severity of the alerts that wake somebody")
	f.StringVar(&r.ticket, "ticket-severity", rules.SeverityTicket, "severity of the other alerts")
	f.IntVar(&r.MinFailures, "min-failures", rules.DefaultMinFailures, "failures below which no burn-rate alert fires; 0 is no minimum")
	f.StringSliceVar(&r.GroupBy, "group-by", nil, "`labels` of the target that have budgets of their own, such as cluster")
	DurationVar(f, &r.Interval, "interval", rules.DefaultInterval, "interval of evaluation")
	f.StringVar(&r.RunbookURL, "runbook-url", rules.DefaultRunbookURL, "`URL` in alerts; {alert}, {sli}, {slo}, {service}, {job} and {severity} are replaced")
	f.StringVar(&r.dashboardURL, "dashboard-url", "", "`URL` in alerts, with the same placeholders")
	f.StringToStringVar(&r.alertLabels, "alert-label", nil, "label of every alert, such as `team=checkout`; repeatable")
	f.Lookup("alert-label").DefValue = "" // which pflag would show as []
	f.StringToStringVar(&r.targets, "target", nil, "label of the targets to count, where --job is in several places, such as `namespace=prod`; repeatable")
	f.Lookup("target").DefValue = ""
	f.BoolVar(&r.noPresence, "no-presence", false, "no alerts about series and targets that are gone")
	f.BoolVar(&r.trafficCeased, "traffic-ceased", false, "an alert for traffic that has ceased")
	f.BoolVar(&r.mostlyIgnored, "mostly-ignored", false, "an alert where most events are ignored")
	DurationVar(f, &r.keepFiringFor, "keep-firing-for", 0, "how long burn-rate alerts go on after they would have ended")
	DurationVar(f, &r.queryOffset, "query-offset", 0, "evaluate as of so long ago, for samples that arrive late")
}

func strategies() []string {
	var all []string
	for _, s := range names.Strategies() {
		all = append(all, s.String())
	}
	return all
}

// Strategy returns the translation of names.
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

// matchers select the targets of --target.
func (r *Rules) matchers() (all []names.Matcher) {
	for _, label := range slices.Sorted(maps.Keys(r.targets)) {
		all = append(all, names.Equal(label, r.targets[label]))
	}
	return all
}

// Jobs returns the selection of the service's series. Without one of its flags it is fallback, and
// an error where that is empty.
func (r *Rules) Jobs(fallback string) (rules.Jobs, error) {
	switch {
	case r.Job != "" && r.JobsMatching != "":
		return rules.Jobs{}, errors.New("--job and --jobs-matching: want one of them")
	case r.JobsMatching != "":
		return rules.JobsMatching(r.JobsMatching), nil
	case r.Job == "" && fallback == "":
		return rules.Jobs{}, errors.New(`--job is missing: want the label job of the service, such as "shop"; without it, SLIs of the same name in other services would be added`)
	case r.Job == "":
		return rules.Job(fallback), nil
	}
	return rules.Job(r.Job), nil
}

// Matcher selects the service's series by their label job.
func (r *Rules) Matcher() names.Matcher {
	if r.JobsMatching != "" {
		return names.Regexp("job", r.JobsMatching)
	}
	return names.Equal("job", r.Job)
}

// ServiceName is what the service is called.
func (r *Rules) ServiceName() string {
	if r.Service != "" {
		return r.Service
	}
	return r.Job[strings.LastIndex(r.Job, "/")+1:]
}

// Generate makes the rules. Where no job was given it is fallback.
func (r *Rules) Generate(d *otelsli.Description, fallback string) (*rules.Set, error) {
	jobs, err := r.Jobs(fallback)
	options, optionErr := r.Options()
	if err := errors.Join(err, optionErr); err != nil {
		return nil, err
	}
	return rules.Generate(d, jobs, options...)
}

// parseTiers reads the values of --tier.
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
		return t, fmt.Errorf("factor %q is no number", parts[2])
	}
	for i, d := range []*time.Duration{&t.Long, &t.Short, &t.For}[:len(parts)-3] {
		if *d, err = ParseDuration(parts[3+i]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// Severities are those of the standard tiers.
func (r *Rules) Severities() (page, ticket string) { return r.page, r.ticket }
