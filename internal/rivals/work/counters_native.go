package work

import (
	vm "github.com/VictoriaMetrics/metrics"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// prom is client_golang: two vectors.
type prom struct {
	total, success *prometheus.CounterVec
	series         []Labels
}

func newProm(n int) counters {
	c := &prom{
		total:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "place_order_total"}, labelNames),
		success: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "place_order_success_total"}, labelNames),
		series:  combinations(n),
	}
	for _, l := range c.series {
		c.total.WithLabelValues(l.Channel, l.Tier)
		c.success.WithLabelValues(l.Channel, l.Tier)
	}
	return c
}

func (c *prom) bound(i int) func(int) {
	l := c.series[i]
	total, success := c.total.WithLabelValues(l.Channel, l.Tier), c.success.WithLabelValues(l.Channel, l.Tier)
	return func(n int) {
		for range n {
			total.Inc()
			success.Inc()
		}
	}
}

func (c *prom) labelled(series []Labels) func(int) {
	total, success := c.total, c.success
	return func(n int) {
		for i := range n {
			l := series[i&(len(series)-1)]
			total.WithLabelValues(l.Channel, l.Tier).Inc()
			success.WithLabelValues(l.Channel, l.Tier).Inc()
		}
	}
}

func (c *prom) counted() int64 { return same(promSum(c.total, c.series), promSum(c.success, c.series)) }

func promSum(vec *prometheus.CounterVec, series []Labels) (sum int64) {
	for _, l := range series {
		sum += promValue(vec.WithLabelValues(l.Channel, l.Tier))
	}
	return sum
}

func promValue(c prometheus.Counter) int64 {
	var m dto.Metric
	mustDo(c.Write(&m))
	return int64(m.GetCounter().GetValue())
}

// same returns what both counters have, and -1 if they differ.
func same(total, success int64) int64 {
	if total != success {
		return -1
	}
	return total
}

// victoria is VictoriaMetrics/metrics: a set of counters whose names hold their labels.
type victoria struct {
	set    *vm.Set
	series []Labels
}

func newVictoria(n int) counters {
	c := &victoria{set: vm.NewSet(), series: combinations(n)}
	for _, l := range c.series {
		c.total(l)
		c.success(l)
	}
	return c
}

func (c *victoria) total(l Labels) *vm.Counter {
	return c.set.GetOrCreateCounter(`place_order_total{channel="` + l.Channel + `",tier="` + l.Tier + `"}`)
}

func (c *victoria) success(l Labels) *vm.Counter {
	return c.set.GetOrCreateCounter(`place_order_success_total{channel="` + l.Channel + `",tier="` + l.Tier + `"}`)
}

func (c *victoria) bound(i int) func(int) {
	total, success := c.total(c.series[i]), c.success(c.series[i])
	return func(n int) {
		for range n {
			total.Inc()
			success.Inc()
		}
	}
}

func (c *victoria) labelled(series []Labels) func(int) {
	return func(n int) {
		for i := range n {
			l := series[i&(len(series)-1)]
			c.total(l).Inc()
			c.success(l).Inc()
		}
	}
}

func (c *victoria) counted() int64 {
	var total, success uint64
	for _, l := range c.series {
		total += c.total(l).Get()
		success += c.success(l).Get()
	}
	return same(int64(total), int64(success))
}
