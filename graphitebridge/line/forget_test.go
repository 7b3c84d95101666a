package line

import (
	"fmt"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// TestMetricsWithoutSeries do not add up, however many names come and go.
func TestMetricsWithoutSeries(t *testing.T) {
	t.Parallel()
	m, err := NewMapper(Config{MaxSeries: 1})
	if err != nil {
		t.Fatal(err)
	}
	point := []metricdata.DataPoint[int64]{{Value: 1}}
	for i := range 100 {
		m.Map(&metricdata.ResourceMetrics{Resource: resource.Empty(), ScopeMetrics: []metricdata.ScopeMetrics{{
			Metrics: []metricdata.Metrics{
				{Name: "first", Data: metricdata.Gauge[int64]{DataPoints: point}},
				{Name: fmt.Sprint("late", i), Data: metricdata.Gauge[int64]{DataPoints: point}},
			},
		}}}, time.Now(), func(*Sample) {})
		if !m.Full() {
			t.Fatal("there is room for a second series")
		}
		m.ForgetRefused()
	}
	if len(m.metrics) != 1 {
		t.Errorf("%d metrics are kept, want 1", len(m.metrics))
	}
}
