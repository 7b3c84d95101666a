package contract

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// Exemplars are the exemplars of one collection, by series as in [Samples].
type Exemplars map[string]Exemplar

// An Exemplar is an [otelsli.Exemplar] as text, with its time in seconds.
type Exemplar struct {
	TraceID, SpanID string // in lower-case hexadecimal
	Value           float64
	Time            int64 // Unix seconds
}

// An ExemplarDoor is a [Door] for exemplars. The function that it returns makes one collection and
// returns the latest exemplar of each series received so far.
type ExemplarDoor func(t testing.TB, c *otelsli.Catalog) func() Exemplars

// put adds an exemplar under the key of its sample in [Samples].
func (x Exemplars) put(name string, labels map[string]string, e Exemplar) {
	key := make(Samples, 1)
	key.put(name, labels, 0)
	for series := range key {
		x[series] = e
	}
}

// ExemplarsFromCatalog reads the catalog directly, without a door.
func ExemplarsFromCatalog(c *otelsli.Catalog) Exemplars {
	x := make(Exemplars)
	for f := range c.Collect() {
		for p := range f.Points() {
			for i, counter := range f.Counters() {
				if e, ok := p.Exemplar(i); ok {
					x.put(counter.Name, labelsOf(p.Attributes(i)), Exemplar{e.TraceID.String(), e.SpanID.String(), 1, e.Time.Unix()})
				}
			}
		}
	}
	return x
}

// ExemplarsFromMetricData reads the SLI scope of an SDK collection.
func ExemplarsFromMetricData(rm *metricdata.ResourceMetrics) Exemplars {
	x := make(Exemplars)
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			data, ok := m.Data.(metricdata.Sum[int64])
			if !ok || scope.Scope.Name != otelsli.ScopeName {
				continue
			}
			for _, p := range data.DataPoints {
				for _, e := range p.Exemplars {
					x.put(m.Name, labelsOf(p.Attributes), Exemplar{
						hex.EncodeToString(e.TraceID), hex.EncodeToString(e.SpanID), float64(e.Value), e.Time.Unix(),
					})
				}
			}
		}
	}
	return x
}

// ExemplarsFromFamilies reads the families of a Prometheus gatherer.
func ExemplarsFromFamilies(families []*dto.MetricFamily) Exemplars {
	x := make(Exemplars)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			e := m.GetCounter().GetExemplar()
			if e == nil {
				continue
			}
			of := labelPairs(e.GetLabel())
			x.put(f.GetName(), labelPairs(m.GetLabel()), Exemplar{
				of["trace_id"], of["span_id"], e.GetValue(), e.GetTimestamp().AsTime().Unix(),
			})
		}
	}
	return x
}

func labelPairs(pairs []*dto.LabelPair) map[string]string {
	labels := make(map[string]string, len(pairs))
	for _, l := range pairs {
		labels[l.GetName()] = l.GetValue()
	}
	return labels
}

// TestExemplars tests a door against the contract for exemplars.
func TestExemplars(t *testing.T, open ExemplarDoor) {
	for _, layout := range []otelsli.Layout{otelsli.Counters, otelsli.Outcomes} {
		t.Run(layout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := otelsli.NewCatalog()
				if err := c.Configure(otelsli.WithLayout(layout)); err != nil {
					t.Fatal(err)
				}
				testExemplars(t, c, open)
			})
		})
	}
}

func testExemplars(t *testing.T, c *otelsli.Catalog, open ExemplarDoor) {
	order := declare(t, c, "order")
	collect := open(t, c)
	check := func(what string, spans ...byte) {
		t.Helper()
		time.Sleep(time.Nanosecond) // no two collections have the same time
		want, got := ExemplarsFromCatalog(c), collect()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		seen := fmt.Sprint(got)
		for _, span := range spans {
			if id := fmt.Sprintf("%016x", span); !strings.Contains(seen, id) {
				t.Errorf("%s: span %s is in none of the exemplars: %s", what, id, seen)
			}
		}
		time.Sleep(otelsli.ExemplarInterval)
	}
	check("nothing was recorded")
	for o := range otelsli.Ignored + 1 {
		order.Record(inSpan(t, byte(o)+1), combinations()[0], o)
		order.Record(t.Context(), combinations()[1], o)
	}
	check("one event of each outcome", 2, 3)
	check("nothing was recorded since")
	order.Record(inSpan(t, 11), combinations()[0], otelsli.Failed)
	order.Record(inSpan(t, 12), combinations()[3], otelsli.Slow)
	order.Record(inSpan(t, 13), labels{"fax", "gold"}, otelsli.Failed) // undeclared
	check("newer ones and those of other series", 2, 11, 12, 13)
}

// inSpan returns a context with the sampled span n of trace n.
func inSpan(t *testing.T, n byte) context.Context {
	return trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: n}, SpanID: trace.SpanID{7: n}, TraceFlags: trace.FlagsSampled,
	}))
}
