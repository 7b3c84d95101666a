// Package line converts OpenTelemetry metric data to the lines that Graphite and OpenTSDB receivers
// read. It does no networking.
//
//	mapper, err := line.NewMapper(line.Config{Format: line.GraphiteTagged, Instance: "pod-7"})
//	if err != nil {
//		return err
//	}
//	mapper.Map(data, time.Now(), func(s *line.Sample) {
//		buffer = s.Series.AppendLines(buffer, s.Seconds, s.Values)
//	})
//
// # Formats
//
//	Graphite        shop.orders.instance.pod-7.tier.gold 12 1700000000
//	GraphiteTagged  shop.orders;instance=pod-7;tier=gold 12 1700000000
//	OpenTSDB        put shop.orders 1700000000 12 instance=pod-7 tier=gold
//
// The last is what OpenTSDB calls its telnet protocol; error-budget agents read it too. It is not a
// Graphite format, and neither kind of receiver accepts the lines of the other.
//
// # Mapping
//
// Sums and gauges are one line each. Histograms are .count, .sum and one cumulative .bucket line
// per bound, with the key le as in Prometheus; the last bucket's le is "+Inf", or "inf" if the plus
// sign is not in the receiver's character set. Exponential histograms have the same shape,
// downscaled to one fixed scale so that the values of le do not change with the data; le=0 is the
// zero bucket. Summaries are .count, .sum and .quantile lines.
//
// # Names
//
// A template makes the metric name of a line, by default {prefix}.{name}{suffix}. The attributes of
// the data point, the selected ones of the resource and the instance follow it, sorted by key: as
// tags, or in the format Graphite as two nodes each, key and value.
//
// Whatever the input, a name holds only characters that its receiver accepts; others become "_".
// Nothing in a metric name, a key or a value can end a line, add a tag or open a directory. If a
// data point has a key that this package sets itself (instance, le, quantile) or that is special to
// a receiver (name in tagged Graphite, __name__), the key gets the prefix "exported_". Keys that
// become equal are told apart by a number.
//
// # What is not sent
//
// Values that are not finite, lines longer than the receiver's limit, series with more tags than it
// accepts, and series whose name, once made safe, equals that of another are dropped and counted by
// [Reason]. Sums are an exception to the last: those with the same name are added up, and counted
// as merged.
//
// # Concurrency and cost
//
// A [Mapper] is not safe for concurrent use. It keeps the names of all series it has seen, up to
// [Config].MaxSeries lines, and makes no allocations for those: a line then costs about as much as
// copying it and formatting its number.
package line
