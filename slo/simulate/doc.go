// Package simulate computes what an incident would do: which alerts fire and when, when they end, and
// how much of the error budget is spent. It evaluates what the rules of slo/rules record, interval by
// interval, without a server.
//
//	incident, err := simulate.Parse("2% failures for 3h at 50 rps")
//	if err != nil {
//		return err
//	}
//	result, err := simulate.Run(incident, set.Objectives[0])
//
// # Incidents
//
// An [Incident] is a sequence of phases. [Parse] reads them from one line of text:
//
//	2% failures for 3h at 50 rps
//	outage for 10m at 600/min, then 5% failures and 10% slow for 1h
//	100% slow for 20m at 3 rps, then healthy for 1h, then outage for 5m
//	no traffic for 30m, then 1 in 10 failures for 2h at 100 per hour
//
// Before the first phase and after the last one the service is healthy. Its traffic is then that of the
// first and of the last phase that has any, respectively.
//
// # What is computed
//
// Events are whole and evenly spaced. Windows of up to 6 hours are differences of the counters at each
// evaluation; longer ones are sums of what was counted over five intervals, as in the rules. An alert
// fires at the first evaluation at which its burn rate exceeds the factor over both windows and the
// long one contains enough failures.
//
// The result agrees with the Prometheus engine to within one evaluation interval, if the records of an
// evaluation are available to the next link of the chain at once. A server may be up to one interval
// later per link: one for windows of up to 6 hours, two for longer ones.
//
// # Concurrency and cost
//
// All functions are safe for concurrent use. A run takes some milliseconds for each week that the
// longest window and the incident together last, and 32 bytes for each evaluation.
package simulate
