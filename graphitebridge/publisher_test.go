package graphitebridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/otelsli/otelsli-go/otelsli"
)

func newTestPublisher(t *testing.T, c PublisherConfig, s sender) *Publisher {
	t.Helper()
	c.UUID, c.Service, c.Instance = "u-1", "shop", "i"
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		t.Fatal(err)
	}
	p := newPublisher(c, s)
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

func TestPublisherThatDoesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]PublisherConfig{
		"disabled":     {Disabled: true, UUID: "u", Service: "s", Server: "nonsense"},
		"unconfigured": {Server: "nonsense", MaxSeries: -1},
	} {
		p, err := NewPublisher(c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkIdle(t, name, p)
	}
	checkIdle(t, "nil", nil)
	checkIdle(t, "zero", &Publisher{})
}

func checkIdle(t *testing.T, name string, p *Publisher) {
	t.Helper()
	if p.Enabled() || p.Send(ResponseSuccess, "m", nil) || p.SendError("api", "timeout", nil) || p.Refused() != 0 {
		t.Errorf("%s: not idle", name)
	}
	if err := errors.Join(p.Flush(t.Context()), p.Close(t.Context()), p.Close(t.Context())); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestPublisherAddsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{}
		p := newTestPublisher(t, PublisherConfig{}, r)
		for range 3 {
			if !p.Send(ResponseSuccess, "place order", map[string]string{"z": "1", "service": "x\nput y 1 1", "a": ""}) {
				t.Error("not taken")
			}
		}
		p.Send(ResponseFailure, "pay", nil)
		p.SendError("data.base", "timeout", map[string]string{"component": "db"})
		time.Sleep(1500 * time.Millisecond)
		if b := r.batches(); len(b) != 1 {
			t.Fatalf("%d batches", len(b))
		}
		want := map[string]float64{
			"error-budget.counters.u-1;service=shop;response_type=success;method_name=place_order;instance=i;a=unspecified;exported_service=x_put_y_1_1;z=1": 3,
			"error-budget.counters.u-1;service=shop;response_type=failure;method_name=pay;instance=i":                                                        1,
			"shop.data_base.timeout.error;service=shop;instance=i;component=db":                                                                              1,
		}
		if diff := cmp.Diff(want, r.sums()); diff != "" {
			t.Errorf("sums (-want +got):\n%s", diff)
		}
		time.Sleep(10 * time.Second)
		if b := r.batches(); len(b) != 1 {
			t.Errorf("%d batches, though nothing happened", len(b))
		}
	})
}

func TestPublisherIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 2))
				r := &receiverFake{fate: func(int) fate { return fate(random.IntN(int(hangs))) }}
				p := newTestPublisher(t, PublisherConfig{Interval: 300 * time.Millisecond}, r)
				var all sync.WaitGroup
				for g := range 4 {
					all.Go(func() {
						for i := range 200 {
							// The values of a and b become equal once safe.
							p.Send(ResponseSuccess, "m", map[string]string{"k": []string{"a b", "a_b", "c"}[(g+i)%3]})
							time.Sleep(37 * time.Millisecond)
						}
					})
				}
				all.Wait()
				r.mu.Lock()
				r.fate = nil
				r.mu.Unlock()
				if err := p.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				total := 0.0
				for _, v := range r.sums() {
					total += v
				}
				if total != 800 || len(r.points) != 2 || p.Refused() != 0 {
					t.Errorf("%v events in %d series, %d refused", total, len(r.points), p.Refused())
				}
				r.noConflicts(t)
			})
		})
	}
}

func TestPublisherRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: func(int) fate { return refused }}
		p := newTestPublisher(t, PublisherConfig{MaxSeries: 2}, r)
		many := map[string]string{"a": "", "b": "", "c": "", "d": "", "e": ""}
		for i, c := range []struct {
			taken bool
			kind  string
			tags  map[string]string
		}{
			{true, ResponseSuccess, map[string]string{"file": "1"}},
			{false, "succes", nil},
			{false, ResponseSuccess, many},
			{true, ResponseSuccess, map[string]string{"file": "2"}},
			{false, ResponseSuccess, map[string]string{"file": "3"}},
			{true, ResponseSuccess, map[string]string{"file": "1"}},
		} {
			if got := p.Send(c.kind, "m", c.tags); got != c.taken {
				t.Errorf("event %d: taken is %v", i, got)
			}
		}
		if p.Refused() != 3 {
			t.Errorf("refused %d", p.Refused())
		}
		if err := p.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), DefaultAgent) {
			t.Errorf("flush: %v", err)
		}
		r.mu.Lock()
		r.fate = nil
		r.mu.Unlock()
		time.Sleep(5 * time.Minute) // the series without events are forgotten
		if !p.Send(ResponseSuccess, "m", map[string]string{"file": "3"}) {
			t.Error("no place for a new series")
		}
		if err := p.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.Send(ResponseSuccess, "m", nil) || p.Enabled() || len(r.points) != 3 {
			t.Errorf("after Close: %d series", len(r.points))
		}
	})
}

func TestPublisherClosesWithinItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiverFake{fate: func(int) fate { return hangs }}
		p := newTestPublisher(t, PublisherConfig{}, r)
		p.Send(ResponseSuccess, "m", nil)
		time.Sleep(2 * time.Second) // its goroutine hangs in a delivery
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		err := p.Close(ctx)
		if took := time.Since(start); took != 3*time.Second || !errors.Is(err, errDown) || r.closed != 1 {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestSynchronousPublisher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := &receiverFake{fate: fates(arrives, hangs)}
		p := newTestPublisher(t, PublisherConfig{Synchronous: true, Logger: slog.New(slog.NewTextHandler(&log, nil))}, r)
		send := func(want bool, took time.Duration) {
			t.Helper()
			start := time.Now()
			if got := p.Send(ResponseSuccess, "m", nil); got != want || time.Since(start) != took {
				t.Errorf("%v after %v, want %v after %v", got, time.Since(start), want, took)
			}
		}
		send(true, 0)
		send(false, time.Second)
		send(false, 0) // without trying: the agent did not answer
		time.Sleep(2 * time.Second)
		send(true, 0)
		if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "fails") || !strings.Contains(text, "works again") {
			t.Errorf("log:\n%s", text)
		}
		if p.Refused() != 2 || len(r.batches()) != 3 {
			t.Errorf("refused %d of %d", p.Refused(), len(r.batches()))
		}
		if err := errors.Join(p.Flush(t.Context()), p.Close(t.Context())); err != nil || p.Send(ResponseSuccess, "m", nil) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestSynchronousPublisherIsClosed: an event that Close breaks off says nothing of the agent.
func TestSynchronousPublisherIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := newTestPublisher(t, PublisherConfig{Synchronous: true, Logger: slog.New(slog.NewTextHandler(&log, nil))},
			&receiverFake{fate: fates(hangs)})
		sent := make(chan bool)
		go func() { sent <- p.Send(ResponseSuccess, "m", nil) }()
		time.Sleep(time.Second / 2)
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if <-sent || p.Refused() != 1 || log.Len() > 0 {
			t.Errorf("refused %d, log:\n%s", p.Refused(), log.String())
		}
	})
}

func TestPublisherConfigErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config PublisherConfig
		want   string
	}{
		{PublisherConfig{UUID: "u"}, "PublisherConfig.Service"},
		{PublisherConfig{UUID: "u", Service: "s", Interval: -1}, "PublisherConfig.Interval is -1ns"},
		{PublisherConfig{UUID: "u", Service: "s", MaxSeries: -1}, "PublisherConfig.MaxSeries"},
		{PublisherConfig{UUID: "u", Service: "s", LogInterval: -1}, "PublisherConfig.LogInterval"},
		{PublisherConfig{UUID: "u", Service: "s", Server: "http://localhost:1"}, "tcp://host:port"},
	} {
		_, err := NewPublisher(c.config)
		var field *otelsli.FieldError
		if !errors.As(err, &field) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	c := PublisherConfig{UUID: "u", Service: "s"}
	p := newPublisher(c.withDefaults(), acknowledging{})
	defer func() { _ = p.Close(context.Background()) }()
	tags := map[string]string{"reason": "timeout", "error": "none"}
	b.ReportAllocs()
	for b.Loop() {
		p.Send(ResponseSuccess, "place_order", tags)
	}
}

// TestPublisherFlushNamesItsServer: also where it only waited for another flush.
func TestPublisherFlushNamesItsServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newTestPublisher(t, PublisherConfig{}, &receiverFake{fate: fates(hangs)})
		p.Send(ResponseSuccess, "m", nil)
		time.Sleep(2 * time.Second) // its goroutine hangs in a delivery
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "earlier flush to "+DefaultAgent) {
			t.Errorf("flush: %v", err)
		}
	})
}
