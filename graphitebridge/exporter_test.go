package graphitebridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/line"
	"github.com/otelsli/otelsli-go/otelsli"
)

func TestExportKeepsCopies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(refused)}
		e := newTestExporter(t, quiet(), r)
		bounds, counts := []float64{1}, []uint64{1, 2}
		rm := data(counter("orders", 5), histogram("h", born, bounds, counts...))
		_ = export(t, e, rm)
		rm.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64]).DataPoints[0] = metricdata.DataPoint[int64]{Value: 99}
		bounds[0], counts[0] = 77, 77
		if err := e.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := r.newest()
		if got["orders;instance=i"] != 5 || got["h.bucket;instance=i;le=1"] != 1 || len(got) != 5 {
			t.Errorf("sent %v", got)
		}
	})
}

func TestExportHonoursItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(hangs, hangs)}
		c := quiet()
		c.Timeout = 7 * time.Second
		e := newTestExporter(t, c, r)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		err := e.Export(ctx, data(counter("orders", 1)))
		if took := time.Since(start); err == nil || took != 2*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		for _, part := range []string{"tcp://127.0.0.1:2003", "1 lines wait", "connection refused", "check that", "graphite-tagged"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not say %q", err, part)
			}
		}
		start = time.Now()
		if err := e.Export(t.Context(), data(counter("orders", 1))); err == nil || time.Since(start) != 7*time.Second {
			t.Errorf("without a deadline: %v after %v", err, time.Since(start))
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if err := e.Export(ended, data(counter("orders", 2))); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
}

func TestExportsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(hangs)}
		e := newTestExporter(t, quiet(), r)
		done := make(chan error)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			done <- e.Export(ctx, data(counter("orders", 1)))
		}()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := e.ForceFlush(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "earlier export to tcp://127.0.0.1:2003") {
			t.Errorf("a flush meanwhile: %v", err)
		}
		if err := <-done; err == nil {
			t.Error("the export did not fail")
		}
	})
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(hangs)}
		e := newTestExporter(t, quiet(), r)
		done := make(chan error)
		go func() { done <- e.Export(t.Context(), data(counter("orders", 1))) }()
		time.Sleep(time.Second)
		start := time.Now()
		if err := e.Shutdown(t.Context()); err != nil || time.Since(start) != 0 {
			t.Errorf("Shutdown: %v after %v", err, time.Since(start))
		}
		if err := <-done; err == nil {
			t.Error("the export that was running did not fail")
		}
		if got := r.newest()["orders;instance=i"]; got != 1 || r.closed != 1 {
			t.Errorf("sent %v, closed %d times", got, r.closed)
		}
		for name, err := range map[string]error{
			"Export":     e.Export(t.Context(), data()),
			"ForceFlush": e.ForceFlush(t.Context()),
			"Shutdown":   e.Shutdown(t.Context()),
		} {
			if !errors.Is(err, ErrShutdown) {
				t.Errorf("%s afterwards: %v", name, err)
			}
		}
	})
}

func TestShutdownWithinItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: func(int) fate { return hangs }}
		e := newTestExporter(t, quiet(), r)
		_ = export(t, e, data(counter("orders", 1)))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := e.Shutdown(ctx)
		if took := time.Since(start); took > 9*time.Second || err == nil || !strings.Contains(err.Error(), "1 lines wait") || r.closed != 1 {
			t.Errorf("%v after %v, closed %d times", err, took, r.closed)
		}
	})
}

func TestOutageIsLoggedSparsely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		down := true
		r := &receiverFake{fate: func(int) fate {
			if down {
				return refused
			}
			return arrives
		}}
		c := quiet()
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		e := newTestExporter(t, c, r)
		run := func(d time.Duration) (text string) {
			log.Reset()
			for end := time.Now().Add(d); time.Now().Before(end); {
				_ = export(t, e, data(counter("orders", 1)))
			}
			return log.String()
		}
		if text := run(11 * time.Minute); strings.Count(text, "fails") != 3 || !strings.Contains(text, "tcp://127.0.0.1:2003") || !strings.Contains(text, "buffered=1") {
			t.Errorf("11 minutes of outage:\n%s", text)
		}
		down = false
		if text := run(time.Minute); strings.Count(text, "\n") != 1 || !strings.Contains(text, "works again") {
			t.Errorf("after it:\n%s", text)
		}
		down = true // again within the interval: no warning, but a line when it is over
		if text := run(10 * time.Second); text != "" {
			t.Errorf("a short outage soon after:\n%s", text)
		}
		down = false
		if text := run(time.Minute); strings.Count(text, "works again") != 1 {
			t.Errorf("after it:\n%s", text)
		}
	})
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	c := quiet()
	e := newTestExporter(t, c, silent{})
	if _, ok := e.Aggregation(sdkmetric.InstrumentKindHistogram).(sdkmetric.AggregationExplicitBucketHistogram); !ok {
		t.Errorf("aggregation %v", e.Aggregation(sdkmetric.InstrumentKindHistogram))
	}
	c.Increments = true
	c.Aggregation = func(sdkmetric.InstrumentKind) sdkmetric.Aggregation { return sdkmetric.AggregationDrop{} }
	e = newTestExporter(t, c, silent{})
	if e.Temporality(sdkmetric.InstrumentKindCounter) != metricdata.CumulativeTemporality {
		t.Error("the exporter makes increments itself")
	}
	if _, ok := e.Aggregation(sdkmetric.InstrumentKindCounter).(sdkmetric.AggregationDrop); !ok {
		t.Error("the selector of the configuration is not used")
	}
}

// TestOwnMetrics sends the exporter's metrics through itself.
func TestOwnMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(refused, refused)}
		e := newTestExporter(t, quiet(), r)
		reader := sdkmetric.NewManualReader()
		if err := e.Instrument(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))); err != nil {
			t.Fatal(err)
		}
		var sizes []int
		for range 6 {
			var rm metricdata.ResourceMetrics
			if err := reader.Collect(t.Context(), &rm); err != nil {
				t.Fatal(err)
			}
			if len(rm.ScopeMetrics) != 1 || rm.ScopeMetrics[0].Scope.Name != ScopeName || rm.ScopeMetrics[0].Scope.Version != otelsli.Version {
				t.Fatalf("scopes %+v", rm.ScopeMetrics)
			}
			rm.ScopeMetrics[0].Metrics = append(rm.ScopeMetrics[0].Metrics, counter("dropped", 1, "k", strings.Repeat("x", 9000)))
			_ = export(t, e, &rm)
			sizes = append(sizes, strings.Count(r.deliveries[len(r.deliveries)-1], "\n"))
		}
		if sizes[4] != sizes[5] || sizes[3] != sizes[4] {
			t.Errorf("what is sent grows by itself: %v lines", sizes)
		}
		got := r.newest()
		for name, want := range map[string]float64{
			MetricLinesDropped + ";exporter=graphite;instance=i;reason=too_long": 5,
			MetricFailures + ";exporter=graphite;instance=i;kind=dial":           2,
			MetricLinesAcknowledged + ";exporter=graphite;instance=i":            float64(r.stats.Acknowledged.Lines) - float64(sizes[5]),
			MetricSeriesBuffered + ";exporter=graphite;instance=i":               0,
			MetricOldestAge + ";exporter=graphite;instance=i":                    0,
			MetricLastSuccess + ";exporter=graphite;instance=i":                  float64(time.Now().Add(-6 * time.Second).Unix()),
		} {
			if v, ok := got[name]; !ok || v != want {
				t.Errorf("%s is %v, want %v", name, v, want)
			}
		}
		for _, name := range []string{
			MetricLinesSent, MetricLinesResent, MetricBytesSent, MetricBytesAcknowledged, MetricBytesResent, MetricPointsMerged, MetricConnects, MetricReplies,
		} {
			if _, ok := got[name+";exporter=graphite;instance=i"]; !ok {
				t.Errorf("%s is missing", name)
			}
		}
		if err := e.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &rm); err != nil || len(rm.ScopeMetrics) != 0 {
			t.Errorf("after Shutdown: %v, %v", rm.ScopeMetrics, err)
		}
	})
}

func TestOwnMetricsDuringAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: func(int) fate { return vanishes }}
		c := quiet()
		c.Increments = true
		e := newTestExporter(t, c, r)
		reader := sdkmetric.NewManualReader()
		if err := e.Instrument(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))); err != nil {
			t.Fatal(err)
		}
		for i := range int64(3) {
			_ = export(t, e, data(counter("orders", i)))
		}
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &rm); err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{MetricSeriesBuffered: 2, MetricOldestAge: 9, MetricLinesResent: 2}
		for _, m := range rm.ScopeMetrics[0].Metrics {
			w, ok := want[m.Name]
			if !ok {
				continue
			}
			delete(want, m.Name)
			var v float64
			switch d := m.Data.(type) {
			case metricdata.Gauge[int64]:
				v = float64(d.DataPoints[0].Value)
			case metricdata.Gauge[float64]:
				v = d.DataPoints[0].Value
			case metricdata.Sum[int64]:
				v = float64(d.DataPoints[0].Value)
				if a, _ := d.DataPoints[0].Attributes.Value(AttributeExporter); a != attribute.StringValue(DefaultName) {
					t.Errorf("attribute %v", a)
				}
			}
			if v != w {
				t.Errorf("%s is %v, want %v", m.Name, v, w)
			}
		}
		if len(want) != 0 {
			t.Errorf("missing: %v", want)
		}
		r.fate = nil
	})
}

func TestExportAllocatesLittle(t *testing.T) { //nolint:paralleltest // counts the allocations of the whole process
	c := quiet()
	for _, c.Increments = range []bool{false, true} {
		e := newTestExporter(t, c, acknowledging{})
		rm, points := requests()
		second := time.Now()
		run := func() {
			second = second.Add(time.Second)
			for i := range points {
				points[i].Value++
				points[i].Time = second
			}
			for _, entry := range e.state.entries {
				entry.clock.asked = 0 // or increments of the same second would wait
			}
			if err := e.Export(context.Background(), rm); err != nil {
				t.Fatal(err)
			}
			if s := e.snapshot(); s.buffered != 0 {
				t.Fatalf("%d lines wait", s.buffered)
			}
		}
		run()
		// What is allowed is for the contexts, not by series.
		if n := testing.AllocsPerRun(20, run); n > 40 {
			t.Errorf("increments=%v: %v allocations by export of %d series", c.Increments, n, len(points))
		}
	}
}

func BenchmarkExport(b *testing.B) {
	const series = 10_000
	c := quiet()
	c.Line = line.Config{Format: line.OpenTSDB}
	e := newTestExporter(b, c, acknowledging{})
	points := make([]metricdata.DataPoint[int64], series)
	for i := range points {
		points[i] = metricdata.DataPoint[int64]{Attributes: set("route", fmt.Sprint(i), "code", "200"), StartTime: born, Time: time.Now()}
	}
	rm := data(metricdata.Metrics{Name: "requests", Data: metricdata.Sum[int64]{
		IsMonotonic: true, Temporality: metricdata.CumulativeTemporality, DataPoints: points,
	}})
	b.ReportAllocs()
	second := time.Now()
	for b.Loop() {
		second = second.Add(time.Second)
		for i := range points {
			points[i].Value++
			points[i].Time = second
		}
		if err := e.Export(b.Context(), rm); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(series*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
