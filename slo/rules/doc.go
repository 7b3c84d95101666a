// Package rules generates Prometheus recording rules and alerts from the SLIs of a catalog: error
// budgets, burn-rate alerts and alerts about missing series. It is a pure function from data to
// data: equal arguments give equal rules and equal files.
//
//	set, err := rules.Generate(catalog.Describe(), rules.Job("shop"))
//	if err != nil {
//		return err
//	}
//	return set.Write(file, rules.Prometheus{})
//
// # Generate or Static
//
// [Generate] makes the rules of one service, for either layout. [Static] makes one file for all
// services with the layout [otelsli.Outcomes]: their SLIs share one metric, and the processes export
// the objectives themselves. The folder static has two such files, one for objectives over 30 days
// and one for 7, 28, 30 and 90 days. Only Generate knows owners, feature categories and the labels
// of the SLIs.
//
// # What is recorded
//
// The rules record numbers of events and bad events per window, never ratios: a ratio without events
// is NaN, which spoils every average it is part of, and an average of ratios gives a quiet hour the
// weight of a busy one. Bad events are failures for the objective "availability" and slow successes
// for "apdex". Windows of up to 6 hours are computed from the counters. Longer windows, and the
// period, are sums of records that each count 5 minutes and are made every minute. Each event is in
// five of those records, hence the division by 5; a correction makes up for the newest minutes,
// which are not in all five yet. The sums also include events from scrape gaps of up to an hour.
//
// [Set.Metrics] lists the records with their descriptions, [Alerts] the alerts.
//
// # Alerts
//
// A burn rate of 1 spends the budget exactly by the end of the period. An alert compares the burn
// rate over two windows with the factor of its [Tier]; see [StandardTiers] for the numbers and for
// periods other than 30 days. It also requires a minimum number of failures, [WithMinFailures], but
// no minimum number of events, which would miss a full outage of a quiet service. There is no `for`:
// the windows already delay the alert enough.
//
// Two alerts watch for missing series. Counters start at 0 and keep their values while a service is
// idle, so a series that disappears is always significant. [AlertTargetsDown] fires if the targets
// of the job are gone too, [AlertSeriesGone] if they are not; while other SLIs of the job are still
// counted, the latter is only a ticket.
//
// # The chain
//
// Records are read by other records and by alerts, in [Stage] order, and no group reads its own
// records. Each link of this chain adds a delay of up to one interval: a minute by default, 4 minutes
// for the period. So page-fast and page-slow are up to 2 minutes late, tickets 3 and the budget 6.
// [RecordAsOf] is the time of the newest record in the budget, [RecordCoverage] the share of the period
// that it covers.
//
// # What an edit does
//
// The records of an objective have the labels job, service, sli and slo, and those of [WithGroupBy]
// and [WithTargets]. The objective itself, its period and its owner are labels of [RecordInfo] alone,
// so editing them keeps the history: the budget becomes what the new objective leaves of the old
// events.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. [Set.Write] encodes on all CPUs and returns when that is
// done. A thousand SLIs with two objectives each make 67,000 rules, which take less than two seconds
// to generate and write on two CPUs (BenchmarkThousandSLIs). docs/rules.md has measurements of what
// the rules cost the server.
package rules
