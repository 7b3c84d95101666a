// Package rules makes recording rules and alerts of Prometheus from the SLIs of a catalog: error
// budgets, burn-rate alerts and alerts about missing series. It is a pure function from data to
// data, and so are the files that it writes.
//
//	set, err := rules.Generate(catalog.Describe(), rules.Job("shop"))
//	if err != nil {
//		return err
//	}
//	return set.Write(file, rules.Prometheus{})
//
// # Generate or Static
//
// [Generate] makes the rules of one service, for either layout. [Static] makes one file that serves
// every service of the layout [otelsli.Outcomes], because those export their objectives themselves;
// the folder static has it ready, for objectives over 30 days and for 7, 28, 30 and 90 days. What
// only Generate knows are owners, feature categories and labels.
//
// # What is recorded
//
// Numbers of events and of bad events, by window, never ratios: a ratio without events is NaN, and
// one NaN spoils every average that it is in; averages of ratios weigh a quiet hour like a busy
// one. Bad events are the failures for the objective "availability", and the slow successes for
// "apdex". Windows of up to 6 hours are read from the counters. Longer ones, and the period, are
// sums of what was counted every minute over 5 minutes; each event is in five of those, hence the
// division by 5, and the newest minutes, which are not yet in all, are made up for. What was not
// scraped for up to an hour is in these sums too.
//
// [Set.Metrics] lists the records with their descriptions, [Alerts] the alerts.
//
// # Alerts
//
// A burn rate of 1 spends the budget exactly by the end of the period. An alert compares the burn
// rate over two windows with the factor of its [Tier]; see [StandardTiers] for the numbers and for
// other periods than 30 days. It needs some failures, [WithMinFailures], and never a number of
// events, or a full outage of a quiet service would be missed. There is no `for`: the windows are
// delay enough.
//
// Presence is watched by two alerts. Series that begin at 0 stay where they are while a service is
// idle, so a series that is gone means something. Whether its targets are gone as well decides who
// looks, and whether other SLIs of the job are still counted, how soon.
//
// # The chain
//
// Records are read by other records and by alerts, in [Stage] order, and no group holds two links.
// Each link is up to one interval late, by default a minute, the period 4 minutes. So page-fast and
// page-slow are up to 2 minutes late, tickets 3 and the budget 6; [RecordAsOf] says of what time it
// is, and [RecordCoverage] how much of the period it knows.
//
// # What an edit does
//
// The labels of the records are job, service, sli and slo, and those of [WithGroupBy] and [WithTargets]. Objectives,
// periods, owners and windows are in none of them, so that an edit keeps the history: the budget is
// what the new objective leaves of the old events. They are labels of [RecordInfo] alone.
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once. [Set.Write] encodes on all processors,
// and returns when that is done. A thousand SLIs with two objectives each are 67,000 rules, and take
// less than two seconds to generate and to write on two processors: BenchmarkThousandSLIs. What the
// rules cost the server is measured in docs/rules.md.
package rules
