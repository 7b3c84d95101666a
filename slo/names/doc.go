// Package names knows what the metrics of a catalog are called where they are queried. The same
// OpenTelemetry counter has another name behind each receiver; rules, dashboards and tools take
// theirs from here, so that what is emitted and what is queried cannot drift apart.
//
//	n := names.Of(catalog.Describe(), names.UnderscoreEscapingWithSuffixes)
//	n.Counter("place_order", names.Failed).String() // sli_place_order_error_total
//
// # Translations
//
// A [Strategy] is the translation that a receiver applies to OpenTelemetry names, in the words of
// the specification and of the setting otlp.translation_strategy of Prometheus. Both that write
// underscores give the same names, for every counter of a catalog ends in ".total":
//
//	UnderscoreEscapingWithSuffixes     Prometheus, the Collector's Prometheus exporter, scrapes
//	UnderscoreEscapingWithoutSuffixes  Mimir
//	NoUTF8EscapingWithSuffixes         {"sli.place_order.error_total"}
//	NoTranslation                      {"sli.place_order.error.total"}
//
// The names of the last two are quoted in PromQL, which Prometheus reads from version 3.0 on, and
// VictoriaMetrics does not.
//
// # Layouts
//
// What is one counter in [otelsli.Counters] is a selection by the label outcome in
// [otelsli.Outcomes]. A [Count] says what is to be counted, and [Namer.Counter] where it is:
//
//	names.Total   events that count for the error rate   names.Judged    successes whose latency was judged
//	names.Failed  events that failed                     names.Slow      those past their threshold
//	names.Ignored events that count neither way          names.Satisfied those within it
//
// # Concurrency and cost
//
// All types are values without shared state. Nothing here does any input or output.
package names
