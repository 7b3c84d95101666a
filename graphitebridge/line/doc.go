// Package line turns OpenTelemetry metric data into the lines that Graphite and OpenTSDB receivers
// read. It knows no network.
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
// Graphite format, and neither kind of receiver takes the lines of the other.
//
// # Mapping
//
// Sums and gauges are one line each. Histograms are .count, .sum and one .bucket line for each
// bound, cumulative and with the key le, as in Prometheus; the last bucket's le is "+Inf", spelt
// "inf" where the plus sign is not in the receiver's character set. Exponential histograms leave in
// the same shape, downscaled to one fixed scale so that the values of le do not change with the
// data; le=0 is the zero bucket. Summaries are .count, .sum and .quantile lines.
//
// # Names
//
// A template makes the metric name of a line, by default {prefix}.{name}{suffix}. Attributes of the
// data point, the allowed ones of the resource and the instance follow it, sorted by key: as tags,
// or in the format Graphite as two nodes each, key and value.
//
// Whatever the input, a name holds only characters that its receiver takes, and the others become
// "_": nothing in a metric name, a key or a value can end a line, add a tag or open a directory.
// Keys that this package sets itself (instance, le, quantile) and those that are special to a
// receiver (name in tagged Graphite, __name__) are given the prefix "exported_" where a data point
// has them. Two keys that became equal are told apart by a number.
//
// # What is not sent
//
// Values that are not finite, lines longer than the receiver's limit, series with more tags than it
// takes, and series whose name, once made safe, is that of another: these are counted by [Reason].
// Sums are an exception to the last: sums of one name are added up, and counted as merged.
//
// # Concurrency and cost
//
// A [Mapper] is for one goroutine at a time. It keeps the name of every series that it has seen, up
// to [Config].MaxSeries lines, and allocates nothing for those: a line then costs about as much as
// copying it and formatting its number.
package line
