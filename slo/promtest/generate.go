package promtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
	"github.com/otelsli/otelsli-go/slo/simulate"
)

// An Option configures [Generate].
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	strategy    names.Strategy
	minFailures int
	incidents   []simulate.Incident
}

// WithTranslation must match rules.WithTranslation. Default: names.UnderscoreEscapingWithSuffixes.
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithMinFailures must match rules.WithMinFailures. Default: rules.DefaultMinFailures. Zero or less: no
// minimum. Below 2, low traffic is not tested.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithIncident adds a test of an incident: every burn-rate alert whose long window is at most 12 hours
// must fire and end, or stay quiet, as simulate.Run computes. Default: none.
func WithIncident(in simulate.Incident) Option {
	return optionFunc(func(c *config) { c.incidents = append(c.incidents, in) })
}

// Generate makes the tests for the rules that rules.Generate made from a description. The series of the
// tests have the given label job. The files are the paths of the rule files, relative to the file of
// the tests. The error joins all problems with the arguments, each an [otelsli.FieldError].
func Generate(d *otelsli.Description, set *rules.Set, job string, files []string, options ...Option) (*Suite, error) {
	c := config{minFailures: rules.DefaultMinFailures}
	for _, o := range options {
		if o != nil {
			o.apply(&c)
		}
	}
	if err := validate(d, set, job, files); err != nil {
		return nil, err
	}
	g := &generator{config: c, description: d, set: set, job: job, namer: names.Of(d, c.strategy)}
	g.suite = &Suite{RuleFiles: files, Interval: rules.Duration(g.interval())}
	for _, group := range set.Groups {
		g.suite.GroupOrder = append(g.suite.GroupOrder, group.Name)
	}
	return g.suite, g.tests()
}

func validate(d *otelsli.Description, set *rules.Set, job string, files []string) error {
	var problems []error
	wrong := func(field, value, want string) {
		problems = append(problems, &otelsli.FieldError{Field: "promtest: " + field, Value: value, Want: want})
	}
	if d == nil || len(d.SLIs) == 0 {
		wrong("description", "empty", "at least one SLI")
	}
	if set == nil || len(set.Groups) == 0 {
		wrong("set", "empty", "what rules.Generate returned for the description")
	}
	if job == "" {
		wrong("job", `""`, "the label job of the service")
	}
	if len(files) == 0 || slices.Contains(files, "") {
		wrong("files", fmt.Sprintf("%q", files), "the paths of the rules")
	}
	return errors.Join(problems...)
}

type generator struct {
	config
	description *otelsli.Description
	set         *rules.Set
	job         string
	namer       names.Namer
	suite       *Suite
}

func (g *generator) interval() time.Duration { return g.set.Base / 5 }

// rps is the traffic of the tests, chosen to give whole events at every scrape.
const rps = 4

func (g *generator) tests() error {
	g.healthy()
	for _, slo := range []string{otelsli.SLOAvailability, otelsli.SLOApdex} {
		if err := g.worst(slo); err != nil {
			return err
		}
	}
	for _, in := range g.incidents {
		if err := g.incident("incident: "+in.String(), in, g.all()); err != nil {
			return err
		}
	}
	g.lowTraffic()
	g.idle()
	g.presence()
	return nil
}

// add adds a test. The expectations are in order of time.
func (g *generator) add(name string, f feed, expects ...Expect) {
	f.scrape = g.scrape()
	g.suite.Tests = append(g.suite.Tests, Test{
		Name: name, Interval: rules.Duration(f.scrape), Series: g.series(f), Expects: expects,
	})
}

// firing is a query for alerts that fire.
func firing(matchers ...string) string {
	return "count(ALERTS{" + strings.Join(append([]string{`alertstate="firing"`}, matchers...), ",") + "})"
}

func quiet(at time.Duration, matchers ...string) Expect {
	return Expect{Expr: firing(matchers...), At: spread(at), Samples: []Sample{}}
}

func fires(at time.Duration, n int, matchers ...string) Expect {
	return Expect{Expr: firing(matchers...), At: spread(at), Samples: []Sample{{Labels: "{}", Value: float64(n)}}}
}

func match(label, value string) string { return fmt.Sprintf("%s=%q", label, value) }

func healthyFor(d time.Duration) feed {
	return feed{timeline: simulate.NewTimeline(simulate.Incident{{Lasts: d, Rate: rps}}, 0), lasts: d}
}

func (g *generator) healthy() {
	g.add("healthy: nothing fires", healthyFor(80*time.Minute), quiet(10*time.Minute), quiet(time.Hour), quiet(80*time.Minute))
}

// lowTraffic tests one failure in ten events in two hours.
func (g *generator) lowTraffic() {
	if g.minFailures < 2 {
		g.suite.Notices = append(g.suite.Notices, "low traffic is not tested: without a minimum of failures, one failure may fire an alert")
		return
	}
	const lasts = 2 * time.Hour
	f := feed{timeline: simulate.NewTimeline(simulate.Incident{{Lasts: lasts, Rate: 10 / lasts.Seconds(), Failed: 0.1}}, 0), lasts: lasts + 10*time.Minute}
	g.add("low traffic: one failure in ten events fires nothing", f, quiet(lasts), quiet(f.lasts))
}

// idle tests traffic that ends while its series stay, until windows of an hour are empty.
func (g *generator) idle() {
	in := simulate.Incident{{Lasts: 20 * time.Minute, Rate: rps}, {Lasts: 70 * time.Minute}}
	f := feed{timeline: simulate.NewTimeline(in, 0), lasts: in.Lasts()}
	g.add("idle: constant series fire nothing", f,
		quiet(time.Hour, `alertname!="`+rules.AlertTrafficCeased+`"`),
		quiet(f.lasts, `alertname!="`+rules.AlertTrafficCeased+`"`))
}

// watched is the number of SLIs with alerts about missing series.
func (g *generator) watched() int {
	slis := make(map[string]bool)
	for _, group := range g.set.Groups {
		for _, r := range group.Rules {
			if r.Alert == rules.AlertTargetsDown {
				slis[r.Labels[otelsli.AttributeSLI]] = true
			}
		}
	}
	return len(slis)
}

// presence tests series that end, with and without their process.
func (g *generator) presence() {
	watched := g.watched()
	if watched == 0 {
		g.suite.Notices = append(g.suite.Notices, "presence is not tested: the rules have no alerts about it")
		return
	}
	end := 30 * time.Minute
	at := end + g.set.Base + 15*g.interval() // allows for the records, the alert's delay, and a margin
	series, targets := match("alertname", rules.AlertSeriesGone), match("alertname", rules.AlertTargetsDown)
	gone := healthyFor(at)
	gone.gone = end
	g.add("series gone while the process is up", gone, quiet(end), fires(at, watched, series), quiet(at, targets))
	gone.down = end
	g.add("targets down", gone, quiet(end), fires(at, watched, targets), quiet(at, series))
}

// A timed is an objective and the tier that is timed.
type timed struct {
	rules.Objective
	tier rules.Tier
}

// The longest windows whose alerts are timed: in the standard tests, and in those of incidents.
const (
	maxTimed    = 6 * time.Hour
	maxIncident = 12 * time.Hour
)

// all returns every tier that can be timed.
func (g *generator) all() []timed {
	var all []timed
	for _, o := range g.set.Objectives {
		for _, t := range o.Tiers {
			if t.Long <= maxIncident {
				all = append(all, timed{o, t})
			}
		}
	}
	return all
}

// fastest returns the objectives of one kind with the fastest alert of each.
func (g *generator) fastest(slo string) []timed {
	var all []timed
	for _, o := range g.set.Objectives {
		if o.SLO != slo {
			continue
		}
		tiers := slices.SortedFunc(slices.Values(o.Tiers), func(a, b rules.Tier) int { return cmp.Compare(a.Long, b.Long) })
		if len(tiers) == 0 || tiers[0].Long > maxTimed {
			g.suite.Notices = append(g.suite.Notices, fmt.Sprintf("the alerts of SLI %q, %s, are not timed: none has a long window of at most 6h", o.SLI, o.SLO))
			continue
		}
		all = append(all, timed{o, tiers[0]})
	}
	return all
}

// worst tests that all events fail, or are slow.
func (g *generator) worst(slo string) error {
	worst := simulate.Phase{Lasts: 10 * g.interval(), Rate: rps, Failed: 1}
	name := "outage: the fastest alerts fire and end in time"
	if slo == otelsli.SLOApdex {
		worst.Failed, worst.Slow = 0, 1
		name = "slow: the fastest alerts fire and end in time"
	}
	return g.incident(name, simulate.Incident{worst}, g.fastest(slo))
}

// incident times the alerts during an incident.
func (g *generator) incident(name string, in simulate.Incident, alerts []timed) error {
	if len(alerts) == 0 {
		return nil
	}
	var before time.Duration
	for _, a := range alerts {
		before = max(before, a.tier.Long)
	}
	before += 10 * g.interval()
	f := feed{timeline: simulate.NewTimeline(in, before), before: before, lasts: before + in.Lasts()}
	expects := []Expect{quiet(before)}
	for _, a := range alerts {
		more, until, err := g.times(a, in, before)
		if err != nil {
			return err
		}
		f.lasts = max(f.lasts, until)
		expects = append(expects, more...)
	}
	g.add(name, f, expects...)
	return nil
}

// keep is how long alerts keep firing after their condition ends.
func (g *generator) keep() (longest time.Duration) {
	for _, group := range g.set.Groups {
		for _, r := range group.Rules {
			longest = max(longest, r.KeepFiringFor)
		}
	}
	return longest
}

// times returns the expectations for one alert: quiet until one interval of tolerance before each
// computed start, firing from one interval after it, and the reverse at the end.
func (g *generator) times(o timed, in simulate.Incident, before time.Duration) (expects []Expect, until time.Duration, err error) {
	alone := o.Objective
	alone.Tiers = []rules.Tier{o.tier}
	r, err := simulate.Run(in, alone, simulate.WithMinFailures(g.minFailures), simulate.WithInterval(g.interval()), simulate.WithHistory(before))
	if err != nil {
		return nil, 0, err
	}
	which := []string{match("alertname", rules.AlertBudgetBurn), match("sli", o.SLI), match("slo", o.SLO), match("tier", o.tier.Name)}
	if len(r.Alerts) == 0 {
		return []Expect{quiet(before+in.Lasts(), which...)}, before + in.Lasts(), nil
	}
	slack, last := g.interval(), before
	for i, a := range r.Alerts {
		from, to := before+a.From, before+a.To
		if early := from - 2*slack; early > last {
			expects = append(expects, quiet(early, which...))
		}
		last = to + slack + g.keep()
		if to-from > 3*slack { // otherwise the tolerances leave no time in between
			expects = append(expects, fires(from+slack, 1, which...), fires(to-2*slack, 1, which...))
		}
		if a.Ended && (i+1 == len(r.Alerts) || before+r.Alerts[i+1].From > last+slack) {
			expects = append(expects, quiet(last, which...))
		}
	}
	return expects, last, nil
}
