// Package names knows the names under which a catalog's metrics are queried. The same OpenTelemetry
// counter has a different name behind each receiver. Rules, dashboards and tools take their names
// from here, so what is emitted and what is queried cannot drift apart.
//
//	n := names.Of(catalog.Describe(), names.UnderscoreEscapingWithSuffixes)
//	n.Counter("place_order", names.Failed).String() // sli_place_order_error_total
//
// # Translations
//
// A [Strategy] is the translation that a receiver applies to OpenTelemetry names, as named by the
// specification and by the Prometheus setting otlp.translation_strategy. The two that escape with
// underscores give the same names, because every counter of a catalog ends in ".total":
//
//	UnderscoreEscapingWithSuffixes     Prometheus, the Collector's Prometheus exporter, scrapes
//	UnderscoreEscapingWithoutSuffixes  Mimir
//	NoUTF8EscapingWithSuffixes         {"sli.place_order.error_total"}
//	NoTranslation                      {"sli.place_order.error.total"}
//
// The names of the last two are quoted in PromQL, which Prometheus supports from version 3.0 on and
// VictoriaMetrics does not support.
//
// # Layouts
//
// What is a counter of its own in the layout [otelsli.Counters] is a selection by the label outcome
// in [otelsli.Outcomes]. A [Count] says what to count, and [Namer.Counter] returns the selector for it:
//
//	names.Total   events that count for the error rate   names.Judged    successes whose latency was judged
//	names.Failed  events that failed                     names.Slow      those past their threshold
//	names.Ignored events that count neither way          names.Satisfied those within it
//
// # Concurrency and cost
//
// All types are values without shared state, and nothing here does any I/O.
package names
