package work

import (
	"time"

	"github.com/hashicorp/go-metrics"
)

// hashicorp keeps its counters in memory, by intervals. It has nothing to resolve beforehand.
type hashicorp struct {
	metrics *metrics.Metrics
	sink    *metrics.InmemSink
	series  []Labels
}

var (
	hashicorpTotal   = []string{"place_order", "total"}
	hashicorpSuccess = []string{"place_order", "success"}
)

func newHashicorp(n int) counters {
	config := metrics.DefaultConfig("")
	config.EnableHostname = false
	config.EnableRuntimeMetrics = false
	sink := metrics.NewInmemSink(time.Hour, 2*time.Hour)
	return &hashicorp{metrics: must(metrics.New(config, sink)), sink: sink, series: combinations(n)}
}

func hashicorpLabels(l Labels) []metrics.Label {
	return []metrics.Label{{Name: "channel", Value: l.Channel}, {Name: "tier", Value: l.Tier}}
}

func (c *hashicorp) bound(i int) func(int) {
	labels := hashicorpLabels(c.series[i])
	return func(n int) {
		for range n {
			c.metrics.IncrCounterWithLabels(hashicorpTotal, 1, labels)
			c.metrics.IncrCounterWithLabels(hashicorpSuccess, 1, labels)
		}
	}
}

func (c *hashicorp) labelled(series []Labels) func(int) {
	return func(n int) {
		for i := range n {
			labels := hashicorpLabels(series[i&(len(series)-1)])
			c.metrics.IncrCounterWithLabels(hashicorpTotal, 1, labels)
			c.metrics.IncrCounterWithLabels(hashicorpSuccess, 1, labels)
		}
	}
}

func (c *hashicorp) counted() (sum int64) {
	for _, interval := range c.sink.Data() {
		for _, counter := range interval.Counters {
			sum += int64(counter.Count)
		}
	}
	return sum / 2 // two counters
}
