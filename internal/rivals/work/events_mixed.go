package work

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelsli/otelsli-go/otelsli"
)

// outcomes are those of 64 events, of which one in eight is no success.
var outcomes = func() (all [64]otelsli.Outcome) {
	for i := range all {
		switch i * 37 % 64 {
		case 0, 1, 2, 3:
			all[i] = otelsli.Failed
		case 4, 5:
			all[i] = otelsli.Slow
		case 6, 7:
			all[i] = otelsli.Ignored
		}
	}
	return all
}()

// mixed counts events of all outcomes: two counters of which the second counts the successes.
func mixed() Case {
	return Case{Name: "event/mixed", Title: "event, bound, one in eight no success", Rivals: []Rival{
		{Ours, func() Subject {
			_, sli := declared(1)
			ctx, bound := context.Background(), sli.With(combinations(1)[0])
			return Subject{
				Run: func(n int) {
					for i := range n {
						bound.Record(ctx, outcomes[i%len(outcomes)])
					}
				},
				Result: func() string { return mixture(bound.Counts()) },
			}
		}},
		{Limit, func() Subject {
			var cells [len(otelsli.Counts{})]atomic.Int64
			return Subject{
				Run: func(n int) {
					for i := range n {
						cells[outcomes[i%len(outcomes)]].Add(1)
					}
				},
				Result: func() string {
					var counts otelsli.Counts
					for i := range cells {
						counts[i] = cells[i].Load()
					}
					return mixture(counts)
				},
			}
		}},
		{ClientGolang, func() Subject {
			total := prometheus.NewCounter(prometheus.CounterOpts{Name: "total"})
			success := prometheus.NewCounter(prometheus.CounterOpts{Name: "success"})
			return Subject{
				Run: func(n int) {
					for i := range n {
						total.Inc()
						if outcomes[i%len(outcomes)] == otelsli.Success {
							success.Inc()
						}
					}
				},
				Result: func() string { return mixtureOf(promValue(total), promValue(success)) },
			}
		}},
	}}
}

func mixture(c otelsli.Counts) string {
	return mixtureOf(c.Total()+c[otelsli.Ignored], c[otelsli.Success])
}

func mixtureOf(all, success int64) string {
	return fmt.Sprintf("%d events, %d successes", all, success)
}

// sampled returns a context with a span that is sampled.
func sampled() context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled,
	}))
}

// spans counts within a sampled span, of which others then keep exemplars.
func spans() Case {
	c := Case{Name: "event/span", Title: "event, bound, within a sampled span"}
	c.Rivals = append(c.Rivals, Rival{Ours, func() Subject {
		_, sli := declared(1)
		ctx, bound := sampled(), sli.With(combinations(1)[0])
		return Subject{
			Run: func(n int) {
				for range n {
					bound.Record(ctx, otelsli.Success)
				}
			},
			Result: func() string { return strconv.FormatInt(bound.Counts().Total(), 10) },
		}
	}}, Rival{ClientGolang, func() Subject {
		c := newProm(1).(*prom)
		l, ctx := c.series[0], sampled()
		total := c.total.WithLabelValues(l.Channel, l.Tier).(prometheus.ExemplarAdder)
		success := c.success.WithLabelValues(l.Channel, l.Tier)
		return counting(c, func(n int) {
			for range n {
				id := trace.SpanContextFromContext(ctx).TraceID().String()
				total.AddWithExemplar(1, prometheus.Labels{"trace_id": id})
				success.Inc()
			}
		})
	}})
	for _, readers := range []int{1, 3} {
		c.Rivals = append(c.Rivals, Rival{map[int]string{1: OTel, 3: OTel3}[readers], func() Subject {
			counters := newOTel(1, readers).(*otelCounters)
			counters.ctx = sampled()
			return counting(counters, counters.bound(0))
		}})
	}
	return c
}
