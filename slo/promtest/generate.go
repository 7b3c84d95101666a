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

// An Option changes what [Generate] makes.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	strategy    names.Strategy
	minFailures int
	incidents   []simulate.Incident
}

// WithTranslation is rules.WithTranslation, and is to be the same. Default:
// names.UnderscoreEscapingWithSuffixes.
func WithTranslation(s names.Strategy) Option {
	return optionFunc(func(c *config) { c.strategy = s })
}

// WithMinFailures is rules.WithMinFailures, and is to be the same. Default:
// rules.DefaultMinFailures. Zero or less: no minimum, and no test of low traffic.
func WithMinFailures(n int) Option {
	return optionFunc(func(c *config) { c.minFailures = max(n, 0) })
}

// WithIncident adds a test of an incident: each alert whose long window is at most 12 hours is quiet,
// fires and ends at the times that simulate.Run computes. Default: none.
func WithIncident(in simulate.Incident) Option {
	return optionFunc(func(c *config) { c.incidents = append(c.incidents, in) })
}

// Generate makes the tests of what rules.Generate made of a description. The series of the tests
// have the label job; files are those of the rules, from where the tests are. All problems are
// joined, each an [otelsli.FieldError].
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
		wrong("set", "empty", "what rules.Generate made of the description")
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

// rps is the traffic of the tests: whole events at every scrape.
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

// add adds a test, its expectations in the order of time.
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

// lowTraffic has one failure in ten events of two hours.
func (g *generator) lowTraffic() {
	if g.minFailures < 2 {
		g.suite.Notices = append(g.suite.Notices, "low traffic is not tested: without a minimum of failures, one failure may fire an alert")
		return
	}
	const lasts = 2 * time.Hour
	f := feed{timeline: simulate.NewTimeline(simulate.Incident{{Lasts: lasts, Rate: 10 / lasts.Seconds(), Failed: 0.1}}, 0), lasts: lasts + 10*time.Minute}
	g.add("low traffic: one failure in ten events fires nothing", f, quiet(lasts), quiet(f.lasts))
}

// idle has traffic that ends while its series stay, until windows of an hour are empty.
func (g *generator) idle() {
	in := simulate.Incident{{Lasts: 20 * time.Minute, Rate: rps}, {Lasts: 70 * time.Minute}}
	f := feed{timeline: simulate.NewTimeline(in, 0), lasts: in.Lasts()}
	g.add("idle: series that stay where they are fire nothing", f,
		quiet(time.Hour, `alertname!="`+rules.AlertTrafficCeased+`"`),
		quiet(f.lasts, `alertname!="`+rules.AlertTrafficCeased+`"`))
}

// watched is how many SLIs are missed where their series are gone.
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

// presence has series that end, with their process or without it.
func (g *generator) presence() {
	watched := g.watched()
	if watched == 0 {
		g.suite.Notices = append(g.suite.Notices, "presence is not tested: the rules have no alerts about it")
		return
	}
	end := 30 * time.Minute
	at := end + g.set.Base + 15*g.interval() // after the records, the delay of the alert, and time to spare
	series, targets := match("alertname", rules.AlertSeriesGone), match("alertname", rules.AlertTargetsDown)
	gone := healthyFor(at)
	gone.gone = end
	g.add("series gone while the process is up", gone, quiet(end), fires(at, watched, series), quiet(at, targets))
	gone.down = end
	g.add("targets down", gone, quiet(end), fires(at, watched, targets), quiet(at, series))
}

// A timed is an objective with the tier that is timed.
type timed struct {
	rules.Objective
	tier rules.Tier
}

// The longest windows whose alerts are timed: in the tests that there always are, and in those of
// incidents.
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

// worst has all events failing, or slow.
func (g *generator) worst(slo string) error {
	worst := simulate.Phase{Lasts: 10 * g.interval(), Rate: rps, Failed: 1}
	name := "outage: the fastest alerts fire and end in time"
	if slo == otelsli.SLOApdex {
		worst.Failed, worst.Slow = 0, 1
		name = "slow: the fastest alerts fire and end in time"
	}
	return g.incident(name, simulate.Incident{worst}, g.fastest(slo))
}

// incident times alerts.
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

// keep is how long alerts go on after they would have ended.
func (g *generator) keep() (longest time.Duration) {
	for _, group := range g.set.Groups {
		for _, r := range group.Rules {
			longest = max(longest, r.KeepFiringFor)
		}
	}
	return longest
}

// times are what is expected of one alert: quiet until an interval before each computed time, firing
// an interval after it, and the same at its end.
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
		if to-from > 3*slack { // or there is no time that both tolerances leave
			expects = append(expects, fires(from+slack, 1, which...), fires(to-2*slack, 1, which...))
		}
		if a.Ended && (i+1 == len(r.Alerts) || before+r.Alerts[i+1].From > last+slack) {
			expects = append(expects, quiet(last, which...))
		}
	}
	return expects, last, nil
}
