// Package graphitebridge sends OpenTelemetry metrics to Graphite and OpenTSDB receivers over TCP,
// and sends again whatever was not acknowledged.
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
// Most programs use package otelsli/setup instead, which does this from options or the environment.
// Package line describes how data becomes lines.
//
// # Modes
//
// The protocols have no acknowledgement, and a successful write is not one: the receiver may die
// with the data unread. The [Mode] determines what counts as an acknowledgement.
//
//   - [Ack], the default, opens a connection for each batch, half-closes it after the last line and
//     waits for the receiver to close its side, which happens when its application has read
//     everything.
//   - [Stream] keeps one connection open, and a copy of what it has sent on it. It gets that
//     acknowledged in the same way when the copy reaches [Delivery].Window, when the connection has
//     been idle and at Shutdown, and sends it again after a reset. It is meant for intervals of a
//     few seconds.
//   - [Sync] makes one attempt of at most a second and is satisfied with a successful write, for an
//     agent on the same host. It reads replies until there are none for 100 ms.
//
// If a server fails, the next one of [Config].Servers is used; [Delivery].Failback returns to the
// first.
//
// # Guarantees and limits
//
// Between New and Shutdown no increment is discarded, as long as the number of series does not
// exceed the limit. Whatever was not acknowledged is sent again until it is, and totals are correct
// after the first successful export. What could not be sent by the end of Shutdown is lost, and the
// error says so.
//
// Not guaranteed, because it cannot be observed here: that the receiver stores what it has read,
// that a proxy in between passes it on, and that a line arrives only once. A batch whose
// acknowledgement was lost arrives twice. Nor is anything guaranteed if the process is killed: what
// was recorded after its last export is gone.
//
// # Totals or increments
//
// By default everything is sent as totals, and only the newest total of each series is kept: after
// an outage a single export restores all values, and duplicates carry the same total. This suits
// carbon, go-carbon and VictoriaMetrics. Receivers keep one value per second, and VictoriaMetrics
// not always the later one. A total that changes within the second of its last line therefore waits
// for another second, and an unchanged one is not sent twice in a second. An export or flush in a
// later second sends what waits. Shutdown dates it one second ahead, so that the final totals are
// the newest; a query a moment later shows them.
//
// With [Config].Increments, counters and histograms are sent as what was counted since the last
// acknowledged send, for agents that add values up. An increment keeps growing until it is first
// written. From then on it is sent again byte for byte, with its old timestamp, until it is
// acknowledged, so a receiver that already has it stores the same value again. No series has two
// increments in one second: the second one waits, or is dated a second later at Shutdown, as totals
// are. Up-down counters, gauges and summaries are always totals. If the bounds of a histogram
// change, its counts are not mixed with earlier ones; a bucket that an exponential histogram gains
// later counts from then on.
//
// Increments are computed here, from totals: [Exporter.Temporality] is always cumulative. A failed
// export therefore loses nothing and counts nothing twice, whatever the reader does about it. What
// was delivered of SLIs is kept with their catalog, for a later exporter in the same process; other
// metrics start again with their MeterProvider.
//
// # Error budgets
//
// [Config].ErrorBudget sends the SLIs of a catalog as counters for an error-budget agent, always as
// increments, and nothing else unless it says so. Series whose names differ only in characters that
// the agent does not accept are added up.
//
// A [Publisher] is for code that reports single events and has no SLI. It counts events by their
// tags and sends the counts every second. It holds a bounded number of tag combinations;
// [Publisher.Refused] counts the events it refuses.
//
// # Outages
//
// An export returns when its context ends, at the latest. Its error names the server and says what
// to check; the log has one warning every five minutes and one line when the outage is over. Memory
// is bounded by the number of series, not by time: 800 bytes for a counter with three attributes,
// 400 for each line of a histogram, and a batch ([Config].BatchBytes), in total 9 MB for 10,000
// counters. Series that are no longer collected make room for new ones, unless increments are sent
// for them. Stream adds its window.
//
// # Self-metrics
//
// The exporter reports on itself with asynchronous instruments of the application's MeterProvider,
// named otelsli.graphite.…; see [MetricLinesSent] and the names after it. They may be exported by
// the exporter itself: they show the state after the previous export and their number is fixed, so
// sending them creates nothing more to send.
//
// # Concurrency and cost
//
// All methods are safe for concurrent use; exports run one after the other. The only goroutine of an
// [Exporter] is the one that reads from an open connection, which Shutdown ends. A [Publisher] that
// is not synchronous has one more, which Close ends.
//
// An export of known series makes no allocations per series, and fewer than a hundred per batch of
// any size: the connection and its contexts. BenchmarkLoopback compares its lines per second with
// those of client_golang's bridge and of copying the same bytes. A [Publisher.Send] is a map access
// under a lock.
package graphitebridge
