package slisdk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// inSpan returns a context with span n of trace n, which is sampled.
func inSpan(ctx context.Context, n uint16) context.Context {
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    trace.TraceID{14: byte(n >> 8), 15: byte(n)},
		SpanID:     trace.SpanID{6: byte(n >> 8), 7: byte(n)},
		TraceFlags: trace.FlagsSampled,
	}))
}

// exemplarsByMetric returns the exemplars of all points, as text, by metric.
func exemplarsByMetric(t testing.TB, metrics []metricdata.Metrics) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	for _, m := range metrics {
		data, ok := m.Data.(metricdata.Sum[int64])
		if !ok {
			continue
		}
		for _, p := range data.DataPoints {
			for _, e := range p.Exemplars {
				if e.Value != 1 || e.Time.After(p.Time) || e.Time.Before(p.StartTime) || len(e.FilteredAttributes) > 0 {
					t.Errorf("%s from %v to %v has the exemplar %+v", m.Name, p.StartTime, p.Time, e)
				}
				found[m.Name] = append(found[m.Name], fmt.Sprintf("%x %x", e.TraceID[12:], e.SpanID[4:]))
			}
		}
	}
	return found
}

func TestExemplars(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		b := newBuilder(c)
		want := make(map[string][]string)
		wantAll := func(what string) {
			t.Helper()
			if diff := cmp.Diff(want, exemplarsByMetric(t, b.build().Metrics)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		wantAll("nothing was recorded")
		s.Record(inSpan(t.Context(), 1), declared[0], otelsli.Failed)
		want["sli.order.error.total"] = []string{"00000001 00000001"}
		wantAll("a failed event")
		s.Record(inSpan(t.Context(), 2), declared[1], otelsli.Slow)
		s.Record(inSpan(t.Context(), 3), declared[2], otelsli.Slow)
		want["sli.order.apdex.total"] = []string{"00000002 00000002", "00000003 00000003"}
		want["sli.order.slow.total"] = want["sli.order.apdex.total"]
		wantAll("slow events of other series")
		time.Sleep(otelsli.ExemplarInterval)
		s.Record(inSpan(t.Context(), 4), declared[0], otelsli.Failed)
		want["sli.order.error.total"] = []string{"00000004 00000004"}
		wantAll("a newer one, in place of the first")
		time.Sleep(time.Hour)
		wantAll("nothing newer")
	})
}

// TestExemplarsOfManySeries: each point refers to its own, though their memory grew meanwhile.
func TestExemplarsOfManySeries(t *testing.T) {
	t.Parallel()
	c, slis := manySeries(t, 500)
	n := 0
	for _, s := range slis {
		for name, bound := range c.Series() {
			if name == s.Name() {
				n++
				bound.Record(inSpan(t.Context(), uint16(n)), otelsli.Failed)
			}
		}
	}
	b := newBuilder(c)
	for range 2 {
		var spans []uint16
		for _, m := range b.build().Metrics {
			data, _ := m.Data.(metricdata.Sum[int64])
			for _, p := range data.DataPoints {
				for _, e := range p.Exemplars {
					spans = append(spans, binary.BigEndian.Uint16(e.SpanID[6:]))
					if cap(p.Exemplars) != 1 {
						t.Errorf("an append to the exemplars of %s would overwrite others", m.Name)
					}
				}
			}
		}
		for i, span := range spans {
			if int(span) != i+1 {
				t.Fatalf("exemplar %d is of span %d", i, span)
			}
		}
		if len(spans) != n || n != 500 {
			t.Errorf("%d exemplars of %d series", len(spans), n)
		}
	}
}

// TestDeltaExemplars: each goes out with the interval that it is of, once that arrives.
func TestDeltaExemplars(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		e := &exemplarExporter{exporterFake: newDelta(), t: t}
		p := newPipeline(t, c, e)
		const failed = "sli.order.error.total"
		for i, step := range []struct {
			span    uint16 // recorded before; 0: none
			arrives bool
			want    string
		}{
			{0, true, ""},
			{1, true, "00000001 00000001"},
			{0, true, ""},
			{2, false, "00000002 00000002"},
			{0, false, "00000002 00000002"}, // that of an interval that has not arrived yet
			{0, true, "00000002 00000002"},
			{0, true, ""},
			{3, false, "00000003 00000003"},
			{4, true, "00000004 00000004"},
		} {
			time.Sleep(time.Nanosecond) // what is as old as the collection before belongs to that
			if step.span > 0 {
				s.Record(inSpan(t.Context(), step.span), declared[0], otelsli.Failed)
			}
			time.Sleep(time.Minute)
			e.setAct(func(context.Context) error { return unless(!step.arrives, "refused") })
			_ = p.Flush(t.Context())
			if got := strings.Join(e.last[failed], ", "); got != step.want {
				t.Errorf("step %d: exemplars %q, want %q", i, got, step.want)
			}
		}
	})
}

// An exemplarExporter reads exemplars while their memory is valid.
type exemplarExporter struct {
	*exporterFake
	t    *testing.T
	last map[string][]string
}

func (e *exemplarExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	e.last = exemplarsByMetric(e.t, rm.ScopeMetrics[0].Metrics)
	return e.exporterFake.Export(ctx, rm)
}

// TestExemplarOfLaterEvent: a point has no exemplar that is newer than itself.
func TestExemplarOfLaterEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := otelsli.NewCatalog()
		s := newSLI(t, c, "order")
		b := newBuilder(c)
		b.now = time.Now()
		time.Sleep(time.Nanosecond)
		s.Record(inSpan(t.Context(), 1), declared[0], otelsli.Failed)
		for f := range c.Collect() {
			for p := range f.Points() {
				for i := range f.Counters() {
					if got := b.exemplarsOf(&p, i); got != nil {
						t.Errorf("%s has %v, which is after %v", f.Counters()[i].Name, got, b.now)
					}
				}
			}
		}
		if got := exemplarsByMetric(t, b.build().Metrics); len(got) != 1 {
			t.Errorf("the next build has the exemplars %v, want one", got)
		}
	})
}

// TestProducerExemplars: a reader of the SDK gets them, the filter of the SDK aside, and what two
// readers get is their own.
func TestProducerExemplars(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(NewProducer(c)))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { _ = mp.Shutdown(context.Background()) }()
	s.Record(inSpan(t.Context(), 1), declared[0], otelsli.Failed)
	var first, second metricdata.ResourceMetrics
	if err := errors.Join(reader.Collect(t.Context(), &first), reader.Collect(t.Context(), &second)); err != nil {
		t.Fatal(err)
	}
	if !metricdatatest.AssertEqual(t, first, second, metricdatatest.IgnoreTimestamp()) {
		t.Error("the second collection differs from the first")
	}
	got := exemplarsByMetric(t, first.ScopeMetrics[0].Metrics)
	if names := slices.Collect(maps.Keys(got)); len(names) != 1 || names[0] != "sli.order.error.total" {
		t.Errorf("metrics with exemplars: %v", names)
	}
}

// TestAllocationsOfExemplars: the memory of the exemplars is kept.
func TestAllocationsOfExemplars(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	c, _ := manySeries(t, 100)
	for _, bound := range c.Series() {
		bound.Record(inSpan(t.Context(), 1), otelsli.Failed)
	}
	b := newBuilder(c)
	b.build()
	without := testing.AllocsPerRun(10, func() {
		if err := c.Configure(otelsli.WithExemplars(otelsli.AlwaysOff)); err != nil {
			t.Error(err)
		}
		b.build()
	})
	with := testing.AllocsPerRun(10, func() {
		if err := c.Configure(otelsli.WithExemplars(otelsli.TraceBased)); err != nil {
			t.Error(err)
		}
		b.build()
	})
	if with > without {
		t.Errorf("%v allocations for 100 exemplars, %v for none", with, without)
	}
	if got := len(b.exemplars.data); got != 100 {
		t.Errorf("%d exemplars are kept, want those of 100 series", got)
	}
}
