package rules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
	"github.com/otelsli/otelsli-go/slo/internal/problems"
)

// A Tier is one burn-rate alert. It fires while the error budget burns faster than Factor over both
// windows. The long window ensures that enough of the budget is gone, the short one that it is still
// burning, so the alert ends soon after the incident does.
type Tier struct {
	Name        string        // value of the label tier, such as "page-fast"
	Severity    string        // value of the label severity
	Factor      float64       // burn rate; at 1 the budget lasts exactly one period
	Long, Short time.Duration // windows
	For         time.Duration // 0: fires at once, as the windows already delay it
}

// Names of the standard tiers.
const (
	PageFast   = "page-fast"
	PageSlow   = "page-slow"
	TicketFast = "ticket-fast"
	TicketSlow = "ticket-slow"
)

// Severities of the standard tiers, unless [WithSeverities] sets others.
const (
	SeverityPage   = "page"
	SeverityTicket = "ticket"
)

const day = 24 * time.Hour

// StandardTiers returns the tiers of "The Site Reliability Workbook", chapter 5, for an objective
// over the period:
//
//	             7 days            28, 30 or 31 days  90 days        factor  share of the budget
//	page-fast    15m and 5m        1h and 5m          3h and 15m     14.4    2 %
//	page-slow    1h30m and 8m      6h and 30m         18h and 1h30m  6       5 %
//	ticket-fast  6h and 30m        1d and 2h          3d and 6h      3       10 %
//	ticket-slow  18h and 1h30m     3d and 6h          9d and 18h     1       10 %
//
// The windows scale with the period, in steps of a quarter of 30 days; the factors do not. So for
// every period, a page means that the same share of the budget is gone, and the same error rate is
// just tolerable. If the factors were scaled instead, the last one would fall to 0.23 for 7 days,
// alerting on budgets that are never used up; for 90 days the first would rise to 43, which an
// objective of 97 % cannot reach even in a full outage. A short window is a twelfth of the long one,
// but at least 5 minutes, which contain four scrapes at the usual intervals.
func StandardTiers(period time.Duration) []Tier {
	quarters := max(1, math.Round(4*float64(period)/float64(otelsli.DefaultWindow)))
	tiers := []Tier{
		{Name: PageFast, Severity: SeverityPage, Factor: 14.4, Long: time.Hour},
		{Name: PageSlow, Severity: SeverityPage, Factor: 6, Long: 6 * time.Hour},
		{Name: TicketFast, Severity: SeverityTicket, Factor: 3, Long: day},
		{Name: TicketSlow, Severity: SeverityTicket, Factor: 1, Long: 3 * day},
	}
	for i := range tiers {
		long := tiers[i].Long / 4 * time.Duration(quarters)
		tiers[i].Long = long
		tiers[i].Short = max(5*time.Minute, (long/12 + time.Minute - 1).Truncate(time.Minute))
	}
	return tiers
}

// Share returns the share of the period's budget that is gone when the tier starts to fire, from 0 to
// 1, under steady traffic.
func (t Tier) Share(period time.Duration) float64 {
	return t.Factor * float64(t.Long) / float64(period)
}

var (
	tierPattern  = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)
	labelPattern = regexp.MustCompile(`^_?[a-zA-Z][a-zA-Z0-9_]*$`)
)

func (t Tier) validate(p *problems.List, interval time.Duration) {
	field := fmt.Sprintf("WithTiers: tier %.60q: ", t.Name)
	if !tierPattern.MatchString(t.Name) {
		p.Add(field+"Name", t.Name, `lower case words joined by "-", such as "page-fast"`)
	}
	if t.Severity == "" {
		p.Add(field+"Severity", t.Severity, "a severity that Alertmanager routes by, such as %q", SeverityPage)
	}
	if !(t.Factor > 0) || math.IsInf(t.Factor, 0) {
		p.Add(field+"Factor", t.Factor, "a burn rate above 0, such as 14.4")
	}
	if t.Short < baseRecords*interval || t.Short%time.Millisecond != 0 {
		p.Add(field+"Short", t.Short, "at least %v, %d times the evaluation interval", baseRecords*interval, baseRecords)
	}
	if t.Long <= t.Short || t.Long%time.Millisecond != 0 {
		p.Add(field+"Long", t.Long, "more than the short window of %v", t.Short)
	}
	if t.For < 0 {
		p.Add(field+"For", t.For, "0 or more")
	}
}

// windows returns the windows of the tiers, each once, ascending.
func windows(tiers []Tier) []time.Duration {
	var all []time.Duration
	for _, t := range tiers {
		all = append(all, t.Long, t.Short)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
