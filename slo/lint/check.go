package lint

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/rules"
)

// Check returns the findings about a catalog: first those about the catalog as a whole, then by SLI,
// most severe first. A nil description is treated as empty.
func Check(d *otelsli.Description, options ...Option) []Finding {
	l := &linter{config: newConfig(options)}
	if d == nil || len(d.SLIs) == 0 {
		l.add(Error, checkEmpty, "", "the catalog has no SLIs", "declare one with otelsli.New")
		return l.findings
	}
	if l.set == nil {
		l.set = standard(d)
	}
	if l.delta {
		l.add(Error, checkDelta, "", "delta temporality for Prometheus, which rejects it or reads each export as a cumulative total",
			"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative")
	}
	l.base()
	for _, sli := range d.SLIs {
		l.sli = sli
		l.declaration()
		l.objective()
	}
	l.sli = otelsli.SLIDescription{}
	l.cost(Costs(d, l.set, l.pods))
	sortFindings(l.findings)
	return l.findings
}

// standard returns the rules that a service gets without options.
func standard(d *otelsli.Description) *rules.Set {
	set, err := rules.Generate(d, rules.Job("lint"))
	if err != nil {
		return &rules.Set{} // cannot happen: no option is set
	}
	return set
}

type linter struct {
	config
	sli      otelsli.SLIDescription // the one being checked
	findings []Finding
}

func (l *linter) add(s Severity, check, field, message, fix string) {
	l.findings = append(l.findings, Finding{Check: check, Severity: s, SLI: l.sli.Name, Field: field, Message: message, Fix: fix})
}

// overwritten are labels that scrape configurations often set.
var overwritten = []string{"service", "namespace", "pod", "container", "endpoint", "cluster", "env", "node", "region"}

// redundant are parts of names that repeat the metric name or read like one of the counters.
var redundant = []string{"sli", "slo", "metric", "count", "counter", "error", "errors", "success", "failed", "slow", "apdex", "ignored"}

func (l *linter) declaration() {
	sli := l.sli
	for _, label := range sli.Labels {
		if slices.Contains(overwritten, label) {
			l.add(Warning, checkLabel, "label "+label, "scrape configurations often set this label too; Prometheus then renames the SLI's own to exported_"+label,
				"another name, or honor_labels in the scrape configuration")
		}
	}
	for part := range strings.SplitSeq(sli.Name, "_") {
		if slices.Contains(redundant, part) {
			l.add(Info, checkName, "Name", fmt.Sprintf("the part %q repeats or resembles a part of the metric names", part),
				"only the operation, such as \"place_order\"")
			break
		}
	}
	if sli.Description == "" {
		l.add(Info, checkText, "Description", "no description", "a sentence that says what one event is")
	}
	switch o := sli.Objective; {
	case o == nil:
		l.add(Info, checkObjective, "Objective", "no objective: no budget and no burn-rate alerts", "otelsli.Objective{Availability: 0.999}")
	case sli.Owner == "":
		l.add(Info, checkOwner, "Owner", "an objective without an owner", "the team that gets the alerts")
	}
	if o := sli.Objective; o != nil && o.Apdex == 0 && sli.Kind.Has(otelsli.Apdex) {
		l.add(Info, checkLatency, "Objective.Apdex", "a threshold without an apdex objective: slow events burn no budget", "Apdex: 0.99, or no threshold")
	}
}

// objective checks the objectives against the rules.
func (l *linter) objective() {
	for _, o := range l.set.Objectives {
		if o.SLI != l.sli.Name {
			continue
		}
		field := "Objective." + strings.ToUpper(o.SLO[:1]) + o.SLO[1:]
		l.reachable(o, field)
		l.windows(o, field)
		l.enough(o, field)
	}
}

func (l *linter) reachable(o rules.Objective, field string) {
	fix := fmt.Sprintf("an objective above %s, or tiers with smaller factors", percent(1-1/14.4))
	if len(o.Tiers) == 0 {
		l.add(Error, checkAlert, field, fmt.Sprintf("no alert can fire: with an objective of %s, even a full outage burns the budget at only %s times the sustainable rate",
			percent(o.Target), number(1/(1-o.Target))), fix)
		return
	}
	for _, n := range l.set.Notices {
		if n.SLI == o.SLI && n.SLO == o.SLO {
			l.add(Warning, checkAlert, field, n.Text, fix)
		}
	}
}

// minScrapes is how many scrapes a window must contain.
const minScrapes = 4

func (l *linter) windows(o rules.Objective, field string) {
	var short []string
	longest := o.Period
	for _, t := range o.Tiers {
		if t.Short < minScrapes*l.scrape {
			short = append(short, fmt.Sprintf("%s (%s)", t.Name, rules.Duration(t.Short)))
		}
		longest = max(longest, t.Long)
	}
	if len(short) > 0 {
		l.add(Error, checkScrapes, field, fmt.Sprintf("short windows hold fewer than %d scrapes at a scrape interval of %s: %s",
			minScrapes, rules.Duration(l.scrape), strings.Join(short, ", ")),
			fmt.Sprintf("a scrape interval of at most %s, or tiers with longer windows", rules.Duration(shortest(o.Tiers)/minScrapes)))
	}
	if l.retention > 0 && longest > l.retention {
		l.add(Warning, checkRetention, field, fmt.Sprintf("%s of data are needed, but only %s are kept: the budget misses older events",
			rules.Duration(longest), rules.Duration(l.retention)), "a retention of at least "+rules.Duration(longest+24*time.Hour)+", or a shorter window")
	}
}

// base checks the shortest window of the records, on which all others and the alerts about missing
// series depend. If an alert has the same window, that is reported instead.
func (l *linter) base() {
	if l.set.Base == 0 || l.set.Base >= minScrapes*l.scrape {
		return
	}
	for _, o := range l.set.Objectives {
		if shortest(o.Tiers) <= l.set.Base {
			return
		}
	}
	l.add(Error, checkScrapes, "", fmt.Sprintf("the shortest window of the records, %s, holds fewer than %d scrapes at a scrape interval of %s: records have gaps or are missing",
		rules.Duration(l.set.Base), minScrapes, rules.Duration(l.scrape)),
		fmt.Sprintf("a scrape interval of at most %s, or a longer evaluation interval, of which the window spans five", rules.Duration(l.set.Base/minScrapes)))
}

func shortest(tiers []rules.Tier) time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, t := range tiers {
		least = min(least, t.Short)
	}
	return least
}

// enough checks an objective against the traffic of an SLI.
func (l *linter) enough(o rules.Objective, field string) {
	if l.traffic == 0 {
		return
	}
	var blind []string
	for _, t := range o.Tiers {
		if events := l.traffic * t.Long.Seconds(); events < float64(l.minFailures) {
			blind = append(blind, fmt.Sprintf("%s (%s events in %s)", t.Name, number(events), rules.Duration(t.Long)))
		}
	}
	if len(blind) > 0 {
		l.add(Warning, checkTraffic, field, fmt.Sprintf("at %s events per second, not even a full outage has the %d failures that these alerts need: %s",
			number(l.traffic), l.minFailures, strings.Join(blind, ", ")), "a lower WithMinFailures, or a probe that adds traffic")
	}
	if allowed := (1 - o.Target) * l.traffic * o.Period.Seconds(); allowed < 1 {
		l.add(Warning, checkTraffic, field, fmt.Sprintf("the budget of %s is %s events: the first bad event spends all of it", rules.Duration(o.Period), number(allowed)),
			"a lower objective, or a longer window")
	}
}

// number formats a float with three digits.
func number(f float64) string { return strconv.FormatFloat(f, 'g', 3, 64) }

func percent(ratio float64) string { return strconv.FormatFloat(100*ratio, 'g', 6, 64) + "%" }
