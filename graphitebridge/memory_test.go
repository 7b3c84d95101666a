package graphitebridge

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestMemoryOfAnOutage measures what 10,000 series take that cannot be sent: as much after the
// first export as after the last.
func TestMemoryOfAnOutage(t *testing.T) { //nolint:paralleltest // measures the heap of the whole process
	const series, ceiling = 10_000, 1200 // bytes for each
	points := make([]metricdata.DataPoint[int64], series)
	for i := range points {
		points[i] = metricdata.DataPoint[int64]{Attributes: set("route", fmt.Sprint("/r/", i), "code", "200", "method", "GET"), StartTime: born, Time: time.Now()}
	}
	rm := data(metricdata.Metrics{Name: "http.requests", Data: metricdata.Sum[int64]{
		IsMonotonic: true, Temporality: metricdata.CumulativeTemporality, DataPoints: points,
	}})
	for _, increments := range []bool{false, true} {
		before := heap()
		c := quiet()
		c.Increments = increments
		e := newTestExporter(t, c, silent{})
		_ = e.Export(context.Background(), rm)
		first := heap() - before
		for range 20 {
			for i := range points {
				points[i].Value++
			}
			_ = e.Export(context.Background(), rm)
		}
		last := heap() - before
		if last > series*ceiling || last > first+first/2 {
			t.Errorf("increments=%v: %d bytes for each series, %d after the first export", increments, last/series, first/series)
		}
		runtime.KeepAlive(e)
	}
	runtime.KeepAlive(rm)
}

func heap() int {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int(s.HeapAlloc)
}
