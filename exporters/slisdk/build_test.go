package slisdk

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelsli/otelsli-go/otelsli"
)

func collect(b *builder) collected {
	return read(&metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{b.build()}})
}

func TestBuildCounters(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	s := newSLI(t, c, "order")
	web := s.With(labels{"web", "gold"})
	for o, n := range []int{5, 4, 3, 2} {
		for range n {
			web.Record(t.Context(), otelsli.Outcome(o))
		}
	}
	got := collect(newBuilder(c))

	want := map[string]float64{
		"sli.undeclared.total{series=kept,sli=order}":              0,
		"sli.undeclared.total{series=overflow,sli=order}":          0,
		"sli.objective.ratio{sli=order,slo=availability}":          0.999,
		"sli.objective.ratio{sli=order,slo=apdex}":                 0.99,
		"sli.objective.window.seconds{sli=order,slo=availability}": 30 * 86400,
		"sli.objective.window.seconds{sli=order,slo=apdex}":        30 * 86400,
	}
	for metric, n := range map[string]float64{
		"total": 12, "error.total": 3, "ignored.total": 2, "apdex.total": 9, "apdex.success.total": 5, "slow.total": 4,
	} {
		want["sli.order."+metric+"{channel=web,tier=gold}"] = n
		want["sli.order."+metric+"{channel=web,tier=free}"] = 0
		want["sli.order."+metric+"{channel=app,tier=gold}"] = 0
	}
	if diff := cmp.Diff(want, got.values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got.monotone["sli.order.total"] != metricdata.CumulativeTemporality {
		t.Errorf("temporality is %v", got.monotone["sli.order.total"])
	}
	if m := got.metrics["sli.order.error.total"]; m.Unit != "{event}" || m.Description != "Events that failed." {
		t.Errorf("unit %q, description %q", m.Unit, m.Description)
	}
}

func TestBuildOutcomesIsOneMetric(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	if err := c.Configure(otelsli.WithLayout(otelsli.Outcomes)); err != nil {
		t.Fatal(err)
	}
	a, b := newSLI(t, c, "a"), newSLI(t, c, "b")
	a.Record(t.Context(), labels{"web", "gold"}, otelsli.Failed)
	b.Record(t.Context(), labels{"web", "gold"}, otelsli.Slow)
	builder := newBuilder(c)
	for range 2 { // the second time in the memory of the first
		var names []string
		for _, m := range builder.build().Metrics {
			names = append(names, m.Name)
		}
		want := []string{"sli.events.total", "sli.objective.ratio", "sli.objective.window.seconds", "sli.undeclared.total"}
		slices.Sort(names)
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("metrics (-want +got):\n%s", diff)
		}
		got := collect(builder)
		if n := len(got.points); n != 2*3*4+4 || got.gauges != 2*4 {
			t.Errorf("%d points of sums, %d of gauges", n, got.gauges)
		}
		for _, series := range []string{
			"sli.events.total{channel=web,outcome=failed,sli=a,tier=gold}",
			"sli.events.total{channel=web,outcome=slow,sli=b,tier=gold}",
		} {
			if got.values[series] != 1 {
				t.Errorf("%s is %v, want 1", series, got.values[series])
			}
		}
	}
}

func TestBuildOmitsMetricsWithoutPoints(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	if got := newBuilder(c).build(); len(got.Metrics) != 0 {
		t.Errorf("metrics of an empty catalog: %v", got.Metrics)
	}
	s, err := otelsli.New[labels](otelsli.Spec{Name: "late"}, nil, otelsli.WithCatalog(c))
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(c)
	if got := collect(b); len(got.metrics) != 1 {
		t.Errorf("metrics without series: %v", got.series())
	}
	if err := s.Declare(declared...); err != nil {
		t.Fatal(err)
	}
	if got := collect(b); len(got.points) != 2+3*3 {
		t.Errorf("series after Declare: %v", got.series())
	}
}

func TestBuildStartTimes(t *testing.T) {
	t.Parallel()
	c := otelsli.NewCatalog()
	before := time.Now()
	s := newSLI(t, c, "order")
	b := newBuilder(c)
	first := collect(b)
	between := time.Now()
	s.Record(t.Context(), labels{"late", "late"}, otelsli.Success)
	second := collect(b)

	early, late := "sli.order.total{channel=web,tier=gold}", "sli.order.total{channel=late,tier=late}"
	if p := first.points[early]; p.StartTime.Before(before) || p.StartTime.After(between) || p.Time.Before(p.StartTime) {
		t.Errorf("first point from %v to %v, SLI made after %v", p.StartTime, p.Time, before)
	}
	if a, b := first.points[early].StartTime, second.points[early].StartTime; !a.Equal(b) {
		t.Errorf("start time of a cumulative series moved from %v to %v", a, b)
	}
	if p := second.points[late]; p.StartTime.Before(between) || p.Time.Before(p.StartTime) {
		t.Errorf("late series from %v to %v, born after %v", p.StartTime, p.Time, between)
	}
	for series, p := range second.points {
		if !p.Time.Equal(second.points[early].Time) {
			t.Errorf("time of %s differs from that of others", series)
		}
	}
}

// TestBuildIsConsistent builds while others record and declare.
func TestBuildIsConsistent(t *testing.T) {
	t.Parallel()
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			t.Parallel()
			c := otelsli.NewCatalog()
			if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
				t.Fatal(err)
			}
			s := newSLI(t, c, "order")
			stop := make(chan struct{})
			var others sync.WaitGroup
			for g := range 3 {
				others.Go(func() { recordUntil(stop, c, s, g) })
			}
			b := newBuilder(c)
			var last collected
			for range 60 {
				last = checkConsistent(t, last, collect(b))
			}
			close(stop)
			others.Wait()
		})
	}
}

// recordUntil records all outcomes, on declared series and on new ones, and declares SLIs.
func recordUntil(stop <-chan struct{}, c *otelsli.Catalog, s *otelsli.SLI[labels], g int) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		l := declared[i%len(declared)]
		if i%1000 == 0 && i < 20_000 {
			l = labels{fmt.Sprint("g", g), fmt.Sprint("i", i)}
			_, _ = otelsli.New(otelsli.Spec{Name: fmt.Sprintf("late_%d_%d", g, i)}, []labels{l}, otelsli.WithCatalog(c))
		}
		s.Record(context.Background(), l, otelsli.Outcome(i%4))
		if i%100 == 0 {
			runtime.Gosched() // or else the builder waits for its turn for most of the test
		}
	}
}

// checkConsistent holds one collection against itself and against the one before.
func checkConsistent(t *testing.T, last, now collected) collected {
	t.Helper()
	for series, v := range now.values {
		for part, whole := range map[string]string{".error.total{": ".total{", ".apdex.success.total{": ".apdex.total{", ".slow.total{": ".apdex.total{"} {
			if whole := strings.Replace(series, part, whole, 1); whole != series && v > now.values[whole] {
				t.Fatalf("%s is %v, more than %v of %s", series, v, now.values[whole], whole)
			}
		}
	}
	for series, v := range last.values {
		if n, ok := now.values[series]; !ok || n < v {
			t.Fatalf("%s fell from %v to %v (exists: %v)", series, v, n, ok)
		}
	}
	for series, p := range now.points {
		if p.StartTime.After(p.Time) {
			t.Fatalf("%s starts at %v, after its time %v", series, p.StartTime, p.Time)
		}
	}
	return now
}

func TestBuildAllocations(t *testing.T) { //nolint:paralleltest // counts the allocations of the whole process
	for _, temporality := range []metricdata.Temporality{metricdata.CumulativeTemporality, metricdata.DeltaTemporality} {
		t.Run(temporality.String(), func(t *testing.T) {
			c, _ := manySeries(t, 1000)
			p := newPipeline(t, c, &exporterFake{temporality: temporality})
			round := func() {
				p.slis.build()
				if p.slis.deltas != nil {
					p.slis.deltas.settle(p, p.slis)
				}
			}
			for range 3 {
				round()
			}
			if n := testing.AllocsPerRun(20, round); n > 5 {
				t.Errorf("%v allocations for 1000 series, want at most 5", n)
			}
		})
	}
}

// manySeries declares about n series, 100 to an SLI.
func manySeries(t testing.TB, n int) (*otelsli.Catalog, []*otelsli.SLI[labels]) {
	t.Helper()
	c := otelsli.NewCatalog()
	var slis []*otelsli.SLI[labels]
	for i := range n / 100 {
		var all []labels
		for j := range 100 {
			all = append(all, labels{fmt.Sprint("channel-", j/10), fmt.Sprint("tier-", j%10)})
		}
		s, err := otelsli.New(otelsli.Spec{Name: fmt.Sprintf("op_%d", i), Threshold: time.Second}, all, otelsli.WithCatalog(c))
		if err != nil {
			t.Fatal(err)
		}
		slis = append(slis, s)
	}
	return c, slis
}
