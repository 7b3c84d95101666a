package declarative

import "go.opentelemetry.io/contrib/otelconf"

// smallestLimit returns how many attribute sets every reader accepts for the instruments of the
// SLIs, which are observable counters and gauges. 0 means no limit. fallback is the limit of
// readers for which the file sets none.
func smallestLimit(file *otelconf.OpenTelemetryConfiguration, fallback int) int {
	smallest := 0
	for _, r := range file.MeterProvider.Readers {
		if r.Periodic == nil {
			continue
		}
		for _, n := range readerLimits(r.Periodic.CardinalityLimits, fallback) {
			if n > 0 && (smallest == 0 || n < smallest) {
				smallest = n
			}
		}
	}
	return smallest
}

// readerLimits resolves the limits of one reader as otelconf does: that of the instrument kind,
// else the reader's default, else the provider's.
func readerLimits(l *otelconf.CardinalityLimits, fallback int) [2]int {
	if l == nil {
		return [2]int{fallback, fallback}
	}
	if l.Default != nil {
		fallback = *l.Default
	}
	counter, gauge := fallback, fallback
	if l.ObservableCounter != nil {
		counter = *l.ObservableCounter
	}
	if l.ObservableGauge != nil {
		gauge = *l.ObservableGauge
	}
	return [2]int{counter, gauge}
}
