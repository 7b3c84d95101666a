package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// add puts rules into as many groups of one stage as they need.
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

// nameGroups makes the group names unique and safe as file names.
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

// Packed returns a copy of the set whose groups are merged, stage by stage, into as few as possible,
// for servers that limit the number of groups: Mimir allows 70 per tenant by default. The contents
// of a group then change as SLIs come and go.
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

// externalLabels are labels that servers in several places commonly add to their alerts. Without any
// of them, all alerts compare equal; but if two servers send to one Alertmanager, an outage in one
// place must not silence alerts of the other.
var externalLabels = []string{"cluster", "environment", "region"}

// compact drops duplicates and keeps the order.
func compact(list []string) []string {
	var once []string
	for _, x := range list {
		if !slices.Contains(once, x) {
			once = append(once, x)
		}
	}
	return once
}

// inhibitions make each burn-rate alert silence the slower ones of the same objective, and lost
// targets silence the alerts that follow from them.
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
		// Presence covers all groups of WithGroupBy at once, so its alerts have none of their labels.
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
