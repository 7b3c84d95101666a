// Package graphitebridge sends OpenTelemetry metrics to Graphite and OpenTSDB receivers over TCP,
// and loses nothing that can be kept.
//
//	exporter, err := graphitebridge.New(graphitebridge.Config{
//		Servers: []string{"tcp://graphite.example.com:2003"},
//		Line:    line.Config{Format: line.GraphiteTagged, Prefix: "shop"},
//	})
//	if err != nil {
//		return err
//	}
//	pipeline, err := slisdk.NewPipeline("graphite", nil, exporter)
//
// Programs seldom call it themselves: package otelsli/setup does it from options or the
// environment. How data becomes lines is told by package line below this one.
//
// # Modes
//
// The protocols have no acknowledgement, and a write that succeeds is none: the receiver may die
// with the data unread. The [Mode] says what is taken for one.
//
//   - [Ack], the default, opens a connection for each batch, ends it after the last line and waits
//     for the receiver's own end of the connection, which comes when its application has read
//     everything.
//   - [Stream] keeps one connection, and a copy of what it has sent on it. It acknowledges that in
//     the same way when the copy has reached [Delivery].Window, when the connection has been idle
//     and at Shutdown, and sends it again after a reset. It is for intervals of a few seconds.
//   - [Sync] makes one attempt of at most a second and is content with a write that succeeded, for
//     an agent on the same host. It reads replies until there are none for 100 ms.
//
// A server that fails is followed by the next one of [Config].Servers; [Delivery].Failback goes
// back to the first.
//
// # What is claimed, and what is not
//
// No increment is discarded between New and Shutdown while its series are no more than the limit.
// What was not acknowledged is sent again until it is, and totals are right after the first export
// that succeeds. What could not be sent by the end of Shutdown is lost, and its error says so.
//
// Not claimed, for it cannot be seen from here: that the receiver stores what it has read, that a
// proxy in between passes it on, and that a line arrives once only. A batch whose acknowledgement
// was lost arrives twice. Nor is anything claimed of a process that is killed: what was recorded
// after its last export is gone.
//
// # Totals or increments
//
// By default everything is sent as totals, and of each series only the newest one is kept: after an
// outage one export puts everything right, and what arrived twice is the same total. This is what
// carbon, go-carbon and VictoriaMetrics want. A total that has changed within the second of its last
// line waits for another second, for receivers keep one value of a second, and VictoriaMetrics not
// always the later one; what has not changed is not sent twice in a second. An export or a flush in
// a later second sends what waits. At Shutdown it is dated one second on, so that the final totals
// are the newest, and a query a moment later shows them.
//
// With [Config].Increments, counters and histograms are sent as what was counted since the last
// acknowledged send, for agents that add up. What has not been written yet goes on growing; what
// has is sent again byte by byte, with its old time, until it is acknowledged, so that a receiver
// that knows it stores the same once more. No series has two increments in one second: the second
// one waits, or at Shutdown is dated a second later, as totals are.
// Up-down counters, gauges and summaries are totals all the same. Histograms whose bounds have
// changed are not mixed with what they counted before; a bucket that an exponential histogram gets
// later counts from then on.
//
// The increments are made here, from totals: [Exporter.Temporality] is always cumulative. An export
// that fails therefore costs nothing and counts nothing twice, whatever the reader does about it.
// What was delivered of SLIs is kept with their catalog, for an exporter that follows in the same
// process; other metrics begin anew with their MeterProvider.
//
// # Error budgets
//
// [Config].ErrorBudget sends the SLIs of a catalog as counters of an error-budget agent, always as
// increments, and nothing else unless it says so. Names that differ only in characters that the
// agent does not take are added up.
//
// A [Publisher] is for code that reports single events and has no SLI. It counts them by their tags
// and sends the counts every second; what it holds is bounded by the number of combinations, and
// what it refuses is counted by [Publisher.Refused].
//
// # Outages
//
// An export returns by the end of its context. Its error names the server and says what to check;
// the log has one warning in five minutes and one line when it is over. What is kept is bounded by
// the number of series, not by time: 800 bytes for a counter with three attributes, 400 for each
// line of a histogram, and a batch ([Config].BatchBytes), which is 9 MB for 10,000 counters. Series
// that are not collected any more make room for new ones, except where increments are sent of them.
// Stream adds its window.
//
// # Its own metrics
//
// The exporter reports itself by asynchronous instruments of the application's MeterProvider, named
// otelsli.graphite.…; see [MetricLinesSent] and those that follow. They may leave through the
// exporter itself: they show the state after the export before and their number is fixed, so that
// sending them makes nothing more to send.
//
// # Concurrency and cost
//
// All methods may be called by several goroutines at once; exports take turns. An [Exporter] has no
// goroutine of its own but the one that reads from an open connection, which Shutdown ends. A
// [Publisher] that is not synchronous has one more, which Close ends.
//
// An export of series that are known allocates nothing for each of them, and for a batch, whatever
// its size, less than a hundred times: the connection and its contexts. BenchmarkLoopback compares
// its lines a second with those of client_golang's bridge and of a copy of the same bytes. A
// [Publisher.Send] is a map access under a lock.
package graphitebridge
