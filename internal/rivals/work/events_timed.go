package work

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/otelsli/otelsli-go/otelsli"
)

// timed measures the event too and has its error judged: two readings of the clock.
func timed() Case {
	return Case{Name: "event/timed", Title: "event, by labels, timed and judged", Rivals: []Rival{
		{Ours, timedOurs}, {Limit, timedAtomic}, {ClientGolang, timedProm},
	}}
}

func timedOurs() Subject {
	_, sli := declared(1)
	labels := combinations(1)[0]
	s := repeat(func(ctx context.Context) (err error) {
		defer sli.Start(ctx, labels).End(&err)
		return work(ctx)
	})
	s.Result = func() string { return strconv.FormatInt(sli.With(labels).Counts()[otelsli.Success], 10) }
	return s
}

// timedAtomic is the limit: no labels, no panic that counts.
func timedAtomic() Subject {
	var cell atomic.Int64
	threshold := spec().Threshold
	s := repeat(func(ctx context.Context) error {
		begin := time.Now()
		err := work(ctx)
		if time.Since(begin) <= threshold && err == nil {
			cell.Add(1)
		}
		return err
	})
	s.Result = func() string { return strconv.FormatInt(cell.Load(), 10) }
	return s
}

func timedProm() Subject {
	c := newProm(1).(*prom)
	labels, threshold := c.series[0], spec().Threshold
	s := repeat(func(ctx context.Context) (err error) {
		begin := time.Now()
		defer func() {
			c.total.WithLabelValues(labels.Channel, labels.Tier).Inc()
			if err == nil && time.Since(begin) <= threshold {
				c.success.WithLabelValues(labels.Channel, labels.Tier).Inc()
			}
		}()
		return work(ctx)
	})
	s.Result = func() string { return strconv.FormatInt(c.counted(), 10) }
	return s
}

// work is an operation that does nothing but might fail.
//
//go:noinline
func work(ctx context.Context) error {
	if ctx == nil {
		return errors.New("no context")
	}
	return nil
}

func repeat(place func(context.Context) error) Subject {
	ctx := context.Background()
	return Subject{Run: func(n int) {
		for range n {
			_ = place(ctx)
		}
	}}
}
