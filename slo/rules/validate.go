package rules

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
)

// ownLabels are the labels that the rules set themselves.
var ownLabels = []string{
	labelJob, labelService, otelsli.AttributeSLI, otelsli.AttributeSLO, otelsli.AttributeOutcome,
	labelSeverity, labelTier, labelLongWindow, labelShortWindow, labelPeriod, labelFeatureCategory, labelOwner,
}

func (c *config) validate(p *problems.List) {
	if c.interval < time.Second || c.interval > maxInterval || c.interval%time.Second != 0 {
		p.Add("WithInterval", c.interval, "whole seconds up to %v, because queries look back only 5m", maxInterval)
		c.interval = DefaultInterval // keeps this problem from causing others
	}
	c.validateTiers(p)
	if !c.strategy.Valid() {
		p.Add("WithTranslation", c.strategy, "one of names.Strategies")
	}
	c.validateLabels(p)
	c.validateTargets(p)
	for _, text := range append([]string{c.service, c.page, c.ticket, c.runbook, c.dashboard}, slices.Sorted(maps.Values(c.alertLabels))...) {
		if !utf8.ValidString(text) {
			p.Add("options", text, "valid UTF-8")
		}
	}
	c.validateURL(p, "WithRunbookURL", c.runbook)
	c.validateURL(p, "WithDashboardURL", c.dashboard)
}

func (c *config) validateLabels(p *problems.List) {
	for i, label := range c.groupBy {
		if !labelPattern.MatchString(label) || slices.Contains(ownLabels, label) || slices.Contains(c.groupBy[:i], label) {
			p.Add("WithGroupBy or WithTargets", label, "a label name that the rules do not set themselves, each only once")
		}
	}
	for _, label := range sortedKeys(c.alertLabels) {
		if !labelPattern.MatchString(label) || slices.Contains(ownLabels, label) || slices.Contains(c.groupBy, label) {
			p.Add("WithAlertLabels", label, "a label name that the rules do not set themselves")
		}
	}
}

func (c *config) validateTargets(p *problems.List) {
	var known []string
	for _, m := range c.matchers {
		_, err := regexp.Compile(m.Value)
		regular := m.Op == "=~" || m.Op == "!~"
		if !regular && m.Op != "=" && m.Op != "!=" || regular && err != nil || slices.Contains(known, m.Label) {
			p.Add("WithTargets", m.String(), "a valid PromQL matcher, at most one per label")
		}
		known = append(known, m.Label)
	}
}

// maxInterval keeps the records that are evaluated every periodIntervals within Prometheus'
// lookback.
const maxInterval = time.Minute

func (c *config) validateTiers(p *problems.List) {
	var known []string
	for _, t := range c.tiersFor(otelsli.DefaultWindow) {
		if slices.Contains(known, t.Name) {
			p.Add("WithTiers", t.Name, "every name once")
		}
		known = append(known, t.Name)
		t.validate(p, c.interval)
	}
	for _, name := range c.only {
		if !slices.Contains(known, name) {
			p.Add("WithOnlyTiers", name, "some of %s", strings.Join(known, ", "))
		}
	}
}

// tiersFor returns the tiers for a period, before any selection by name.
func (c *config) tiersFor(period time.Duration) []Tier {
	if len(c.tiers) > 0 {
		return c.tiers
	}
	tiers := StandardTiers(period)
	for i, severity := range []string{c.page, c.page, c.ticket, c.ticket} {
		tiers[i].Severity = severity
	}
	return tiers
}

// selected drops the tiers that WithOnlyTiers does not name.
func (c *config) selected(tiers []Tier) []Tier {
	if len(c.only) == 0 {
		return tiers
	}
	return slices.DeleteFunc(slices.Clone(tiers), func(t Tier) bool { return !slices.Contains(c.only, t.Name) })
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func (c *config) validateURL(p *problems.List, field, template string) {
	if strings.Contains(template, "{{") {
		p.Add(field, template, "placeholders in single braces, such as {sli}")
		return
	}
	for _, name := range placeholder.FindAllString(template, -1) {
		if _, ok := urlPlaceholders[name]; !ok {
			p.Add(field, name, "{alert}, {service}, {job}, {sli}, {slo} or {severity}")
		}
	}
}

func (j Jobs) validate(p *problems.List, service string) {
	if j.matcher.Value == "" {
		p.Add("job", j.matcher.Value, "the label job of the service: Job or JobsMatching, not empty")
		return
	}
	if j.matcher.Op == "=~" {
		if _, err := regexp.Compile(j.matcher.Value); err != nil {
			p.Add("JobsMatching", j.matcher.Value, "an RE2 expression: %v", err)
		}
	}
	if service == "" {
		p.Add("WithService", service, "a name, because JobsMatching does not provide one")
	}
}
