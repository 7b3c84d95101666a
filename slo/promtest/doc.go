// Package promtest writes unit tests for the rules of slo/rules, in the format of `promtool test
// rules`: they prove, without a server, that the alerts of a service fire when they should and not
// otherwise.
//
//	set, err := rules.Generate(description, rules.Job("shop"))
//	if err != nil {
//		return err
//	}
//	suite, err := promtest.Generate(description, set, "shop", []string{"rules.yml"})
//	if err != nil {
//		return err
//	}
//	return suite.Write(file)
//
// # What is tested
//
//   - healthy: with good traffic alone nothing fires;
//   - outage: all events fail. The fastest alert of each availability objective is quiet before the
//     time that slo/simulate computes, fires by then, and has ended when it should;
//   - slow: the same for apdex, if there is one;
//   - low traffic: one failure in ten events of two hours fires nothing;
//   - idle: traffic ends, the series stay: nothing fires;
//   - series gone: the series end while their process is up: SLISeriesGone fires, and nothing else;
//   - targets down: the process ends: SLITargetsDown fires, and SLISeriesGone does not;
//   - and each incident of [WithIncident].
//
// # How it is tested
//
// Counters are scraped every 15 seconds, four times for each evaluation at least, from one process. What fires is read from the series
// ALERTS, so that the texts of annotations can be changed without changing a test. Each time is
// given one interval of evaluation on either side. All SLIs are in the same few tests, so that a
// thousand of them take as many evaluations as one.
//
// # Limits
//
// Alerts whose long window is more than 6 hours are not timed: days of evaluations take minutes.
// package internal/conformance of this library times them. Names in quotes need promtool 3, and so
// does rules.WithQueryOffset.
//
// # Concurrency and cost
//
// All functions may be called by several goroutines at once. A suite takes promtool some seconds for
// each SLI.
package promtest
