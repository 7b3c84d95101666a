package diff

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/lint"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Compare returns the differences between two catalogs. The options are those with which the rules are
// generated; it fails if they are invalid. A nil description is treated as one without SLIs.
func Compare(before, after *otelsli.Description, options ...rules.Option) (*Report, error) {
	c := &comparison{before: orEmpty(before), after: orEmpty(after), report: &Report{Changes: []Change{}, Alerts: []AlertChange{}}}
	sets := make([]*rules.Set, 2)
	for i, d := range []*otelsli.Description{c.before, c.after} {
		set, err := rules.Generate(d, rules.Job("diff"), options...)
		if err != nil {
			return nil, err
		}
		sets[i] = set
	}
	c.catalog()
	c.slis()
	c.alerts(sets[0], sets[1])
	costs := []lint.Cost{lint.Costs(c.before, sets[0], 1), lint.Costs(c.after, sets[1], 1)}
	c.report.Series = Delta{costs[0].Series, costs[1].Series}
	c.report.Rules = Delta{costs[0].Rules, costs[1].Rules}
	return c.report, nil
}

func orEmpty(d *otelsli.Description) *otelsli.Description {
	if d == nil {
		return &otelsli.Description{Version: otelsli.DescriptionVersion, Prefix: otelsli.DefaultPrefix}
	}
	return d
}

type comparison struct {
	before, after *otelsli.Description
	report        *Report
}

func (c *comparison) add(change Change) { c.report.Changes = append(c.report.Changes, change) }

// catalog compares what all SLIs have in common.
func (c *comparison) catalog() {
	const renamed = "every series gets a new name: all history is lost"
	if c.before.Prefix != c.after.Prefix {
		c.add(Change{
			Field: "prefix", Old: c.before.Prefix, New: c.after.Prefix, Severity: Break, Series: renamed,
			Rules: "all rules read the new names", Advice: "generate new rules and load them with the deployment",
		})
	}
	if c.before.Layout != c.after.Layout {
		c.add(Change{
			Field: "layout", Old: c.before.Layout.String(), New: c.after.Layout.String(), Severity: Break, Series: renamed,
			Rules: "all rules read the new names; the names of the records stay the same", Advice: "generate new rules and load them with the deployment",
		})
	}
}

func byName(d *otelsli.Description) map[string]otelsli.SLIDescription {
	all := make(map[string]otelsli.SLIDescription, len(d.SLIs))
	for _, sli := range d.SLIs {
		all[sli.Name] = sli
	}
	return all
}

func (c *comparison) slis() {
	old, now := byName(c.before), byName(c.after)
	renamed := make(map[string]bool) // old names
	for _, sli := range c.after.SLIs {
		if was, ok := old[sli.Name]; ok {
			c.sli(was, sli)
			continue
		}
		if was, ok := c.renamedFrom(sli, now, renamed); ok {
			renamed[was.Name] = true
			c.add(Change{
				SLI: sli.Name, Field: "Name", Old: was.Name, New: sli.Name, Severity: Break,
				Series: "the series of " + was.Name + " end and those of " + sli.Name + " start at 0: history is lost",
				Rules:  "the records start over with a full budget; " + rules.AlertSeriesGone + " fires if the old rules stay loaded",
				Advice: "keep the name, or load the new rules with the deployment",
			})
			c.sli(was, sli)
			continue
		}
		c.add(Change{
			SLI: sli.Name, Severity: Notice, New: "added", Series: plural(len(sli.Series), "label combination") + ", starting at 0",
			Rules: "new; the budget does not cover the time before",
		})
	}
	for _, sli := range c.before.SLIs {
		if _, ok := now[sli.Name]; !ok && !renamed[sli.Name] {
			c.add(Change{
				SLI: sli.Name, Severity: Break, Old: "removed", Series: "end",
				Rules:  rules.AlertSeriesGone + " fires for a day if the old rules stay loaded",
				Advice: "load the new rules with the deployment",
			})
		}
	}
}

// renamedFrom finds an SLI that is gone and equal to the new one except for its name.
func (c *comparison) renamedFrom(sli otelsli.SLIDescription, now map[string]otelsli.SLIDescription, taken map[string]bool) (otelsli.SLIDescription, bool) {
	for _, was := range c.before.SLIs {
		if _, stays := now[was.Name]; stays || taken[was.Name] {
			continue
		}
		same := was.Kind == sli.Kind && was.Threshold == sli.Threshold && slices.Equal(was.Labels, sli.Labels) &&
			reflect.DeepEqual(was.Objective, sli.Objective) && was.Owner == sli.Owner && was.FeatureCategory == sli.FeatureCategory
		if same {
			return was, true
		}
	}
	return otelsli.SLIDescription{}, false
}

// sli compares one SLI before and after.
func (c *comparison) sli(was, is otelsli.SLIDescription) {
	field := func(name string, old, now any, change Change) {
		if reflect.DeepEqual(old, now) {
			return
		}
		change.SLI, change.Field, change.Old, change.New = is.Name, name, fmt.Sprint(old), fmt.Sprint(now)
		c.add(change)
	}
	field("Kind", was.Kind, is.Kind, c.kind(was.Kind, is.Kind))
	field("Threshold", was.Threshold.Duration(), is.Threshold.Duration(), Change{
		Severity: Notice, Series: "continue, with the new threshold from the deployment on",
		Rules: "unaffected; apdex over the period mixes both thresholds for one full period after the deployment",
	})
	old, now := objectiveOf(was), objectiveOf(is)
	field("Objective.Availability", target(old.Availability), target(now.Availability), objective(old.Availability, now.Availability))
	field("Objective.Apdex", target(old.Apdex), target(now.Apdex), objective(old.Apdex, now.Apdex))
	if was.Objective != nil && is.Objective != nil {
		field("Objective.Window", rules.Duration(old.Window.Duration()), rules.Duration(now.Window.Duration()), Change{
			Severity: Notice, Series: unaffected, Rules: "the alert windows scale with it; new windows use the existing records, as far back as these go",
		})
	}
	c.labels(was, is)
	about := Change{Severity: None, Series: unaffected, Rules: "labels of alerts and of " + rules.RecordInfo + " change"}
	field("FeatureCategory", was.FeatureCategory, is.FeatureCategory, about)
	field("Owner", was.Owner, is.Owner, about)
	field("Description", was.Description, is.Description, Change{Severity: None, Series: unaffected})
}

func objectiveOf(sli otelsli.SLIDescription) otelsli.ObjectiveDescription {
	if sli.Objective == nil {
		return otelsli.ObjectiveDescription{}
	}
	return *sli.Objective
}

// target formats an objective; 0 is "none".
func target(ratio float64) string {
	if ratio == 0 {
		return "none"
	}
	return fmt.Sprint(ratio)
}

// unaffected describes series that do not change, even if the rules use them differently.
const unaffected = "unaffected"

// objective describes the change of an objective. Its records exist only while the SLI has it.
func objective(was, is float64) Change {
	change := Change{Severity: Notice, Series: unaffected, Rules: "the budget is recalculated for the events so far; the alerts use the new objective at once"}
	switch {
	case was == 0:
		change.Rules = "its records start now: the budget does not cover the time before"
	case is == 0:
		change.Rules = "its records, alerts and budget end"
	}
	return change
}

// kind describes what happens to the series of an SLI whose kind changes. In the layout Outcomes, only
// the series of slow events depend on the kind.
func (c *comparison) kind(was, is otelsli.Kind) Change {
	begun, ended := is&^was, was&^is
	if c.after.Layout == otelsli.Outcomes {
		begun, ended = begun&otelsli.Apdex, ended&otelsli.Apdex
	}
	change := Change{Severity: Notice, Series: unaffected, Rules: "determined by its objectives"}
	switch {
	case ended != 0:
		change.Severity, change.Series = Break, "those of "+ended.String()+" end"
		change.Advice = "load the new rules with the deployment"
	case begun != 0:
		change.Series = "those of " + begun.String() + " start at 0, the others continue"
	}
	return change
}

// labels compares the labels and the declared combinations. The order of labels does not matter.
func (c *comparison) labels(was, is otelsli.SLIDescription) {
	if !slices.Equal(slices.Sorted(slices.Values(was.Labels)), slices.Sorted(slices.Values(is.Labels))) {
		c.add(Change{
			SLI: is.Name, Field: "labels", Old: strings.Join(was.Labels, ","), New: strings.Join(is.Labels, ","), Severity: Break,
			Series: "all start at 0 with the new labels, and the old ones end",
			Rules:  "records and budgets continue, because they do not have these labels: totals keep their history",
			Advice: "change your own dashboards and alerts that select the old labels",
		})
		return
	}
	old, now := combinations(was), combinations(is)
	added, removed := 0, 0
	for key := range now {
		if _, there := old[key]; !there {
			added++
		}
	}
	for key := range old {
		if _, there := now[key]; !there {
			removed++
		}
	}
	if added+removed > 0 {
		c.add(Change{
			SLI: is.Name, Field: "series", Old: plural(len(old), "combination"), New: plural(len(now), "combination"), Severity: Notice,
			Series: fmt.Sprintf("%d start at 0, %d are no longer declared, the others continue", added, removed), Rules: unaffected,
		})
	}
	if was.Threshold == is.Threshold && was.Kind == is.Kind { // otherwise already reported
		c.thresholds(is.Name, old, now)
	}
}

// combinations returns the thresholds of the declared series by their label values.
func combinations(sli otelsli.SLIDescription) map[string]time.Duration {
	all := make(map[string]time.Duration, len(sli.Series))
	for _, s := range sli.Series {
		var values []string
		for _, label := range slices.Sorted(slices.Values(sli.Labels)) {
			values = append(values, fmt.Sprintf("%q", s.Labels[label]))
		}
		all[strings.Join(values, ",")] = s.Threshold.Duration()
	}
	return all
}

// thresholds compares the thresholds of the combinations that stay.
func (c *comparison) thresholds(sli string, old, now map[string]time.Duration) {
	var before, after []time.Duration
	ended, begun := 0, 0
	for key, is := range now {
		was, there := old[key]
		if !there || was == is {
			continue
		}
		before, after = append(before, was), append(after, is)
		switch {
		case is == 0:
			ended++
		case was == 0:
			begun++
		}
	}
	if len(before) == 0 {
		return
	}
	change := Change{
		SLI: sli, Field: "series: threshold", Old: several(before), New: several(after), Severity: Notice,
		Rules: "unaffected; apdex over the period mixes both thresholds for one full period after the deployment",
	}
	if ended > 0 {
		change.Severity, change.Advice = Break, "keep the threshold where the history of the apdex matters"
	}
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{len(before) - ended - begun, " with the new threshold from the deployment on"},
		{begun, " with an apdex that starts at 0"},
		{ended, " without an apdex, so its series end"},
	} {
		if part.n > 0 {
			parts = append(parts, strconv.Itoa(part.n)+part.what)
		}
	}
	change.Series = "label combinations: " + strings.Join(parts, ", ")
	c.add(change)
}

// several lists thresholds, each once; 0 is "none".
func several(all []time.Duration) string {
	slices.Sort(all)
	var texts []string
	for _, d := range slices.Compact(all) {
		if d == 0 {
			texts = append(texts, "none")
			continue
		}
		texts = append(texts, d.String())
	}
	return strings.Join(texts, ", ")
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// An alertKey identifies a burn-rate alert.
type alertKey struct{ sli, slo, tier string }

func (k alertKey) compare(other alertKey) int {
	return cmp.Or(cmp.Compare(k.sli, other.sli), cmp.Compare(k.slo, other.slo), cmp.Compare(k.tier, other.tier))
}

// burnAlerts describes the burn-rate alerts of a set.
func burnAlerts(set *rules.Set) map[alertKey]string {
	all := make(map[alertKey]string)
	for _, o := range set.Objectives {
		for _, t := range o.Tiers {
			all[alertKey{o.SLI, o.SLO, t.Name}] = fmt.Sprintf("%s at %gx over %s and %s, for %s%% over %s",
				t.Severity, t.Factor, rules.Duration(t.Long), rules.Duration(t.Short), strconv.FormatFloat(100*o.Target, 'g', 8, 64), rules.Duration(o.Period))
		}
	}
	return all
}

func (c *comparison) alerts(before, after *rules.Set) {
	old, now := burnAlerts(before), burnAlerts(after)
	var keys []alertKey
	for key := range old {
		keys = append(keys, key)
	}
	for key := range now {
		if _, known := old[key]; !known {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, alertKey.compare)
	for _, key := range keys {
		was, is := old[key], now[key]
		change := AlertChange{SLI: key.sli, SLO: key.slo, Tier: key.tier, Change: "changed", Old: was, New: is}
		switch {
		case was == is:
			continue
		case was == "":
			change.Change = "added"
		case is == "":
			change.Change = "removed"
		}
		c.report.Alerts = append(c.report.Alerts, change)
	}
}
