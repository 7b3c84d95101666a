package graphitebridge

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/graphitebridge/internal/delivery"
	"github.com/otelsli/otelsli-go/otelsli"
)

// slis is what a collection has of SLIs: a counter for each total, which tiers tell apart.
func slis(start time.Time, tiers []string, totals ...int64) *metricdata.ResourceMetrics {
	points := make([]metricdata.DataPoint[int64], len(totals))
	for i, v := range totals {
		points[i] = metricdata.DataPoint[int64]{Attributes: set("tier", tiers[i]), StartTime: start, Time: time.Now(), Value: v}
	}
	rm := data(metricdata.Metrics{Name: "sli", Data: metricdata.Sum[int64]{
		IsMonotonic: true, Temporality: metricdata.CumulativeTemporality, DataPoints: points,
	}})
	rm.ScopeMetrics[0].Scope = instrumentation.Scope{Name: otelsli.ScopeName}
	return rm
}

// TestExportersFollowOneAnother: increments that one exporter has delivered are not sent by the
// next one.
func TestExportersFollowOneAnother(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name   string
		tiers  []string
		start  time.Time // for the second exporter
		before []int64
		after  []int64
		ctx    context.Context
		want   float64
	}{
		{"one series", []string{"a"}, born, []int64{5}, []int64{8}, t.Context(), 8},
		{"another start", []string{"a"}, born.Add(time.Hour), []int64{5}, []int64{8}, t.Context(), 8},
		{"begins again", []string{"a"}, born.Add(time.Hour), []int64{5}, []int64{3}, t.Context(), 8},
		{"names become equal", []string{"a b", "a_b"}, born, []int64{5, 7}, []int64{6, 9}, t.Context(), 15},
		{"a late name", []string{"a b", "a_b"}, born, []int64{5}, []int64{6, 9}, t.Context(), 15},
		{"no time to shut down", []string{"a"}, born, []int64{5}, []int64{8}, ended, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &receiverFake{}
			config := quiet()
			config.Increments = true
			first := newTestExporter(t, config, r)
			if err := first.Export(context.Background(), slis(born, c.tiers, c.before...)); err != nil {
				t.Fatal(err)
			}
			if err := first.Shutdown(c.ctx); err != nil {
				t.Fatal(err)
			}
			second := newTestExporter(t, config, r)
			if err := second.Export(context.Background(), slis(c.start, c.tiers, c.after...)); err != nil {
				t.Fatal(err)
			}
			if err := second.Shutdown(context.Background()); err != nil {
				t.Fatal(err)
			}
			var got float64
			for _, v := range r.sums() {
				got += v
			}
			if got != c.want {
				t.Errorf("adds up to %v, want %v", got, c.want)
			}
			r.noConflicts(t)
		})
	}
}

// TestShutdownDuringAnExport without time of its own waits for the export that it breaks off, and
// for nothing else.
func TestShutdownDuringAnExport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(arrives, hangs)}
		config := quiet()
		config.Increments = true
		e := newTestExporter(t, config, r)
		if err := export(t, e, slis(born, []string{"a"}, 5)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- e.Export(t.Context(), slis(born, []string{"a"}, 6)) }()
		time.Sleep(time.Second)
		ended, end := context.WithCancel(t.Context())
		end()
		start := time.Now()
		if err := e.Shutdown(ended); err == nil || time.Since(start) != 0 {
			t.Errorf("Shutdown: %v after %v", err, time.Since(start))
		}
		if err := <-done; err == nil {
			t.Error("the export did not fail")
		}
		kept := memoryOf(config.Catalog, DefaultName).settled
		for name, r := range kept {
			if len(r.parts) != 1 || r.parts[0].values[0].Float64() != 5 {
				t.Errorf("kept of %s for the next one: %+v", name, r)
			}
		}
		if len(kept) != 1 {
			t.Errorf("%d series are kept", len(kept))
		}
	})
}

// TestInstrumentByMany leaves one set of instruments, and none after Shutdown.
func TestInstrumentByMany(t *testing.T) {
	t.Parallel()
	e := newTestExporter(t, quiet(), acknowledging{})
	if err := e.Export(t.Context(), data(counter("a", 1))); err != nil {
		t.Fatal(err)
	}
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := e.Instrument(provider); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := e.callbacks(t, reader); n != 1 {
		t.Errorf("%d callbacks observe", n)
	}
	var ended int // of a call that was overtaken by another one
	for range 2 {
		if err := e.observed(func() error { ended++; return nil }); err != nil || ended > 1 {
			t.Errorf("%v, %d ended", err, ended)
		}
	}
	if ended != 1 {
		t.Errorf("%d of two callbacks are ended", ended)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Instrument(provider); !errors.Is(err, ErrShutdown) {
		t.Errorf("Instrument after Shutdown: %v", err)
	}
	if n := e.callbacks(t, reader); n != 0 {
		t.Errorf("%d callbacks observe after Shutdown", n)
	}
}

// callbacks returns how many callbacks add to one counter.
func (e *Exporter) callbacks(t *testing.T, reader sdkmetric.Reader) (n int64) {
	t.Helper()
	e.mu.Lock()
	e.shown.merged = 1
	e.mu.Unlock()
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, s := range rm.ScopeMetrics {
		for _, m := range s.Metrics {
			if m.Name == MetricPointsMerged {
				n += m.Data.(metricdata.Sum[int64]).DataPoints[0].Value
			}
		}
	}
	return n
}

// retaining is a sender with lines in its window.
type retaining struct{ acknowledging }

func (retaining) Stats() delivery.Stats {
	return delivery.Stats{Retained: delivery.Traffic{Lines: 7}}
}

// TestBufferedCountsTheWindow: what Stream holds waits for acknowledgement too.
func TestBufferedCountsTheWindow(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	c := quiet()
	c.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	newTestExporter(t, c, retaining{})
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, m := range rm.ScopeMetrics[0].Metrics {
		if m.Name == MetricSeriesBuffered {
			if got := m.Data.(metricdata.Gauge[int64]).DataPoints[0].Value; got != 7 {
				t.Errorf("%d lines wait, want 7", got)
			}
			return
		}
	}
	t.Error("no " + MetricSeriesBuffered)
}
