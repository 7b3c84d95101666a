package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/names"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// late is how much later than computed an alert may fire or end: a scrape, and up to one interval
// for each link of the longest chain (counters, base, days, alert).
const late = 4 * time.Minute

// TestDetectionAndReset holds the alerts to the times that follow from "The Site Reliability
// Workbook", chapter 5: at an objective of 99.9 % over 30 days, with steady traffic, an alert
// begins when the long window has its share of failures, after factor * budget * long / rate, and
// ends when the short one has lost it, after short * (1 - factor * budget / rate).
func TestDetectionAndReset(t *testing.T) {
	t.Parallel()
	const budget = 0.001
	table := []string{
		"| failures | alert | detected: computed | evaluated | reset: computed | evaluated |",
		"|--:|---|--:|--:|--:|--:|",
	}
	for _, incident := range []struct {
		rate      float64
		tier      string
		clean     time.Duration // before it
		lasts     time.Duration
		afterward time.Duration
	}{
		{1, rules.PageFast, 3 * time.Hour, 10 * time.Minute, 20 * time.Minute},
		{0.1, rules.PageFast, 3 * time.Hour, 30 * time.Minute, 20 * time.Minute},
		{0.01, rules.PageSlow, 8 * time.Hour, 4 * time.Hour, time.Hour},
		{0.002, rules.TicketSlow, 73 * time.Hour, 38 * time.Hour, 4 * time.Hour},
	} {
		if raceEnabled && incident.clean > day {
			continue // five days take a minute
		}
		w := newWorld(t, mode{otelsli.Counters, false, names.UnderscoreEscapingWithSuffixes})
		w.start()
		w.run(incident.clean, load{rps: 10})
		begins := w.at()
		w.run(incident.lasts, load{rps: 10, failed: incident.rate})
		ends := w.at()
		w.run(incident.afterward, load{rps: 10})
		fired := w.rules().history(epoch, w.at()).of(rules.AlertBudgetBurn, "slo", otelsli.SLOAvailability)
		tier := tierOf(incident.tier)
		got := fired.of(rules.AlertBudgetBurn, "tier", tier.Name)
		if len(got) != 1 {
			t.Fatalf("%v: %s fired %d times, want once: %v", incident.rate, tier.Name, len(got), fired)
		}
		threshold := tier.Factor * budget / incident.rate
		detected, reset := got[0].from.Sub(begins), got[0].to.Sub(ends)
		wantDetected := time.Duration(threshold * float64(tier.Long)).Round(time.Second)
		wantReset := time.Duration((1 - threshold) * float64(tier.Short)).Round(time.Second)
		table = append(table, fmt.Sprintf("| %g %% | %s | %v | %v | %v | %v |",
			100*incident.rate, tier.Name, wantDetected, detected, wantReset, reset))
		within(t, tier.Name+" detected", detected, wantDetected)
		within(t, tier.Name+" reset", reset, wantReset)
		w.fasterAreQuiet(fired, tier, incident.rate/budget)
	}
	t.Log("\n" + strings.Join(table, "\n"))
}

func tierOf(name string) rules.Tier {
	for _, t := range rules.StandardTiers(otelsli.DefaultWindow) {
		if t.Name == name {
			return t
		}
	}
	return rules.Tier{}
}

func within(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	early := scrapeInterval + want/100
	if got < want-early || got > want+late+want/100 {
		t.Errorf("%s after %v, want %v to %v", what, got, want, want+late)
	}
}

// fasterAreQuiet checks that no tier fired whose factor the incident never reached.
func (w *world) fasterAreQuiet(fired firings, reached rules.Tier, burn float64) {
	w.t.Helper()
	for _, tier := range rules.StandardTiers(otelsli.DefaultWindow) {
		if tier.Factor > burn && len(fired.of(rules.AlertBudgetBurn, "tier", tier.Name)) > 0 {
			w.t.Errorf("%s fired at a burn rate of %v; only %s and slower ones should", tier.Name, burn, reached.Name)
		}
	}
}
