package otelsli_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otelsli/otelsli-go/otelsli"
)

// BenchmarkRecord compares one event with the least that it could cost, a bare atomic add, and with
// two counters of client_golang, total and error, as SLIs are usually made. A failure costs the search
// for its span too.
func BenchmarkRecord(b *testing.B) {
	ctx := context.Background()
	c := quiet()
	first := declare(b, c, otelsli.Spec{Name: "one"}, []one{{"a"}, {"b"}})
	second := declare(b, c, otelsli.Spec{Name: "two"}, manyPairs(100))
	labels := manyPairs(1)[0]
	third := declare(b, c, otelsli.Spec{Name: "three"}, []three{{"a", "b", 1}, {"a", "b", 2}})
	bound := second.With(labels)
	total, failed := counterVec("total", 100), counterVec("failed", 100)
	boundTotal, boundFailed := total.WithLabelValues(labels.Channel, labels.Tier), failed.WithLabelValues(labels.Channel, labels.Tier)
	span := sampled(ctx, 1)
	var bare atomic.Int64

	for _, bench := range []struct {
		name string
		f    func()
	}{
		{"atomic", func() { bare.Add(1) }},
		{"bound", func() { bound.Record(ctx, otelsli.Success) }},
		{"bound, in a span", func() { bound.Record(span, otelsli.Success) }},
		{"client_golang bound", func() { boundTotal.Inc() }},
		{"1 label", func() { first.Record(ctx, one{"a"}, otelsli.Success) }},
		{"2 labels", func() { second.Record(ctx, labels, otelsli.Success) }},
		{"3 labels", func() { third.Record(ctx, three{"a", "b", 1}, otelsli.Success) }},
		{"client_golang 2 labels", func() { total.WithLabelValues(labels.Channel, labels.Tier).Inc() }},
		{"failed, bound", func() { bound.Record(ctx, otelsli.Failed) }},
		{"failed, bound, in a span", func() { bound.Record(span, otelsli.Failed) }},
		{"failed, client_golang bound", func() { boundTotal.Inc(); boundFailed.Inc() }},
		{"failed, client_golang 2 labels", func() {
			total.WithLabelValues(labels.Channel, labels.Tier).Inc()
			failed.WithLabelValues(labels.Channel, labels.Tier).Inc()
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.f()
			}
		})
	}
}

// counterVec is a vector of client_golang with n series.
func counterVec(name string, n int) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name}, []string{"channel", "tier"})
	for _, l := range manyPairs(n) {
		v.WithLabelValues(l.Channel, l.Tier)
	}
	return v
}

// BenchmarkRecordParallel has all goroutines on one series, and each on one of its own.
func BenchmarkRecordParallel(b *testing.B) {
	ctx := context.Background()
	s := declare(b, quiet(), otelsli.Spec{Name: "pay"}, manyPairs(64))
	bounds := make([]otelsli.Bound, 64)
	for i, l := range manyPairs(64) {
		bounds[i] = s.With(l)
	}
	for _, series := range []int{1, 64} {
		b.Run(fmt.Sprintf("%d series", series), func(b *testing.B) {
			b.ReportAllocs()
			var next atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				bound := bounds[int(next.Add(1))%series]
				for pb.Next() {
					bound.Record(ctx, otelsli.Success)
				}
			})
		})
	}
}

// BenchmarkJudge is the way of an event whose outcome is not given: two readings of the clock, the
// classifier and the threshold.
func BenchmarkJudge(b *testing.B) {
	ctx := context.Background()
	s := declare(b, quiet(), checkout(), []pair{webGold, webFree})
	work := func(context.Context) error { return nil }
	for _, bench := range []struct {
		name string
		f    func()
	}{
		{"Observe", func() { s.Observe(ctx, webGold, time.Millisecond, nil) }},
		{"Observe error", func() { s.Observe(ctx, webGold, time.Millisecond, errBroken) }},
		{"Start End", func() { place(ctx, s) }},
		{"Do", func() { s.Do(ctx, webGold, work) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.f()
			}
		})
	}
}

// BenchmarkOverflow is the way of hostile labels.
func BenchmarkOverflow(b *testing.B) {
	s := declare(b, quiet(), checkout(), []pair{webGold}, otelsli.WithUndeclaredLimit(0))
	labels := manyPairs(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Record(context.Background(), labels[i%len(labels)], otelsli.Success)
	}
}

// BenchmarkCollect reads every value and every set of attributes.
func BenchmarkCollect(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("%d series", n), func(b *testing.B) {
			c := quiet()
			declare(b, c, checkout(), manyPairs(n))
			c.Collect()
			b.ReportAllocs()
			var sum int64
			for b.Loop() {
				for f := range c.Collect() {
					for p := range f.Points() {
						for i := range f.Counters() {
							v, _ := p.Value(i)
							set := p.Attributes(i)
							sum += v + int64(set.Len())
						}
					}
				}
			}
		})
	}
}

// BenchmarkDeclare declares 10,000 combinations in one call.
func BenchmarkDeclare(b *testing.B) {
	labels := manyPairs(10_000)
	b.ReportAllocs()
	for b.Loop() {
		declare(b, quiet(), checkout(), labels)
	}
}
