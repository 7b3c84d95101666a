package contract

import (
	"fmt"
	"sort"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Samples are the values of one collection, by series: the name in Prometheus spelling and the
// sorted attributes, such as `sli_order_total{channel="web"}`.
type Samples map[string]float64

// put adds a sample. A series that occurs twice is a fault of the door; it is kept under a key that
// no comparison expects.
func (s Samples) put(name string, labels map[string]string, value float64) {
	pairs := make([]string, 0, len(labels))
	for k, v := range labels {
		pairs = append(pairs, fmt.Sprintf("%s=%q", k, v))
	}
	sort.Strings(pairs)
	key := strings.ReplaceAll(name, ".", "_") + "{" + strings.Join(pairs, ",") + "}"
	if _, twice := s[key]; twice {
		key = "twice: " + key
	}
	s[key] = value
}

// FromCatalog reads the catalog directly, without a door: the values that doors are compared with.
func FromCatalog(c *otelsli.Catalog) Samples {
	s := make(Samples)
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				if v, ok := p.Value(i); ok {
					s.put(counter.Name, labelsOf(p.Attributes(i)), float64(v))
				}
			}
		}
		for _, g := range f.Objectives() {
			s.put(g.Name, labelsOf(g.Attributes), g.Value)
		}
	}
	return s
}

// FromMetricData reads the SLI scope of an SDK collection.
func FromMetricData(rm *metricdata.ResourceMetrics) Samples {
	s := make(Samples)
	for _, scope := range rm.ScopeMetrics {
		if scope.Scope.Name != otelsli.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					s.put(m.Name, labelsOf(p.Attributes), float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					s.put(m.Name, labelsOf(p.Attributes), p.Value)
				}
			}
		}
	}
	return s
}

// FromFamilies reads the families of a Prometheus gatherer whose names begin with the prefix.
func FromFamilies(families []*dto.MetricFamily, prefix string) Samples {
	s := make(Samples)
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), prefix+"_") {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := make(map[string]string)
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			value := m.GetCounter().GetValue()
			if m.GetGauge() != nil {
				value = m.GetGauge().GetValue()
			}
			s.put(f.GetName(), labels, value)
		}
	}
	return s
}

func labelsOf(set attribute.Set) map[string]string {
	labels := make(map[string]string, set.Len())
	for _, kv := range set.ToSlice() {
		labels[string(kv.Key)] = kv.Value.AsString()
	}
	return labels
}
