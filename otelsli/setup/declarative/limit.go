package declarative

import "go.opentelemetry.io/contrib/otelconf"

// smallestLimit returns how many attribute sets the instruments of the SLIs, which are observable
// counters and gauges, take in every reader. 0 is no limit. fallback is the limit of readers that
// have none in the file.
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

// readerLimits resolves the limits of one reader as otelconf does: for the kind of instrument, by
// default, of the provider.
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
