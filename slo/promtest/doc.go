// Package promtest writes unit tests for the rules of slo/rules, in the format of `promtool test
// rules`. They verify, without a server, that the alerts of a service fire when they should and not
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
//   - healthy: with only good traffic, nothing fires;
//   - outage: all events fail. The fastest alert of each availability objective is quiet before the
//     time that slo/simulate computes, fires by then, and ends when it should;
//   - slow: the same for apdex objectives, if there are any;
//   - low traffic: one failure in ten events in two hours fires nothing;
//   - idle: traffic ends but the series stay, and nothing fires;
//   - series gone: the series end while their process is up. SLISeriesGone fires, SLITargetsDown does
//     not;
//   - targets down: the process ends. SLITargetsDown fires, SLISeriesGone does not;
//   - each incident of [WithIncident].
//
// # How it is tested
//
// One process is scraped every 15 seconds, or four times per evaluation if that is more often. The
// tests query the series ALERTS, so annotations can be edited without changing a test. Each
// computed time has a tolerance of one evaluation interval on either side. All SLIs share the same few
// tests, so a thousand of them take as many evaluations as one.
//
// # Limits
//
// Alerts whose long window exceeds 6 hours are not timed, because evaluating days takes minutes;
// package internal/conformance of this library times them. Quoted names need promtool 3, and so does
// rules.WithQueryOffset.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. Running a suite takes promtool some seconds per SLI.
package promtest
