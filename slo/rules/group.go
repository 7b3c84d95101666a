package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// add puts rules into groups of one stage, as many as they need.
func (g *generator) add(s *scope, stage Stage, rules []Rule) {
	for chunk := range slices.Chunk(rules, MaxGroupRules) {
		g.set.Groups = append(g.set.Groups, Group{
			Name:        s.id + "-" + string(stage),
			Stage:       stage,
			Interval:    g.every(stage),
			QueryOffset: g.queryOffset,
			Rules:       chunk,
		})
	}
}

func (g *generator) every(stage Stage) time.Duration {
	if stage == StagePeriod {
		return periodIntervals * g.interval
	}
	return g.interval
}

var unsafeInNames = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// nameGroups makes the names of the groups unique and fit for the names of files.
func (s *Set) nameGroups() {
	seen := make(map[string]int)
	for i := range s.Groups {
		base := unsafeInNames.ReplaceAllString(s.Groups[i].Name, "_")
		name := base
		for n := 2; seen[name] > 0; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		seen[name]++
		s.Groups[i].Name = name
	}
}

// Packed returns the set with its groups merged, stage by stage, as far as they fit: fewer groups,
// for servers that limit their number, as Mimir does to 70 by tenant. The names of the groups then
// change as SLIs come and go.
func (s *Set) Packed() *Set {
	packed := *s
	packed.Groups = nil
	for _, stage := range []Stage{StageRaw, StageDays, StagePeriod, StageBudget, StageGroups, StageAlerts} {
		var rules []Rule
		var first *Group
		for i, g := range s.Groups {
			if g.Stage == stage {
				rules = append(rules, g.Rules...)
				first = &s.Groups[i]
			}
		}
		for chunk := range slices.Chunk(rules, MaxGroupRules) {
			g := *first
			g.Name, g.Rules = s.name+"-"+string(stage), slices.Clone(chunk)
			packed.Groups = append(packed.Groups, g)
		}
	}
	packed.nameGroups()
	return &packed
}

// externalLabels are those that servers in several places usually add to their alerts. Alerts that
// have none of them are equal in all; but where two servers send to one Alertmanager, what is down
// in one place must not keep quiet what fails in the other.
var externalLabels = []string{"cluster", "environment", "region"}

// compact drops what is there already.
func compact(list []string) []string {
	var once []string
	for _, x := range list {
		if !slices.Contains(once, x) {
			once = append(once, x)
		}
	}
	return once
}

// inhibitions let each burn-rate alert keep the slower ones of the same objective quiet, and let
// lost targets keep everything quiet that follows from them.
func (c *config) inhibitions(more ...string) []Inhibition {
	var tiers []string
	for _, t := range c.selected(c.tiersFor(30 * day)) {
		tiers = append(tiers, t.Name)
	}
	place := compact(slices.Concat(c.place(), more, externalLabels))
	equal := compact(slices.Concat(place, c.groupBy, []string{"sli", "slo"}))
	alertname := func(alert string) string { return fmt.Sprintf("alertname=%q", alert) }
	var all []Inhibition
	for i, tier := range tiers {
		if slower := tiers[i+1:]; len(slower) > 0 {
			all = append(all, Inhibition{
				Source: []string{alertname(AlertBudgetBurn), fmt.Sprintf("tier=%q", tier)},
				Target: []string{alertname(AlertBudgetBurn), fmt.Sprintf("tier=~%q", strings.Join(slower, "|"))},
				Equal:  equal,
			})
		}
	}
	if c.presence {
		// Presence is judged for all groups at once, so that its alerts have none of their labels.
		shared := slices.DeleteFunc(place, func(label string) bool {
			return slices.Contains(c.groupBy, label) && !slices.Contains(c.place(), label)
		})
		all = append(all, Inhibition{
			Source: []string{alertname(AlertTargetsDown)},
			Target: []string{fmt.Sprintf("alertname=~%q", AlertBudgetBurn+"|"+AlertTrafficCeased+"|"+AlertMostlyIgnored)},
			Equal:  append(shared, "sli"),
		})
	}
	return all
}
