package graphitebridge

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A model is what sources count, in the simplest way. Each step is a byte: what happens, and to
// which of four counters.
type model struct {
	exporter *Exporter
	receiver *receiverFake

	counted  [4]int64 // ever
	total    [4]int64 // since the last restart
	start    [4]int64
	missing  [4]bool
	observed []uint64 // by bucket, in the bounds of now
	bounds   int
	events   int64 // of the histogram, ever
	next     fate
}

func (m *model) step(t *testing.T, b byte) {
	i := b >> 4 & 3
	switch b % 8 {
	case 0, 1:
		m.counted[i] += int64(b)
		m.total[i] += int64(b)
		m.observed[b>>6%3]++
		m.events++
	case 2: // begins again
		m.total[i] = int64(i)
		m.counted[i] += int64(i)
		m.start[i]++
	case 3:
		m.missing[i] = !m.missing[i]
	case 4: // other bounds
		if b >= 0xe0 {
			m.bounds++
			m.observed = make([]uint64, 3)
		}
	case 5, 6:
		m.next = fate(b >> 4 % byte(hangs+1))
	case 7:
		m.export(t)
		time.Sleep(time.Duration(b>>5) * 400 * time.Millisecond)
	}
}

// export collects and sends. Counters 2 and 3 have one name once it is safe.
func (m *model) export(t *testing.T) {
	var list []metricdata.Metrics
	for i, v := range m.total {
		if m.missing[i] {
			continue
		}
		c := counter("c", v, "k", []string{"0", "1", "a b", "a_b"}[i])
		c.Data.(metricdata.Sum[int64]).DataPoints[0].StartTime = born.Add(time.Duration(m.start[i]) * time.Hour)
		list = append(list, c)
	}
	if m.bounds < maxFormer { // what is lost beyond that has a test of its own
		bounds := []float64{1, float64(2 + m.bounds)}
		list = append(list, histogram("h", born.Add(time.Duration(m.bounds)*time.Hour), bounds, slices.Clone(m.observed)...))
	}
	m.receiver.fate = func(int) fate { return m.next }
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = m.exporter.Export(ctx, data(list...))
	m.next = arrives
}

// FuzzIncrements runs steps against the model: restarts, series that are away, names that become
// equal, bounds that change, all kinds of failures, and exports in the same second.
func FuzzIncrements(f *testing.F) {
	f.Add([]byte{0x00, 0x07, 0x11, 0x25, 0x17, 0x20, 0x87, 0x02, 0x77})
	f.Add([]byte{0x31, 0x21, 0x47, 0x13, 0x67, 0x45, 0x20, 0x07, 0xe4, 0x31, 0x55, 0x17, 0x07})
	f.Add([]byte{0x10, 0x35, 0x17, 0x12, 0x10, 0x45, 0x17, 0x33, 0x30, 0x27, 0x33, 0x27})
	f.Add([]byte("the quick brown fox jumps over the lazy dog 0123456789"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 200 {
			return
		}
		synctest.Test(t, func(t *testing.T) { runModel(t, steps) })
	})
}

func runModel(t *testing.T, steps []byte) {
	c := quiet()
	c.Increments = true
	c.BatchBytes = 300
	r := &receiverFake{}
	m := &model{exporter: newTestExporter(t, c, r), receiver: r, observed: make([]uint64, 3)}
	for _, b := range steps {
		if b%8 == 2 || b%8 == 4 { // what is counted between two collections around a restart is lost at the source
			m.next = arrives
			m.missing = [4]bool{}
			m.export(t)
		}
		m.step(t, b)
	}
	m.missing = [4]bool{}
	m.export(t)
	r.fate = nil
	if err := m.exporter.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.noConflicts(t)
	got := r.sums()
	want := map[string]float64{
		"c;instance=i;k=0":   float64(m.counted[0]),
		"c;instance=i;k=1":   float64(m.counted[1]),
		"c;instance=i;k=a_b": float64(m.counted[2] + m.counted[3]),
	}
	if m.bounds < maxFormer {
		want["h.count;instance=i"] = float64(m.events)
		want["h.bucket;instance=i;le=+Inf"] = float64(m.events)
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s adds up to %v, want %v", name, got[name], w)
		}
	}
	if s := m.exporter.snapshot(); s.buffered != 0 || !s.oldest.IsZero() {
		t.Errorf("%d lines wait in the end", s.buffered)
	}
}

// TestOwnMetricsDoNotWait collects the exporter's metrics while an export hangs.
func TestOwnMetricsDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: fates(hangs)}
		e := newTestExporter(t, quiet(), r)
		reader := sdkmetric.NewManualReader()
		if err := e.Instrument(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- e.Export(t.Context(), data(counter("a", 1))) }()
		time.Sleep(time.Second)
		start := time.Now()
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &rm); err != nil || len(rm.ScopeMetrics) != 1 || time.Since(start) != 0 {
			t.Errorf("%v, %d scopes after %v", err, len(rm.ScopeMetrics), time.Since(start))
		}
		if err := <-done; err == nil {
			t.Error("the export did not fail")
		}
	})
}
